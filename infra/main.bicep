targetScope = 'subscription'

import { nodeType } from 'app/types.bicep'
import { busSettings, nodeSettings, paceSettings } from 'app/settings.bicep'

@minLength(1)
@maxLength(64)
@description('Name of the environment; with the subscription and the region it makes every other name.')
param environmentName string

@minLength(1)
@metadata({
  azd: {
    type: 'location'
  }
})
param location string

@minValue(0)
param gateways int = 1

@minValue(0)
param mixesPerLayer int = 1

@minValue(0)
param couriers int = 1

@minValue(0)
@description('No authority makes a network document with fewer than 8.')
param replicas int = 8

@minValue(0)
param computes int = 1

@description('The nodes themselves, where the counts above do not say it: one operator runs one mix, another two replicas.')
param nodes nodeType[] = concat(
  map(range(0, gateways), i => { name: 'gateway-${i}', role: 'gateway' }),
  flatten(map([1, 2, 3], l => map(range(0, mixesPerLayer), i => { name: 'mix-${l}-${i}', role: 'mix', layer: l }))),
  map(range(0, couriers), i => { name: 'courier-${i}', role: 'courier' }),
  map(range(0, replicas), i => { name: 'replica-${i}', role: 'replica' }),
  map(range(0, computes), i => { name: 'compute-${i}', role: 'compute' })
)

@description('Every node but compute takes POST /v1/hop from other operators\' nodes, and has an address. So must whoever stands beside theirs.')
param hop bool = false

@description('URL of the signed network document; empty: each node reads network/network.json in its own storage account, with its identity.')
param networkDocument string = ''

@description('The pin, the public file FILE.authorities in base64: quotes do not survive azd\'s substitution.')
param authoritiesBase64 string = ''

@allowed(['storage', 'servicebus'])
@description('Storage queues delay by whole seconds: a mean delay under 2 s takes servicebus.')
param queues string = 'storage'

@description('How often nodes look at Storage queues: every second, or every ten.')
@allowed(['economical', 'responsive'])
param latencyProfile string = 'responsive'

@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Of each function app but compute.')
param maximumInstances int = 40

@minValue(0)
@description('Instances that a gateway and a mix keep for each step of a packet.')
param alwaysReady int = 1

@allowed(['none', 'T4', 'A100'])
param gpu string = 'none'

@allowed(['azureStorage', 'azureManaged'])
@description('Where compute\'s orchestrations keep their history: its own storage account, or a Durable Task Scheduler.')
param durable string = 'azureStorage'

@description('azd fills this in once it has pushed the image.')
param computeImage string = ''

@allowed(['Standard_LRS', 'Standard_ZRS'])
param storageSku string = 'Standard_LRS'

@allowed(['default', 'recover'])
@description('recover: this environment was removed less than a week ago.')
param vaultCreateMode string = 'default'

@description('Whoever deploys: may write keys and the network document. Empty: nobody.')
param principalId string = deployer().objectId

@allowed(['User', 'ServicePrincipal', 'Group'])
param principalType string = 'User'

@description('Sends totals of requests and executions to a workspace. Logs are never sent: their lines name messages.')
param metrics bool = false

@minValue(1)
param monthlyBudget int = 500

@description('Who hears of the budget; empty: no budget is made.')
param budgetEmails string[] = []

@description('Domain of function apps in this cloud.')
param sitesDomain string = 'azurewebsites.net'

var abbrs = loadJsonContent('abbreviations.json')
var roles = loadJsonContent('app/roles.json')
var resourceToken = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var network = {
  document: networkDocument
  authorities: empty(authoritiesBase64) ? '' : base64ToString(authoritiesBase64)
  queues: queues
  latencyProfile: latencyProfile
  storageSuffix: environment().suffixes.storage
  vaultSuffix: environment().suffixes.keyvaultDns
}

