#!/bin/sh
# What a deployment of main.bicep put out, as state/funion.env: for the other scripts, and for a shell by `. state/funion.env`.
# Usage: infra/hooks/outputs.sh NAME, the --name of `az deployment sub create`. With azd: azd env get-values > state/funion.env
set -eu
deployment=${1:?the name of the deployment}
. "$(dirname "$0")/common.sh"

(umask 077 && mkdir -p "$keys")
# Two rows, names and values. Resource Manager changes the case of names at times, and a query by name would then find nothing.
az deployment sub show --name "$deployment" --query '[keys(properties.outputs), values(properties.outputs)[].value]' --output tsv > "$keys/funion.tsv"
awk -F '\t' -v quote="'" '
  { sub(/\r$/, "") }
  NR == 1 { count = split(toupper($0), names, "\t") }
  NR == 2 { split($0, values, "\t") }
  END { for (i = 1; i <= count; i++) print "export " names[i] "=" quote values[i] quote }
' "$keys/funion.tsv" > "$keys/funion.env.new"
rm "$keys/funion.tsv"
for name in AZURE_RESOURCE_GROUP FUNION_NODES; do
  grep -q "^export $name='..*'" "$keys/funion.env.new" || { echo "outputs.sh: the deployment $deployment has no output $name" >&2; exit 1; }
done
mv "$keys/funion.env.new" "$keys/funion.env"
echo "$keys/funion.env"
