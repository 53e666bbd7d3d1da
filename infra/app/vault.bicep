@description('One vault for each node: an identity reads its own keys and can name no others.')
param name string

param location string
param tags object

@allowed(['default', 'recover'])
@description('recover: the environment was removed less than a week ago, and the vault still waits to be purged.')
param createMode string = 'default'

module vault 'br/public:avm/res/key-vault/vault:0.14.0' = {
  name: 'vault-${name}'
  params: {
    name: name
    location: location
    tags: tags
    sku: 'standard'
    createMode: createMode
    enableRbacAuthorization: true
    enableSoftDelete: true
    // The least that Azure allows: secrets of past epochs should not linger.
    softDeleteRetentionInDays: 7
    enablePurgeProtection: true
    enableVaultForDeployment: false
    enableVaultForTemplateDeployment: false
    enableVaultForDiskEncryption: false
    publicNetworkAccess: 'Enabled'
    enableTelemetry: false
  }
}

output name string = vault.outputs.name
