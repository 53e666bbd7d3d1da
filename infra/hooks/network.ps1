# As network.sh, for PowerShell.
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

if (-not $env:FUNION_NODES) { throw 'FUNION_NODES is missing: an output of main.bicep.' }
$root = Resolve-Path (Join-Path $PSScriptRoot '../..')
$keys = if ($env:FUNION_KEYS) { $env:FUNION_KEYS } else { 'state' }
$document = if ($env:FUNION_DOCUMENT) { $env:FUNION_DOCUMENT } else { 'network.json' }
$authority = Join-Path $keys 'authority.keys'

$joins = if (Test-Path $authority) { '' } else { $env:FUNION_NETWORK_DOCUMENT }
if (-not $joins -and $env:FUNION_AUTHORITIES -and -not (Test-Path $authority)) {
    # Keys made here would be those of another network.
    Write-Warning "The network has an authority, and its key is not at ${authority}: nothing is made"
    & (Join-Path $PSScriptRoot 'keys.ps1')
    exit 0
}

dotnet build (Join-Path $root 'functions/Funion.Cli') -c Release --nologo -v quiet
$tool = Join-Path $root 'functions/Funion.Cli/bin/Release/net10.0/Funion.Cli.dll'
if ($joins) { Invoke-WebRequest $joins -OutFile $document }

foreach ($node in $env:FUNION_NODES -split ' ') {
    $name, $vault, $account = $node -split ':'
    $file = Join-Path $keys "$name.keys"
    $options = @()
    if (-not (Test-Path $file)) {
        # A node is its keys: those that somebody else made are not replaced.
        if (az keyvault secret list --vault-name $vault --query "[?name=='$name-keys'].name" --output tsv) {
            Write-Warning "${name}: its keys are in $vault and not at ${file}: left as they are"
            continue
        }
        $parts = $name -split '-'
        $options += '--role', $parts[0], '--index', $parts[-1]
        if ($parts[0] -eq 'mix') { $options += '--layer', $parts[1] }
    }
    foreach ($pair in ($env:FUNION_ADDRESSES -split ' ')) {
        if ($pair.StartsWith("$name=")) { $options += '--address', $pair.Substring($name.Length + 1) }
    }
    if (Test-Path $document) { $options += '--network', $document }
    dotnet $tool network descriptor $file @options
}

if ($joins) {
    Write-Warning "$keys/*.keys.json are for the network's authorities"
    $env:FUNION_DOCUMENT = ''
    & (Join-Path $PSScriptRoot 'keys.ps1')
    exit 0
}

$options = $args
if (Test-Path $document) {
    $options = @('--previous', $document) + $options
}
else {
    if ($options.Count -eq 0) {
        $options = '--name', 'funion', '--payload', '8000', '--bucket', '60s', '--mean-delay', '2s', '--rate', '0.1/s', '--compute-rate', '0.5/s', '--loop-rate', '0.05/s'
    }
    $options = @('--authority', (dotnet $tool network key $authority)) + $options
}
dotnet $tool network new "$document.next" --descriptors $keys @options
dotnet $tool network sign "$document.next" --key $authority
dotnet $tool network verify "$document.next"
Move-Item -Force "$document.next.authorities" "$document.authorities"
Move-Item -Force "$document.next" $document

$pin = [Convert]::ToBase64String([IO.File]::ReadAllBytes((Resolve-Path "$document.authorities")))
if ($env:AZURE_ENV_NAME -and $pin -ne $env:FUNION_AUTHORITIES -and (Get-Command azd -ErrorAction SilentlyContinue)) {
    azd env set FUNION_AUTHORITIES $pin
    Write-Warning 'The pin is new, and the nodes have it after the next azd up'
}
$env:FUNION_DOCUMENT = $document
& (Join-Path $PSScriptRoot 'keys.ps1')
