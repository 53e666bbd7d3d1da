# As deploy.sh, for PowerShell.
param([string[]] $Names)
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

if (-not $env:AZURE_RESOURCE_GROUP) { throw 'AZURE_RESOURCE_GROUP is missing: an output of main.bicep.' }
if (-not $env:FUNION_FUNCTION_APPS) { exit 0 }
$root = Resolve-Path (Join-Path $PSScriptRoot '../..')
$work = Join-Path ([IO.Path]::GetTempPath()) ([Guid]::NewGuid())

try {
    dotnet publish (Join-Path $root 'functions/Funion.Node') -c Azure -o (Join-Path $work 'app') --nologo -v quiet
    # Not Compress-Archive: it leaves hidden folders out.
    [IO.Compression.ZipFile]::CreateFromDirectory((Join-Path $work 'app'), (Join-Path $work 'node.zip'))
    $apps = $env:FUNION_FUNCTION_APPS -split ' ' | Where-Object { $app = $_; -not $Names -or ($Names | Where-Object { $app.Contains("-$_-") }) }
    foreach ($app in $apps) {
        az functionapp deployment source config-zip --resource-group $env:AZURE_RESOURCE_GROUP --name $app --src (Join-Path $work 'node.zip') --output none
        Write-Output "${app}: deployed"
    }
}
finally {
    Remove-Item -Recurse -Force $work -ErrorAction SilentlyContinue
}
