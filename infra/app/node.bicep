import { disabledOnPlan } from 'settings.bicep'

@description('A gateway, mix, courier or replica: one function app on a plan of its own, as Flex Consumption asks.')
param name string

param planName string
param location string
param tags object

@allowed(['gateway', 'mix', 'courier', 'replica'])
param role string

@allowed(['storage', 'servicebus'])
param queues string

@description('Whether other operators\' nodes may hand packets over by HTTP.')
param hop bool

@description('App settings, disabled functions aside.')
param settings object

@description('Resource id of the node\'s identity, which reads the app\'s package too.')
param identityId string

param accountName string

@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

@minValue(0)
@description('Instances kept for each group of functions on the way of a packet; 0: the first packet after a pause waits for a cold start.')
param alwaysReady int = 1

@description('For aggregate metrics; empty: none.')
param workspaceId string = ''

var roles = loadJsonContent('roles.json')
var served = hop ? ['Hop', 'Live', 'Ready'] : []
var used = union(roles.uses[role][queues], roles.uses[role].http, roles.functions.node.timers, served)
var all = concat(
  roles.functions.node.storage,
  roles.functions.node.servicebus,
  roles.functions.node.timers,
  roles.functions.node.http
)
var unused = filter(all, name => !contains(used, name))
// No function of this node answers HTTP: its site answers nobody.
var closed = empty(roles.uses[role].http) && !hop

module plan 'br/public:avm/res/web/serverfarm:0.7.0' = {
  name: 'plan-${name}'
  params: {
    name: planName
    location: location
    tags: tags
    skuName: 'FC1'
    kind: 'functionapp'
    reserved: true
    zoneRedundant: false
    enableTelemetry: false
  }
}

module app 'br/public:avm/res/web/site:0.24.0' = {
  name: 'app-${name}'
  params: {
    name: name
    location: location
    tags: tags
    kind: 'functionapp,linux'
    serverFarmResourceId: plan.outputs.resourceId
    managedIdentities: {
      userAssignedResourceIds: [
        identityId
      ]
    }
    httpsOnly: true
    publicNetworkAccess: 'Enabled'
    // An affinity cookie would tie a client's packets together.
    clientAffinityEnabled: false
    clientAffinityProxyEnabled: false
    siteConfig: {
      alwaysOn: false
      http20Enabled: true
      minTlsVersion: '1.2'
      ipSecurityRestrictionsDefaultAction: closed ? 'Deny' : 'Allow'
      scmIpSecurityRestrictionsDefaultAction: 'Allow'
      scmIpSecurityRestrictionsUseMain: false
    }
    basicPublishingCredentialsPolicies: [
      {
        name: 'scm'
        allow: false
      }
      {
        name: 'ftp'
        allow: false
      }
    ]
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: 'https://${accountName}.blob.${environment().suffixes.storage}/app-package'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstances
        alwaysReady: alwaysReady == 0
          ? []
          : map(roles.alwaysReady[role][queues], group => { name: group, instanceCount: alwaysReady })
      }
    }
    configs: [
      {
        name: 'appsettings'
        // The template is the truth: a function that is enabled again must not stay disabled by an older deployment.
        retainCurrentAppSettings: false
        properties: union(settings, disabledOnPlan(unused))
      }
    ]
    diagnosticSettings: empty(workspaceId)
      ? []
      : [
          {
            name: 'totals'
            workspaceResourceId: workspaceId
            metricCategories: [
              {
                category: 'AllMetrics'
              }
            ]
            // Never logs: a line of the host names a message.
            logCategoriesAndGroups: []
          }
        ]
    enableTelemetry: false
  }
}

output name string = app.outputs.name
output hostname string = app.outputs.defaultHostname
