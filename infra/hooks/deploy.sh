#!/bin/sh
# Builds the node's package once and puts it on every function app. An app that fails stops the rest: an upgrade goes on where it stopped.
# Usage: infra/hooks/deploy.sh [gateway | mix-1 | replica-3 ...]; without a name, all.
# Needs: az, the .NET SDK with a full package feed, zip. Reads FUNION_FUNCTION_APPS and AZURE_RESOURCE_GROUP, outputs of main.bicep.
set -eu
. "$(dirname "$0")/common.sh"

: "${AZURE_RESOURCE_GROUP:?an output of main.bicep: infra/hooks/outputs.sh NAME}"
[ -n "${FUNION_FUNCTION_APPS:-}" ] || exit 0
apps=
for app in $FUNION_FUNCTION_APPS; do
  [ $# -gt 0 ] || apps="$apps $app"
  for name in "$@"; do
    case $app in *"-$name-"*) apps="$apps $app" ;; esac
  done
done
[ -n "$apps" ] || { echo "deploy.sh: none of the apps is $*" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

dotnet publish "$root/functions/Funion.Node" -c Azure -o "$work/app" --nologo -v quiet
# Hidden folders belong to the package.
(cd "$work/app" && zip -qr ../node.zip .)

for app in $apps; do
  az functionapp deployment source config-zip --resource-group "$AZURE_RESOURCE_GROUP" --name "$app" --src "$work/node.zip" --output none
  echo "$app: deployed"
done
