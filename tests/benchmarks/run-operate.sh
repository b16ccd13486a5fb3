#!/usr/bin/env bash
# What the operate page costs before 200 nodes, 1,000 streams and 100,000 sessions that exist only in figures: the time until everything is
# shown, updates per second, kilobytes per second, and the share of a core that the page and the server take.
#
#   tests/benchmarks/run-operate.sh
#
# Environment: ROUNDS=3  PICTURES=folder (screenshots as well)
set -euo pipefail

cd "$(dirname "$0")/../.."
rounds=${ROUNDS:-3}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

dotnet build tests/Broadcast.EndToEnd.Tests -c Release -v q -nologo >"$log" || { cat "$log" >&2; exit 1; }
for _ in $(seq "$rounds"); do
    dotnet test tests/Broadcast.EndToEnd.Tests -c Release --no-build -nologo --filter "FullyQualifiedName~LargeClusterTests.It_is_there" \
        --logger "console;verbosity=detailed" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
    grep -E "everything shown|updates/s" "$log"
done
