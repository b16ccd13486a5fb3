#!/usr/bin/env bash
# What viewers notice while a stranger floods their server from another address: offers with no token and with bad ones, and datagrams to the
# media port, of which some are checks with the name of a session and a wrong password.
#
#   tests/benchmarks/run-flood.sh [extra switches of broadcast-loadtest]
#
# Environment: VIEWERS=200  DURATION=20  PACKETS=20000 (datagrams of the flood per second)  CONNECTIONS=16 (its requests at a time)
#              BITRATE=500k  HTTP_PORT=37690  MEDIA_PORT=37691
# Two runs, the first without a flood. Everything shares the machine's cores.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
viewers=${VIEWERS:-200}
duration=${DURATION:-20}
packets=${PACKETS:-20000}
connections=${CONNECTIONS:-16}
bitrate=${BITRATE:-500k}
http_port=${HTTP_PORT:-37690}
media_port=${MEDIA_PORT:-37691}
address=http://127.0.0.1:$http_port
work=$(mktemp -d)
server=

stop_server() { [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null || true; }; server=; }
trap 'stop_server; rm -rf "$work"' EXIT

for project in Server LoadTest; do
    dotnet build "$root/src/Broadcast.$project" -c Release -v q -nologo >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
done
broadcast() { dotnet "$root/src/Broadcast.Server/bin/Release/net10.0/broadcast.dll" "$@"; }
loadtest() { dotnet "$root/src/Broadcast.LoadTest/bin/Release/net10.0/broadcast-loadtest.dll" "$@"; }

start_server() {
    dotnet "$root/src/Broadcast.Server/bin/Release/net10.0/broadcast.dll" --workers 1 --host-ip 127.0.0.1 --max-sessions-per-address 250 \
        --http-port "$http_port" --media-port "$media_port" --data "$work/data" >"$work/server.log" 2>&1 &
    server=$!
    for _ in $(seq 150); do
        curl -fs -o /dev/null "$address/health/ready" && return
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    tail -5 "$work/server.log" >&2
    exit 3
}

# Sum of a counter over its labels.
counter() { curl -fs "$address/metrics" | awk -v name="$1" '{ split($1, parts, "{") } parts[1] == name { sum += $2 } END { printf "%d", sum }'; }

for flood in without with; do
    start_server
    token=$(broadcast token --scope publish,watch --stream loadtest --data "$work/data")
    loadtest --server "$address" --token "$token" --viewers "$viewers" --bitrate "$bitrate" --size 640x360 --pid "$server" --warmup 5 --duration "$duration" \
        --json "$work/$flood.json" "$@" >"$work/load.log" 2>&1 &
    load=$!
    all_watch() { curl -fs "$address/api/v1/streams/loadtest" | grep -q "\"viewers\":$viewers\b"; }
    for _ in $(seq 600); do all_watch && break; kill -0 "$load" 2>/dev/null || break; sleep 0.1; done
    echo "$flood a flood:"
    if [ "$flood" = with ]; then
        sleep 3 # the flood is there before the window begins, and goes on after its end
        loadtest flood --server "$address" --stream loadtest --duration $((duration + 4)) --packets "$packets" --connections "$connections" >"$work/flood.log" 2>&1 &
        flooder=$!
    fi
    wait "$load" || true
    grep -E '^(viewers|media|verified|server|this tool|error)' "$work/load.log" || tail -5 "$work/load.log"
    if [ "$flood" = with ]; then
        wait "$flooder" || true
        cat "$work/flood.log"
        for name in media_dropped limits_requests_refused limits_sessions_refused limits_tokens_invalid limits_tokens_refused media_receive_kernel_drops; do
            echo "broadcast_${name}_total $(counter "broadcast_${name}_total")"
        done
    fi
    stop_server
done
