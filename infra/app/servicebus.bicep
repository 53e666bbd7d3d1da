@description('One namespace for each node, as with storage accounts; only where Funion__Queues is servicebus.')
param name string

param location string
param tags object

@allowed(['Standard', 'Premium'])
param sku string = 'Standard'

@description('With the node\'s prefix.')
param queues string[]

module namespace 'br/public:avm/res/service-bus/namespace:0.17.0' = {
  name: 'bus-${name}'
  params: {
    name: name
    location: location
    tags: tags
    skuObject: sku == 'Premium' ? { name: 'Premium', capacity: 1 } : { name: 'Standard' }
    disableLocalAuth: true
    authorizationRules: []
    minimumTlsVersion: '1.2'
    publicNetworkAccess: 'Enabled'
    queues: map(queues, queue => {
      name: queue
      lockDuration: 'PT1M'
      // A packet whose epoch has passed is worth nothing; nothing is set aside for anyone to look at.
      defaultMessageTimeToLive: 'P1D'
      deadLetteringOnMessageExpiration: false
      requiresDuplicateDetection: false
      // The app deletes what it cannot handle, long before this; what the broker gave back unseen has been counted too.
      maxDeliveryCount: 2000
    })
    enableTelemetry: false
  }
}

output name string = namespace.outputs.name
