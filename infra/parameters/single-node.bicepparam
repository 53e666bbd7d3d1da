using '../main.bicep'

// One mix of an operator in a network of others: no peers here, hops come and go by POST /v1/hop.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'funion-mix')
param location = readEnvironmentVariable('AZURE_LOCATION', 'northeurope')
param nodes = [
  {
    name: 'mix-2-0'
    role: 'mix'
    layer: 2
    hop: true
  }
]
// From a gateway of the network; the pin says whom to believe.
param networkDocument = readEnvironmentVariable('FUNION_NETWORK_DOCUMENT', '')
param authoritiesBase64 = readEnvironmentVariable('FUNION_AUTHORITIES', '')
param alwaysReady = 1
param monthlyBudget = 200
