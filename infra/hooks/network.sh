#!/bin/sh
# Keys and a descriptor for every node of the deployment, the document that names them all, an authority's signature; then keys.sh puts all of it in place.
# Run again it makes what comes next: keys for the coming epochs, and a document that follows. So it is the rotation too, and a node that is new joins by it.
# Its options are those of `funion network new`; without a document, and without options, those below.
# Needs: the .NET SDK, or funion on the path; and what keys.sh needs.
#   FUNION_NODES, FUNION_ADDRESSES  outputs of main.bicep; FUNION_AUTHORITIES  the pin, empty the first time
#   FUNION_DOCUMENT  where the document is; default: network.json
#   FUNION_NETWORK_DOCUMENT  where the network's document is; without an authority's key here, none is made, and the descriptors are for its authorities
set -eu
. "$(dirname "$0")/common.sh"

: "${FUNION_NODES:?an output of main.bicep: infra/hooks/outputs.sh NAME}"
document=${FUNION_DOCUMENT:-network.json}

place() {
  FUNION_DOCUMENT=$1
  export FUNION_DOCUMENT
  exec "$root/infra/hooks/keys.sh"
}

joins=
if [ ! -f "$keys/authority.keys" ]; then
  joins=${FUNION_NETWORK_DOCUMENT:-}
  if [ -z "$joins" ] && [ -n "${FUNION_AUTHORITIES:-}" ]; then
    # Keys made here would be those of another network.
    echo "network.sh: the network has an authority, and its key is not at $keys/authority.keys: nothing is made" >&2
    place ""
  fi
fi
if [ -n "$joins" ]; then
  curl -fsS "$joins" > "$document.next"
  mv "$document.next" "$document"
fi

describe() {
  name=${1%%:*} vault=${1#*:}
  vault=${vault%%:*}
  set -- network descriptor "$keys/$name.keys"
  if [ ! -f "$keys/$name.keys" ]; then
    # A node is its keys: those that somebody else made are not replaced.
    if [ -n "$(az keyvault secret list --vault-name "$vault" --query "[?name=='$name-keys'].name" --output tsv)" ]; then
      echo "network.sh: $name: its keys are in $vault and not at $keys/$name.keys: left as they are" >&2
      return
    fi
    layer=${name#mix-}
    case $name in
      mix-*) set -- "$@" --role mix --layer "${layer%%-*}" --index "${name##*-}" ;;
      *) set -- "$@" --role "${name%%-*}" --index "${name##*-}" ;;
    esac
  fi
  for pair in ${FUNION_ADDRESSES:-}; do
    case $pair in "$name="*) set -- "$@" --address "${pair#*=}" ;; esac
  done
  if [ -f "$document" ]; then
    set -- "$@" --network "$document"
  fi
  tool "$@"
}
for node in $FUNION_NODES; do
  describe "$node"
done

if [ -n "$joins" ]; then
  echo "network.sh: $keys/*.keys.json are for the network's authorities" >&2
  place ""
fi

if [ -f "$document" ]; then
  set -- --previous "$document" "$@"
else
  # Storage queues delay by whole seconds: hence the mean delay. Every rate is paid for day and night.
  [ $# -gt 0 ] || set -- --name funion --payload 8000 --bucket 60s --mean-delay 2s --rate 0.1/s --compute-rate 0.5/s --loop-rate 0.05/s
  set -- --authority "$(tool network key "$keys/authority.keys")" "$@"
fi
tool network new "$document.next" --descriptors "$keys" "$@"
tool network sign "$document.next" --key "$keys/authority.keys"
# Where several authorities sign, this one may not be enough: the document waits at FILE.next for the others.
tool network verify "$document.next"
mv "$document.next.authorities" "$document.authorities"
mv "$document.next" "$document"

pin=$(base64 < "$document.authorities" | tr -d '\n')
if [ -n "${AZURE_ENV_NAME:-}" ] && [ "$pin" != "${FUNION_AUTHORITIES:-}" ] && command -v azd > /dev/null; then
  azd env set FUNION_AUTHORITIES "$pin"
  echo "network.sh: the pin is new, and the nodes have it after the next azd up" >&2
fi
place "$document"
