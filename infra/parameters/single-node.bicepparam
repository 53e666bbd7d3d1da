using '../main.bicep'

// One node of an operator in a network of others: no peers here, hops come and go by POST /v1/hop.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'funion-mix')
param location = readEnvironmentVariable('AZURE_LOCATION', 'northeurope')
// Its place in the network, as agreed with the authorities: mix-2-1 is the second of layer 2; courier-1; replica-8.
param nodes = [
  any(union(
    { name: readEnvironmentVariable('FUNION_NODE'), role: split(readEnvironmentVariable('FUNION_NODE'), '-')[0], hop: true },
    startsWith(readEnvironmentVariable('FUNION_NODE'), 'mix-') ? { layer: int(split(readEnvironmentVariable('FUNION_NODE'), '-')[1]) } : {}
  ))
]
// From a gateway of the network; the pin says whom to believe.
param networkDocument = readEnvironmentVariable('FUNION_NETWORK_DOCUMENT', '')
param authoritiesBase64 = readEnvironmentVariable('FUNION_AUTHORITIES', '')
param alwaysReady = 1
param monthlyBudget = 200
