import { computeSettings, disabledInContainer, schedulerSettings } from 'settings.bicep'

@description('A compute node: functions in a container app, on a GPU where there is one.')
param name string

param location string
param tags object
param environmentId string

@allowed(['storage', 'servicebus'])
param queues string

@description('App settings that every node has.')
param settings object

param identityId string
param clientId string

@description('Empty until the first image is pushed: a page of Microsoft\'s stands in.')
param image string = ''

param registryServer string

@allowed(['none', 'T4', 'A100'])
param gpu string = 'none'

@description('Folder of .onnx files in the image: functions/Funion.Inference/models, copied there.')
param models string = '/home/site/wwwroot/models'

@allowed(['azureStorage', 'azureManaged'])
param durable string = 'azureStorage'

@description('Of the Durable Task Scheduler; empty with azureStorage.')
param schedulerEndpoint string = ''

param taskHub string = 'buckets'

var roles = loadJsonContent('roles.json')
// The app has every trigger of every role; compute listens on its own queues, of one kind.
var unused = filter(
  concat(roles.functions.inference.storage, roles.functions.inference.servicebus),
  name => !contains(roles.uses.compute[queues], name)
)
var sizes = {
  none: { cpu: '2.0', memory: '4Gi', profile: 'Consumption' }
  T4: { cpu: '8.0', memory: '56Gi', profile: 'gpu' }
  A100: { cpu: '24.0', memory: '220Gi', profile: 'gpu' }
}
var values = union(
  settings,
  computeSettings(models, durable),
  schedulerSettings(schedulerEndpoint, taskHub, clientId),
  disabledInContainer(unused)
)

module app 'br/public:avm/res/app/container-app:0.23.0' = {
  name: 'app-${name}'
  params: {
    name: name
    location: location
    tags: tags
    kind: 'functionapp'
    environmentResourceId: environmentId
    workloadProfileName: sizes[gpu].profile
    managedIdentities: {
      userAssignedResourceIds: [
        identityId
      ]
    }
    // From the beginning: azd replaces the image and nothing else, and the new one is in this registry.
    registries: [
      {
        server: registryServer
        identity: identityId
      }
    ]
    ingressExternal: false
    ingressAllowInsecure: false
    // Without root the image cannot have port 80; the page that stands in has it.
    ingressTargetPort: empty(image) ? 80 : 8080
    // One, always: the container is one client of the network, whose rate is constant. More capacity is more compute nodes.
    scaleSettings: {
      minReplicas: 1
      maxReplicas: 1
    }
    containers: [
      {
        name: 'compute'
        image: empty(image) ? 'mcr.microsoft.com/azuredocs/containerapps-helloworld:latest' : image
        resources: {
          cpu: json(sizes[gpu].cpu)
          memory: sizes[gpu].memory
        }
        env: map(items(values), setting => { name: setting.key, value: setting.value })
        probes: empty(image)
          ? []
          : [
              {
                type: 'Liveness'
                httpGet: {
                  path: '/v1/health/live'
                  port: 8080
                }
                // A model takes its time to load.
                initialDelaySeconds: 60
                periodSeconds: 30
              }
              {
                type: 'Readiness'
                httpGet: {
                  path: '/v1/health/ready'
                  port: 8080
                }
                periodSeconds: 10
              }
            ]
      }
    ]
    enableTelemetry: false
  }
}

output name string = app.outputs.name
