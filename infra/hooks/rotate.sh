#!/bin/sh
# Every day, from cron: the next keys and the next document, in place at every node. A document ends at 00:00 UTC of the day after next, and the network with it.
#   17 3 * * *  cd /path/to/Funion.Serverless && infra/hooks/rotate.sh
# Needs: state/ as network.sh left it, funion.env in it, and az signed in as whoever may write keys (a service principal, or a machine's identity).
set -eu
. "$(dirname "$0")/common.sh"

if [ -z "${FUNION_NETWORK_DOCUMENT:-}" ] && { [ ! -f "$keys/authority.keys" ] || [ ! -f "${FUNION_DOCUMENT:-network.json}" ]; }; then
  echo "rotate.sh: $keys/authority.keys and ${FUNION_DOCUMENT:-network.json} are not here: network.sh makes a network, this one only goes on with it" >&2
  exit 1
fi
exec "$root/infra/hooks/network.sh"
