# The two commands of the README are `make demo` and `make test`; both install what is missing first.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := build
.PHONY: setup build test demo bench

CONFIGURATION ?= Release
# A bare container may have no home; the SDK and NuGet want one.
export HOME := $(or $(HOME),$(CURDIR)/artifacts/home)
export DOTNET_NOLOGO := 1
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
# No build server outlives the command.
export MSBUILDDISABLENODEREUSE := 1
export npm_config_update_notifier := false

TESTS := tests/Funion.Tests tests/Funion.IntegrationTests
RESULTS := artifacts/tests
FUNION = dotnet run --no-build --project functions/Funion.Cli -c $(CONFIGURATION) --

## libsodium for the cryptography; from npm the storage emulator and ONNX Runtime
setup:
	@mkdir -p "$$HOME"
	if [ "$$(uname)" = Linux ] && ! compgen -G '/usr/lib/*/libsodium.so.23' > /dev/null && ! compgen -G '/usr/*lib*/libsodium.so.23' > /dev/null; then
		if [ "$$(id -u)" != 0 ]; then
			echo "libsodium is missing. Run this once: sudo apt-get update && sudo apt-get install -y libsodium23" >&2
			exit 1
		fi
		echo "setup: installing libsodium23" >&2
		export DEBIAN_FRONTEND=noninteractive
		apt-get update -qq > /dev/null
		apt-get install -y -qq --no-install-recommends libsodium23 > /dev/null
	fi
	if ! command -v node > /dev/null || ! command -v npm > /dev/null; then
		echo "Node.js 20 or later is missing, with its npm: install it and try again." >&2
		exit 1
	fi
	if [ ! -L node_modules ] && ! cmp -s package-lock.json node_modules/.installed-lock.json; then
		echo "setup: installing npm packages" >&2
		npm ci --omit=dev --ignore-scripts --no-audit --no-fund --no-progress --loglevel=error > /dev/null
		cp package-lock.json node_modules/.installed-lock.json
	fi

build: setup
	@[ -d functions/Funion.Cli/bin/$(CONFIGURATION) ] || echo "setup: building, some minutes the first time" >&2
	dotnet build Funion.Serverless.sln -c $(CONFIGURATION) -v quiet

## Every test project, whatever became of the one before; then one line with the sums
test: build
	@rm -rf $(RESULTS)
	mkdir -p $(RESULTS)
	status=0
	for project in $(TESTS); do
		dotnet test $$project --no-build -c $(CONFIGURATION) --results-directory $(RESULTS) --logger "trx;LogFileName=$$(basename $$project).trx" || status=1
	done
	cat $(RESULTS)/*.trx 2> /dev/null | sed -n 's/.*<Counters total="\([0-9]*\)" executed="[0-9]*" passed="\([0-9]*\)" failed="\([0-9]*\)" error="\([0-9]*\)" timeout="\([0-9]*\)" aborted="\([0-9]*\)".*/\2 \3 \4 \5 \6/p' \
		| awk '{ p += $$1; f += $$2 + $$3 + $$4 + $$5 } END { printf "%d passed, %d failed\n", p, f; exit p == 0 || f > 0 }' | tee $(RESULTS)/summary || status=1
	exit $$status

demo: build
	@$(FUNION) demo

## What one machine can say about the figures of the README. Ten thousand questions in two-party mode, which are there to be right and not to be timed, run with the
## least priority beside what waits more than it works, transfers and five minutes of traffic, and fill what these leave of two cores; all else runs alone.
bench: build
	@$(FUNION) bench sphinx
	$(FUNION) bench boxes
	$(FUNION) bench mix
	$(FUNION) bench mix --store azurite
	$(FUNION) bench inference
	$(FUNION) bench start
	$(FUNION) bench start --node
	$(FUNION) bench growth --most 1000000
	$(FUNION) bench two-party --net minionn --runs 20
	$(FUNION) bench two-party --net resnet32
	nice -n 19 $(FUNION) bench two-party --net digits --bits 24 --ot softspoken --runs 10000 --lines 2 &
	$(FUNION) bench transfer --sizes 64k --runs 3
	$(FUNION) bench soak --store memory --time 5m --epoch 5m
	wait $$!
	$(FUNION) bench verify
	$(FUNION) bench verify --mode two-party
	$(FUNION) bench enclave --net minionn --variant hidden-model --runs 40
	$(FUNION) bench enclave --net minionn --variant open-model --runs 40
