@description('The enclave of a compute node: a confidential container group on AMD SEV-SNP, an attestation service, and a key that only this image gets.')
param name string

param location string
param tags object

@description('Image with the enclave\'s program, by digest: the policy names its layers, and a tag can be moved.')
param image string

@description('Policy of the group in base64, from the confcom extension over this template. Its SHA-256 is the host data that clients pin.')
param policy string

@description('SHA-256 of the policy before base64, in hex.')
param hostData string

@description('Launch measurement of the utility VM, in hex: what clients pin beside the host data.')
param measurement string

@description('Least security versions of the processor\'s firmware: bootloader, tee, snpfw, microcode. What clients pin, too.')
param firmware object

@description('Resource id of the group\'s user-assigned identity.')
param identityId string

@description('Its principal, which may ask the vault to release the key.')
param principalId string

param vaultName string

@minValue(1)
param cores int = 2

@minValue(2)
param memoryGB int = 8

@description('Where the evaluator on ciphertexts reaches the enclave; in the virtual network only.')
param port int = 7400

param subnetId string

// Key Vault Crypto Service Release User.
var releaseUser = '08bbd89e-9f13-488c-ac41-acfcb10c90ab'

resource attestation 'Microsoft.Attestation/attestationProviders@2021-06-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    publicNetworkAccess: 'Enabled'
  }
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

// Vaults compare with equals only: the least version of each part and the next fifteen.
var versions = [for part in ['bootloader', 'tee', 'snpfw', 'microcode']: {
  anyOf: map(range(firmware[part], 16), version => { claim: 'x-ms-sevsnpvm-${part}-svn', equals: version })
}]

// The sealing root. The claims are those that clients verify: no enclave gets the key that a client would not trust.
resource root 'Microsoft.KeyVault/vaults/keys@2024-11-01' = {
  parent: vault
  name: 'enclave-root'
  tags: tags
  properties: {
    kty: 'RSA-HSM'
    keySize: 3072
    keyOps: ['decrypt', 'unwrapKey']
    attributes: {
      enabled: true
      exportable: true
    }
    release_policy: {
      contentType: 'application/json; charset=utf-8'
      data: base64(string({
        version: '1.0.0'
        anyOf: [
          {
            authority: attestation.properties.attestUri
            allOf: concat([
              { claim: 'x-ms-attestation-type', equals: 'sevsnpvm' }
              { claim: 'x-ms-sevsnpvm-is-debuggable', equals: 'false' }
              { claim: 'x-ms-compliance-status', equals: 'azure-compliant-uvm' }
              { claim: 'x-ms-sevsnpvm-launchmeasurement', equals: measurement }
              { claim: 'x-ms-sevsnpvm-hostdata', equals: hostData }
            ], versions)
          }
        ]
      }))
    }
  }
}

resource release 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(root.id, principalId, releaseUser)
  scope: root
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', releaseUser)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

resource group 'Microsoft.ContainerInstance/containerGroups@2023-05-01' = {
  name: name
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: toObject([identityId], id => id, id => {})
  }
  properties: {
    sku: 'Confidential'
    osType: 'Linux'
    // What an enclave had in memory is in its sealed state, or gone.
    restartPolicy: 'Always'
    confidentialComputeProperties: {
      ccePolicy: policy
    }
    ipAddress: {
      type: 'Private'
      ports: [
        { port: port, protocol: 'TCP' }
      ]
    }
    subnetIds: [
      { id: subnetId }
    ]
    containers: [
      {
        name: 'enclave'
        properties: {
          image: image
          ports: [
            { port: port, protocol: 'TCP' }
          ]
          resources: {
            requests: {
              cpu: cores
              memoryInGB: memoryGB
            }
          }
          securityContext: {
            privileged: false
            allowPrivilegeEscalation: false
            runAsUser: 1654
            runAsGroup: 1654
            capabilities: {
              drop: ['ALL']
            }
          }
        }
      }
    ]
  }
}

output address string = group.properties.ipAddress.ip
output attestUri string = attestation.properties.attestUri
