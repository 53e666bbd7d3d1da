@description('What compute nodes share: an environment without logs, a registry, and a scheduler where durable state is not in storage.')
param environmentName string

param registryName string
param schedulerName string
param taskHub string = 'buckets'
param location string
param tags object

@allowed(['none', 'T4', 'A100'])
param gpu string = 'none'

@allowed(['azureStorage', 'azureManaged'])
param durable string = 'azureStorage'

@description('Identities that pull the image and work on orchestrations.')
param principalIds array

var pull = '7f951dda-4ed3-4680-a7ca-43fe172d538d'
var durableTaskContributor = '0ad04412-c4d5-4796-b79c-f76d14c8d402'
var profiles = {
  none: []
  T4: [{ name: 'gpu', workloadProfileType: 'Consumption-GPU-NC8as-T4' }]
  A100: [{ name: 'gpu', workloadProfileType: 'Consumption-GPU-NC24-A100' }]
}

module containers 'br/public:avm/res/app/managed-environment:0.15.0' = {
  name: 'containers'
  params: {
    name: environmentName
    location: location
    tags: tags
    // No destination: container logs go nowhere.
    publicNetworkAccess: 'Enabled'
    zoneRedundant: false
    workloadProfiles: concat([{ name: 'Consumption', workloadProfileType: 'Consumption' }], profiles[gpu])
    enableTelemetry: false
  }
}

module registry 'br/public:avm/res/container-registry/registry:0.12.1' = {
  name: 'registry'
  params: {
    name: registryName
    location: location
    tags: tags
    acrSku: 'Basic'
    acrAdminUserEnabled: false
    publicNetworkAccess: 'Enabled'
    networkRuleSetDefaultAction: 'Allow'
    roleAssignments: map(principalIds, id => {
      principalId: id
      principalType: 'ServicePrincipal'
      roleDefinitionIdOrName: pull
    })
    enableTelemetry: false
  }
}

resource scheduler 'Microsoft.DurableTask/schedulers@2025-11-01' = if (durable == 'azureManaged') {
  name: schedulerName
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'Consumption'
    }
    // An empty list refuses everybody; the identity is what lets compute in.
    ipAllowlist: [
      '0.0.0.0/0'
    ]
  }

  resource hub 'taskHubs' = {
    name: taskHub
  }
}

resource work 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for id in principalIds: if (durable == 'azureManaged') {
  name: guid(scheduler.id, id, durableTaskContributor)
  scope: scheduler
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', durableTaskContributor)
    principalId: id
    principalType: 'ServicePrincipal'
  }
}]

output environmentId string = containers.outputs.resourceId
output registryName string = registry.outputs.name
output registryServer string = registry.outputs.loginServer
output schedulerEndpoint string = durable == 'azureManaged' ? scheduler!.properties.endpoint : ''
