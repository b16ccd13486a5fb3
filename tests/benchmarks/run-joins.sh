#!/usr/bin/env bash
# How fast viewers can join a server on one core, and what a join costs: each server process is met cold, then warm.
#
#   tests/benchmarks/run-joins.sh [extra switches of broadcast-loadtest]
#
# Environment: VIEWERS=1000  RATE=600  SERVERS=2  RUNS=3 (joins of each server; the first one is cold)
#              SERVER_CORE=0  TOOL_CORE=1 (empty: any)  NICE=0  HTTP_PORT=37290  MEDIA_PORT=37291
# The load of the machine (average of a minute, which the runs themselves raise) stands in the first column.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
viewers=${VIEWERS:-1000}
rate=${RATE:-600}
servers=${SERVERS:-2}
runs=${RUNS:-3}
server_core=${SERVER_CORE-0}
tool_core=${TOOL_CORE-1}
priority=${NICE:-0}
http_port=${HTTP_PORT:-37290}
media_port=${MEDIA_PORT:-37291}
work=$(mktemp -d)
server=

stop_server() { [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null || true; }; server=; }
trap 'stop_server; rm -rf "$work"' EXIT

# Runs a command on one core ($1; empty: any).
on_core() {
    local core=$1; shift
    if [ -n "$core" ]; then exec taskset -c "$core" nice -n "$priority" "$@"; else exec nice -n "$priority" "$@"; fi
}

for project in Server LoadTest; do
    dotnet build "$root/src/Broadcast.$project" -c Release -v q -nologo >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
done

start_server() {
    on_core "$server_core" dotnet "$root/src/Broadcast.Server/bin/Release/net10.0/broadcast.dll" --workers 1 --no-auth --rate-limit 0 \
        --host-ip 127.0.0.1 --http-port "$http_port" --media-port "$media_port" --data "$work/data" >"$work/server.log" 2>&1 &
    server=$!
    for _ in $(seq 150); do
        curl -fs -o /dev/null "http://127.0.0.1:$http_port/health/ready" && return
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    tail -5 "$work/server.log" >&2
    exit 3
}

# A number of the load tool's JSON: $1 its key, $2 digits to show, $3 the object it is in (the first such key without).
value() {
    awk -v key="\"$1\":" -v digits="$2" -v object="${3:+\"$3\":}" '
        $1 == object { object = "" }
        object == "" && $1 == key { if ($2 ~ /null/) print "-"; else printf "%.*f", digits, $2; exit }' "$work/result.json"
}

echo '| load | server | playing | connected/s | pictures/s | POST to connected p50 / p99 ms | server ms per join | tool ms per join | lost by those watching |'
echo '|---|---|---|---|---|---|---|---|---|'
for number in $(seq "$servers"); do
    start_server
    for run in $(seq "$runs"); do
        state=warm
        [ "$run" = 1 ] && state=cold
        rm -f "$work/result.json"
        load=$(cut -d' ' -f1 /proc/loadavg)
        (on_core "$tool_core" dotnet "$root/src/Broadcast.LoadTest/bin/Release/net10.0/broadcast-loadtest.dll" --server "http://127.0.0.1:$http_port" \
            --viewers "$viewers" --join-rate "$rate" --duration 5 --pid "$server" --json "$work/result.json" "$@") >"$work/load.log" 2>&1 ||
            tail -5 "$work/load.log" >&2
        [ -s "$work/result.json" ] || exit 3
        echo "| $load | $number $state | $(value playing 0) | $(value connectedPerSecond 0) | $(value perSecond 0)" \
            "| $(value p50 0 connectMilliseconds) / $(value p99 0 connectMilliseconds) | $(value serverCpuMillisecondsPerJoin 2)" \
            "| $(value cpuMillisecondsPerJoin 2) | $(value lostPackets 0) |"
        sleep 2 # until the server has freed what the run used
    done
    stop_server
done
