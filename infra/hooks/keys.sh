#!/bin/sh
# Puts each node's key file into its vault and the network document beside its state. Run again after every rotation.
# Needs: az, signed in as whoever deployed. Reads FUNION_NODES (an output of main.bicep: name:vault:account ...).
# network.sh ends with it. A node without a key file in FUNION_KEYS (default: state) keeps what its vault has.
#   FUNION_DOCUMENT  the signed network document, once there is one
set -eu
. "$(dirname "$0")/common.sh"

: "${FUNION_NODES:?an output of main.bicep: infra/hooks/outputs.sh NAME}"

for node in $FUNION_NODES; do
  name=${node%%:*} rest=${node#*:}
  vault=${rest%%:*} account=${rest#*:}
  if [ -f "$keys/$name.keys" ]; then
    # From the file: on a command line every user of the machine could read it. A secret is text, a key file is not: base64.
    now=$(az keyvault secret set --vault-name "$vault" --name "$name-keys" --file "$keys/$name.keys" --encoding base64 --query id --output tsv)
    # A vault keeps earlier versions, and with them keys that the node has wiped: at least nobody reads them unnoticed.
    for version in $(az keyvault secret list-versions --vault-name "$vault" --name "$name-keys" --query '[?attributes.enabled].id' --output tsv); do
      [ "$version" = "$now" ] || az keyvault secret set-attributes --id "$version" --enabled false --output none
    done
    echo "$name: keys in $vault"
  else
    echo "$name: no $keys/$name.keys; funion network descriptor makes one" >&2
  fi
  if [ -n "${FUNION_DOCUMENT:-}" ]; then
    az storage blob upload --auth-mode login --account-name "$account" --container-name network --name network.json \
      --file "$FUNION_DOCUMENT" --content-type application/json --overwrite --no-progress --output none
    echo "$name: network document in $account"
  fi
done
