#!/usr/bin/env bash
# What viewers see when a network becomes narrow and wide again (3 Mbit/s, 600 kbit/s, 3 Mbit/s), or loses 5 % of the packets: on a
# viewer's leg and on the publisher's, in Chromium, by the tests of tests/Broadcast.EndToEnd.Tests/Congestion.
#
#   tests/benchmarks/run-congestion.sh
#
# Environment: ROUNDS=3  CASES= (a part of the tests' names, such as Viewer_whose; empty for all)  LOGS= (a folder that keeps the whole output)
#              PEER=janus (also through Janus Gateway, a Debian package, which is installed; without the product's player)  JANUS_PORT=37088
# Every run is a row, also of a test that failed; none is repeated. An encoder that paused for as long as the picture did explains a pause.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/tests/benchmarks/janus.sh"
rounds=${ROUNDS:-3}
filter="FullyQualifiedName~CongestionTests${CASES:+&FullyQualifiedName~$CASES}"
work=$(mktemp -d)
logs=${LOGS:-$work}
children=()

stop() {
    for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
    for child in "${children[@]}"; do wait "$child" 2>/dev/null || true; done
    rm -rf "$work"
}
trap stop EXIT

if [ "${PEER:-}" = janus ]; then
    start_janus "$work" "${JANUS_PORT:-37088}"
    export BROADCAST_JANUS=http://127.0.0.1:${JANUS_PORT:-37088}/janus
else
    filter+='&Category!=Peer'
fi

mkdir -p "$logs"
project=$root/tests/Broadcast.EndToEnd.Tests
dotnet build "$project" -c Release -v q -nologo >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }

echo "load average: $(cut -d' ' -f1-3 /proc/loadavg)"
echo '| case | longest pause on the screen, ms (goal: 500 where it narrows, 200 with loss) | of the decoder, to 100 ms | frozen by the browser'"'"'s count, s | smaller after, s (3) | best again after, s (15; publisher 30) | decoded of 30 fps (29) | video received while the network was bad, kbit/s | longest pause of an encoder, ms |'
echo '|---|---|---|---|---|---|---|---|---|'
for round in $(seq "$rounds"); do
    log=$logs/round-$round.log
    dotnet test "$project" -c Release --no-build --nologo --filter "$filter" --logger 'console;verbosity=detailed' >"$log" 2>&1 || true
    # What failed is printed twice, once with a time before it.
    grep -oE "^ *\| (viewer|publisher)'s leg .* \|$" "$log" | sed 's/^ *//' || { tail -n 40 "$log" >&2; exit 3; }
    sed -n 's/^ *Failed \([A-Za-z0-9_.]*\) \[.*/(round '"$round"': \1 failed)/p' "$log"
done
echo "load average: $(cut -d' ' -f1-3 /proc/loadavg)"
