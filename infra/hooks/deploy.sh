#!/bin/sh
# Builds the node's package once and puts it on every function app. An app that fails stops the rest: an upgrade goes on where it stopped.
# Needs: az, the .NET SDK with a full package feed, zip. Reads FUNION_FUNCTION_APPS and AZURE_RESOURCE_GROUP, outputs of main.bicep.
set -eu

: "${AZURE_RESOURCE_GROUP:?an output of main.bicep}"
[ -n "${FUNION_FUNCTION_APPS:-}" ] || exit 0
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

dotnet publish "$root/functions/Funion.Node" -c Azure -o "$work/app" --nologo -v quiet
# Hidden folders belong to the package.
(cd "$work/app" && zip -qr ../node.zip .)

for app in $FUNION_FUNCTION_APPS; do
  az functionapp deployment source config-zip --resource-group "$AZURE_RESOURCE_GROUP" --name "$app" --src "$work/node.zip" --output none
  echo "$app: deployed"
done