// The class is the role, with the layer of a mix: the key of roles.json. Azure's shortest names allow 24 characters and no hyphen.
var all = map(nodes, node => {
  name: node.name
  role: node.role
  class: node.role == 'mix' ? 'mix-${node.?layer ?? 1}' : node.role
  hop: node.role != 'compute' && (hop || (node.?hop ?? false))
  address: node.?address ?? ''
  account: take('${abbrs.storageStorageAccounts}${replace(node.name, '-', '')}${resourceToken}', 24)
  vault: take('${abbrs.keyVaultVaults}${replace(node.name, '-', '')}${resourceToken}', 24)
  bus: '${abbrs.serviceBusNamespaces}${node.name}-${resourceToken}'
  app: node.role == 'compute' ? '${abbrs.appContainerApps}${node.name}-${take(resourceToken, 8)}' : '${abbrs.webSitesFunctions}${node.name}-${resourceToken}'
})
var peerUris = toObject(all, node => node.name, node => queues == 'servicebus'
  ? 'sb://${node.bus}.servicebus.windows.net/${node.name}'
  : 'https://${node.account}.queue.${environment().suffixes.storage}/${node.name}')
// Whom a node sends to, here: the others it reaches by POST /v1/hop, at the address in the network document.
var peers = toObject(all, node => node.name, node => join(map(
  filter(all, to => to.name != node.name && contains(roles.sends[node.class], to.class)),
  to => '${to.name}=${peerUris[to.name]}'
), ';'))
var addresses = toObject(all, node => node.name, node => !empty(node.address)
  ? node.address
  : (contains(['gateway', 'mix'], node.role) || node.hop ? 'https://${node.app}.${sitesDomain}' : ''))
var hasCompute = contains(map(nodes, node => node.role), 'compute')
var firstCompute = first(concat(map(filter(all, node => node.role == 'compute'), node => node.name), ['']))

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: '${abbrs.resourcesResourceGroups}${environmentName}'
  location: location
  tags: tags
}

module identities 'app/identities.bicep' = {
  name: 'identities'
  scope: group
  params: {
    nodes: nodes
    location: location
    tags: tags
    prefix: abbrs.managedIdentityUserAssignedIdentities
    token: resourceToken
  }
}

module workspace 'br/public:avm/res/operational-insights/workspace:0.16.1' = if (metrics) {
  name: 'workspace'
  scope: group
  params: {
    name: '${abbrs.operationalInsightsWorkspaces}${resourceToken}'
    location: location
    tags: tags
    dataRetention: 30
    enableTelemetry: false
  }
}

module storage 'app/storage.bicep' = [for node in all: {
  name: 'storage-${node.name}'
  scope: group
  params: {
    name: node.account
    location: location
    tags: union(tags, { 'funion-node': node.name })
    sku: storageSku
    queues: queues == 'storage' ? map(roles.queues[node.role], queue => '${node.name}-${queue}') : []
    workspaceId: metrics ? workspace!.outputs.resourceId : ''
  }
}]

module vaults 'app/vault.bicep' = [for node in all: {
  name: 'vault-${node.name}'
  scope: group
  params: {
    name: node.vault
    location: location
    tags: union(tags, { 'funion-node': node.name })
    createMode: vaultCreateMode
  }
}]

module buses 'app/servicebus.bicep' = [for node in all: if (queues == 'servicebus') {
  name: 'bus-${node.name}'
  scope: group
  params: {
    name: node.bus
    location: location
    tags: union(tags, { 'funion-node': node.name })
    queues: map(roles.queues[node.role], queue => '${node.name}-${queue}')
  }
}]

module access 'app/rbac.bicep' = [for (node, i) in all: {
  name: 'access-${node.name}'
  scope: group
  params: {
    accountName: storage[i].outputs.name
    vaultName: vaults[i].outputs.name
    busName: queues == 'servicebus' ? buses[i]!.outputs.name : ''
    principalId: identities.outputs.nodes[i].principalId
    senders: map(
      filter(identities.outputs.nodes, sender => sender.name != node.name && contains(roles.sends[sender.class], node.class)),
      sender => { queue: '${node.name}-${roles.sends[sender.class][node.class]}', principalId: sender.principalId }
    )
    operatorId: principalId
    operatorType: principalType
  }
}]

