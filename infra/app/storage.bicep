@description('One account for each node: its queues, boxes, replay tags, the host\'s own blobs.')
param name string

param location string
param tags object

@description('With the node\'s prefix. Links and answers are made by the app at run time.')
param queues string[]

@allowed(['Standard_LRS', 'Standard_ZRS'])
@description('No copies in another region: they would outlive a tombstone.')
param sku string = 'Standard_LRS'

@description('For aggregate metrics; empty: none.')
param workspaceId string = ''

module account 'br/public:avm/res/storage/storage-account:0.33.0' = {
  name: 'account-${name}'
  params: {
    name: name
    location: location
    tags: tags
    skuName: sku
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Enabled'
    // The module's own default refuses everybody, and the nodes stand in no virtual network.
    networkAcls: {
      bypass: 'None'
      defaultAction: 'Allow'
    }
    // What is deleted is gone: tombstones, expired epochs and used keys must not be recoverable.
    blobServices: {
      deleteRetentionPolicyEnabled: false
      containerDeleteRetentionPolicyEnabled: false
      isVersioningEnabled: false
      changeFeedEnabled: false
      restorePolicyEnabled: false
      lastAccessTimeTrackingPolicyEnabled: false
      automaticSnapshotPolicyEnabled: false
      containers: [
        {
          name: 'app-package'
        }
        {
          name: 'network'
        }
      ]
    }
    queueServices: {
      queues: map(queues, queue => { name: queue })
    }
    diagnosticSettings: empty(workspaceId)
      ? []
      : [
          {
            name: 'totals'
            workspaceResourceId: workspaceId
            metricCategories: [
              {
                category: 'Transaction'
              }
            ]
          }
        ]
    enableTelemetry: false
  }
}

output name string = account.outputs.name
