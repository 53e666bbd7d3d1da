// Every app setting of every node is named here, and nowhere else. tests/Funion.Tests/Infrastructure holds the names to the code.

@export()
@description('What the node is, and where its state, keys, peers and network document are.')
func nodeSettings(node object, network object) object => {
  AzureWebJobsStorage__blobServiceUri: 'https://${node.account}.blob.${network.storageSuffix}'
  AzureWebJobsStorage__queueServiceUri: 'https://${node.account}.queue.${network.storageSuffix}'
  AzureWebJobsStorage__tableServiceUri: 'https://${node.account}.table.${network.storageSuffix}'
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: node.clientId
  Funion__Node: node.name
  FUNION_ROLE: node.role
  FUNION_PREFIX: node.name
  Funion__NetworkDocument: empty(network.document) ? 'https://${node.account}.blob.${network.storageSuffix}/network/network.json' : network.document
  Funion__Authorities: network.authorities
  Funion__Keys: 'https://${node.vault}${network.vaultSuffix}/secrets/${node.name}-keys'
  Funion__Queues: network.queues
  Funion__Peers: node.peers
  Funion__LatencyProfile: network.latencyProfile
}

// host.json says what is responsive. NodeSettings reads the same profile, so that slots are drawn as far ahead as the host may sleep.
@export()
@description('How often the host looks at Storage queues.')
func paceSettings(latencyProfile string) object => latencyProfile == 'economical'
  ? { AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:10' }
  : {}

@export()
@description('Storage queues need nothing further.')
func busSettings(node object, queues string) object => queues == 'storage' ? {} : {
  ServiceBus__fullyQualifiedNamespace: '${node.bus}.servicebus.windows.net'
  ServiceBus__credential: 'managedidentity'
  ServiceBus__clientId: node.clientId
}

@export()
@description('What only the container app has: no plan sets its runtime for it.')
func computeSettings(models string, durable string) object => {
  FUNCTIONS_EXTENSION_VERSION: '~4'
  FUNCTIONS_WORKER_RUNTIME: 'dotnet-isolated'
  Funion__Models: models
  AzureFunctionsJobHost__extensions__durableTask__storageProvider__type: durable
}

@export()
@description('An empty endpoint: history lies in the node\'s own storage account.')
func schedulerSettings(endpoint string, hub string, clientId string) object => empty(endpoint) ? {} : {
  AzureFunctionsJobHost__extensions__durableTask__hubName: hub
  AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionStringName: 'DURABLE_TASK_SCHEDULER_CONNECTION_STRING'
  DURABLE_TASK_SCHEDULER_CONNECTION_STRING: 'Endpoint=${endpoint};Authentication=ManagedIdentity;ClientID=${clientId}'
}

@export()
@description('Disables functions of an app on a plan.')
func disabledOnPlan(functions string[]) object => toObject(functions, name => 'AzureWebJobs.${name}.Disabled', name => 'true')

// The host accepts both spellings; an environment variable of a container should have no dots.
@export()
@description('Disables functions of an app in a container.')
func disabledInContainer(functions string[]) object => toObject(functions, name => 'AzureWebJobs_${name}_Disabled', name => 'true')
