using '../main.bicep'

// A whole network under one operator, who therefore sees all of it: for load tests and demonstrations.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'funion-full')
param location = readEnvironmentVariable('AZURE_LOCATION', 'swedencentral')
param gateways = 2
param mixesPerLayer = 2
param couriers = 2
param replicas = 8
param computes = 1
param gpu = 'T4'
param durable = 'azureManaged'
param instanceMemoryMB = 2048
param alwaysReady = 1
param hop = readEnvironmentVariable('FUNION_HOP', 'false') == 'true'
param metrics = true
param monthlyBudget = 7000
param authoritiesBase64 = readEnvironmentVariable('FUNION_AUTHORITIES', '')
param computeImage = readEnvironmentVariable('SERVICE_COMPUTE_IMAGE_NAME', '')
