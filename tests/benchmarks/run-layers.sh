#!/usr/bin/env bash
# What a sent packet costs where layers are left out, and what an encoding costs that nobody watches. All cases in turn, ROUNDS times.
#
#   tests/benchmarks/run-layers.sh [extra switches of broadcast-loadtest]
#
# Environment: VIEWERS=200  ROUNDS=3  DURATION=8  PARTS="temporal unwatched"  HTTP_PORT=37390  MEDIA_PORT=37391
# Leaving out pictures makes the bursts toward a viewer fewer, which changes what a packet costs; so each case with layers left out stands
# beside a source that has no layers and sends about as many pictures and packets per second as are left.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
viewers=${VIEWERS:-200}
rounds=${ROUNDS:-3}
duration=${DURATION:-8}
parts=${PARTS:-temporal unwatched}
http_port=${HTTP_PORT:-37390}
media_port=${MEDIA_PORT:-37391}
work=$(mktemp -d)
server=

trap '[ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null || true; }; rm -rf "$work"' EXIT

for project in Server LoadTest; do
    dotnet build "$root/src/Broadcast.$project" -c Release -v q -nologo >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
done
dotnet "$root/src/Broadcast.Server/bin/Release/net10.0/broadcast.dll" --workers 1 --no-auth --rate-limit 0 --host-ip 127.0.0.1 \
    --http-port "$http_port" --media-port "$media_port" --data "$work/data" >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 150); do
    curl -fs -o /dev/null "http://127.0.0.1:$http_port/health/ready" && break
    kill -0 "$server" 2>/dev/null || { tail -5 "$work/server.log" >&2; exit 3; }
    sleep 0.1
done

load() { # switches…
    rm -f "$work/result.json"
    dotnet "$root/src/Broadcast.LoadTest/bin/Release/net10.0/broadcast-loadtest.dll" --server "http://127.0.0.1:$http_port" --join-rate 100 \
        --duration "$duration" --pid "$server" --json "$work/result.json" "$@" >"$work/load.log" 2>&1 || tail -5 "$work/load.log" >&2
    [ -s "$work/result.json" ] || exit 3
    sleep 2 # until the server has freed what the run used
}

# A number of the load tool's JSON: $1 its key, $2 digits to show.
value() { awk -v key="\"$1\":" -v digits="$2" '$1 == key { printf "%.*f", digits, $2; exit }' "$work/result.json"; }

measure() { # name switches…
    local name=$1; shift
    load "$@"
    local milliseconds
    milliseconds=$(awk -v cpu="$(value cpuSeconds 4)" -v window="$(value windowSeconds 4)" 'BEGIN { printf "%.1f", cpu * 1000 / window }')
    echo "| $name | $(value packetsPerSecond 0) | $(value cpuMicrosecondsPerPacket 2) | $milliseconds | $(value lost 0) |"
}

echo '| case | packets/s | server µs per packet | server ms per s | lost |'
echo '|---|---|---|---|---|'
load --viewers 50 # compiles the server's hot paths
load --viewers 50 --temporal-layers --encodings 3 --layer '{"rid":"2","temporalLayerId":1}'
for _ in $(seq "$rounds"); do
    if [[ $parts == *temporal* ]]; then
        measure 'all layers' --viewers "$viewers" --temporal-layers --layer '{"temporalLayerId":2}' "$@"
        measure 'no layers' --viewers "$viewers" "$@"
        measure 'without T2' --viewers "$viewers" --temporal-layers --layer '{"temporalLayerId":1}' "$@"
        measure 'no layers, 15 fps, 1.4 Mbit/s' --viewers "$viewers" --fps 15 --bitrate 1400k --gop 30 "$@"
        measure 'without T1 and T2' --viewers "$viewers" --temporal-layers --layer '{"temporalLayerId":0}' "$@"
        measure 'no layers, 8 fps, 1 Mbit/s' --viewers "$viewers" --fps 8 --bitrate 1000k --gop 16 "$@"
    fi

    if [[ $parts == *unwatched* ]]; then
        measure 'the lowest encoding alone' --viewers "$viewers" --bitrate 156250 --size 320x180 "$@"
        measure 'the same with two above it that nobody watches' --viewers "$viewers" --encodings 3 --layer '{"rid":"2"}' "$@"
        measure 'the lowest encoding alone, no viewer' --viewers 0 --bitrate 156250 --size 320x180 "$@"
        measure 'all three, no viewer' --viewers 0 --encodings 3 "$@"
    fi
done
