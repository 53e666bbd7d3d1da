# Sourced by the other scripts: where things are, what the deployment put out, the tool.
#   FUNION_KEYS  folder of keys and descriptors, and of funion.env, which outputs.sh makes; default: state
root=$(cd "$(dirname "$0")/../.." && pwd)
keys=${FUNION_KEYS:-state}
if [ -z "${FUNION_NODES:-}" ] && [ -f "$keys/funion.env" ]; then
  set -a
  . "$(cd "$keys" && pwd)/funion.env"
  set +a
fi

built=
tool() {
  if command -v funion > /dev/null; then
    funion "$@"
    return
  fi
  if [ -z "$built" ]; then
    dotnet build "$root/functions/Funion.Cli" -c Release --nologo -v quiet >&2
    built=yes
  fi
  dotnet "$root/functions/Funion.Cli/bin/Release/net10.0/Funion.Cli.dll" "$@"
}
