# As keys.sh, for PowerShell.
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

if (-not $env:FUNION_NODES) { throw 'FUNION_NODES is missing: an output of main.bicep.' }
$keys = if ($env:FUNION_KEYS) { $env:FUNION_KEYS } else { 'state' }

foreach ($node in $env:FUNION_NODES -split ' ') {
    $name, $vault, $account = $node -split ':'
    $file = Join-Path $keys "$name.keys"
    if (Test-Path $file) {
        $now = az keyvault secret set --vault-name $vault --name "$name-keys" --file $file --encoding base64 --query id --output tsv
        foreach ($version in az keyvault secret list-versions --vault-name $vault --name "$name-keys" --query '[?attributes.enabled].id' --output tsv) {
            if ($version -ne $now) { az keyvault secret set-attributes --id $version --enabled false --output none }
        }
        Write-Output "${name}: keys in $vault"
    }
    else {
        Write-Warning "${name}: no $file; funion network descriptor makes one"
    }
    if ($env:FUNION_DOCUMENT) {
        az storage blob upload --auth-mode login --account-name $account --container-name network --name network.json `
            --file $env:FUNION_DOCUMENT --content-type application/json --overwrite --no-progress --output none
        Write-Output "${name}: network document in $account"
    }
}