module apps 'app/node.bicep' = [for (node, i) in all: if (node.role != 'compute') {
  name: 'node-${node.name}'
  scope: group
  params: {
    name: node.app
    planName: '${abbrs.webServerFarms}${node.name}-${resourceToken}'
    location: location
    tags: union(tags, { 'funion-node': node.name })
    role: node.role
    queues: queues
    hop: node.hop
    settings: union(
      nodeSettings(union(node, { clientId: identities.outputs.nodes[i].clientId, peers: peers[node.name] }), network),
      paceSettings(latencyProfile),
      busSettings(union(node, { clientId: identities.outputs.nodes[i].clientId }), queues)
    )
    identityId: identities.outputs.nodes[i].resourceId
    accountName: node.account
    instanceMemoryMB: instanceMemoryMB
    maximumInstances: maximumInstances
    alwaysReady: alwaysReady
    workspaceId: metrics ? workspace!.outputs.resourceId : ''
  }
  dependsOn: [
    access[i]
  ]
}]

module containers 'app/containers.bicep' = if (hasCompute) {
  name: 'containers-${environmentName}'
  scope: group
  params: {
    environmentName: '${abbrs.appManagedEnvironments}${resourceToken}'
    registryName: '${abbrs.containerRegistryRegistries}${resourceToken}'
    schedulerName: '${abbrs.durableTaskSchedulers}${resourceToken}'
    location: location
    tags: tags
    gpu: gpu
    durable: durable
    principalIds: map(filter(identities.outputs.nodes, node => node.class == 'compute'), node => node.principalId)
  }
}

module compute 'app/inference.bicep' = [for (node, i) in all: if (node.role == 'compute') {
  name: 'node-${node.name}'
  scope: group
  params: {
    name: node.app
    location: location
    tags: union(tags, { 'funion-node': node.name }, node.name == firstCompute ? { 'azd-service-name': 'compute' } : {})
    environmentId: containers!.outputs.environmentId
    queues: queues
    settings: union(
      nodeSettings(union(node, { clientId: identities.outputs.nodes[i].clientId, peers: peers[node.name] }), network),
      paceSettings(latencyProfile),
      busSettings(union(node, { clientId: identities.outputs.nodes[i].clientId }), queues)
    )
    identityId: identities.outputs.nodes[i].resourceId
    clientId: identities.outputs.nodes[i].clientId
    image: computeImage
    registryServer: containers!.outputs.registryServer
    gpu: gpu
    durable: durable
    schedulerEndpoint: containers!.outputs.schedulerEndpoint
  }
  dependsOn: [
    access[i]
  ]
}]

module budget 'app/budget.bicep' = if (!empty(budgetEmails)) {
  name: 'budget'
  scope: group
  params: {
    name: '${abbrs.consumptionBudgets}${environmentName}'
    amount: monthlyBudget
    emails: budgetEmails
  }
}

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = hasCompute ? containers!.outputs.registryServer : ''
output AZURE_CONTAINER_REGISTRY_NAME string = hasCompute ? containers!.outputs.registryName : ''

// What the hooks read: name:vault:account of every node, and names of apps, with a space between.
output FUNION_NODES string = join(map(all, node => '${node.name}:${node.vault}:${node.account}'), ' ')
output FUNION_FUNCTION_APPS string = join(map(filter(all, node => node.role != 'compute'), node => node.app), ' ')
output FUNION_CONTAINER_APPS string = join(map(filter(all, node => node.role == 'compute'), node => node.app), ' ')
// For the nodes' descriptors: name=url.
output FUNION_ADDRESSES string = join(map(filter(all, node => !empty(addresses[node.name])), node => '${node.name}=${addresses[node.name]}'), ' ')
