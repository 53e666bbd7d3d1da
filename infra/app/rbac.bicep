// All role assignments of one node's resources: its own identity on them, and others only as senders to the one queue that they feed.

param accountName string
param vaultName string

@description('Empty: storage queues.')
param busName string = ''

@description('The node\'s own identity.')
param principalId string

@description('Who sends here: an array of { queue, principalId }, the queue with the node\'s prefix.')
param senders array

@description('Whoever deploys puts keys and the network document in place; empty: nobody.')
param operatorId string = ''

@allowed(['User', 'ServicePrincipal', 'Group'])
param operatorType string = 'User'

var blobOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var blobContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var queueContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var queueSender = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
var tableContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
var busOwner = '090c5cfd-751d-490a-894a-3ce6f1109419'
var busSender = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: accountName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource network 'containers' existing = {
      name: 'network'
    }
  }

  resource queueService 'queueServices' existing = {
    name: 'default'
  }
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

resource bus 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  // Azure reads the names of resources whose condition is false, too.
  name: empty(busName) ? 'none' : busName
}

resource inbound 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' existing = [for sender in senders: {
  parent: account::queueService
  name: sender.queue
}]

resource inboundOnBus 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' existing = [for sender in senders: {
  parent: bus
  name: sender.queue
}]

// The host leases blobs and the app makes containers, queues and tables of its epochs and links: hence owner and contributors. No role leaves out one
// container of an account, so the app may write its own package too.
resource own 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in [blobOwner, queueContributor, tableContributor]: {
  name: guid(account.id, principalId, role)
  scope: account
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}]

resource ownKeys 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, secretsUser)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

// Owner, for the plan's scale controller reads the lengths of queues as this identity, which takes the right to manage: a receiver's app would sleep on.
resource ownBus 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(busName)) {
  name: guid(bus.id, principalId, busOwner)
  scope: bus
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', busOwner)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

resource peers 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (sender, i) in senders: if (empty(busName)) {
  name: guid(account.id, sender.queue, sender.principalId, queueSender)
  scope: inbound[i]
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueSender)
    principalId: sender.principalId
    principalType: 'ServicePrincipal'
  }
}]

resource peersOnBus 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (sender, i) in senders: if (!empty(busName)) {
  name: guid(bus.id, sender.queue, sender.principalId, busSender)
  scope: inboundOnBus[i]
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', busSender)
    principalId: sender.principalId
    principalType: 'ServicePrincipal'
  }
}]

resource operatorKeys 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorId)) {
  name: guid(vault.id, operatorId, secretsOfficer)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsOfficer)
    principalId: operatorId
    principalType: operatorType
  }
}

// The container of the network document only: whoever wants to read boxes has to assign themselves a role, which the subscription's activity log keeps.
resource operatorDocument 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorId)) {
  name: guid(account.id, 'network', operatorId, blobContributor)
  scope: account::blobs::network
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobContributor)
    principalId: operatorId
    principalType: operatorType
  }
}
