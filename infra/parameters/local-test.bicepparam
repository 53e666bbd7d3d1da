using '../main.bicep'

// The smallest whole network, for a day's trial. Small and cold: its delays say nothing about a real one.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'funion-test')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param gateways = 1
param mixesPerLayer = 1
param couriers = 1
param replicas = 8
param computes = 1
param instanceMemoryMB = 512
param alwaysReady = 0
param monthlyBudget = 1500
param hop = readEnvironmentVariable('FUNION_HOP', 'false') == 'true'
param authoritiesBase64 = readEnvironmentVariable('FUNION_AUTHORITIES', '')
param computeImage = readEnvironmentVariable('SERVICE_COMPUTE_IMAGE_NAME', '')
