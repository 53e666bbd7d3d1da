import { nodeType } from 'types.bicep'

@description('One identity for each, so that no node can do what another may.')
param nodes nodeType[]

param location string
param tags object

@description('Prefix and suffix of the names.')
param prefix string
param token string

module identities 'br/public:avm/res/managed-identity/user-assigned-identity:0.6.0' = [for node in nodes: {
  name: 'identity-${node.name}'
  params: {
    name: '${prefix}${node.name}-${token}'
    location: location
    tags: union(tags, { 'funion-node': node.name })
    enableTelemetry: false
  }
}]

@description('In the order of the nodes. The class is the role, with the layer of a mix: the key of roles.json.')
output nodes array = [for (node, i) in nodes: {
  name: node.name
  class: node.role == 'mix' ? 'mix-${node.?layer ?? 1}' : node.role
  resourceId: identities[i].outputs.resourceId
  clientId: identities[i].outputs.clientId
  principalId: identities[i].outputs.principalId
}]
