#!/usr/bin/env bash
# How soon a newcomer has a picture when the source makes a keyframe every four seconds and answers no request (as OBS
# does), how far it is behind those already watching, and what a crowd that joins costs them.
#
#   npm ci --prefix tests/Broadcast.Benchmarks/browser
#   tests/benchmarks/run-join-time.sh
#
# Environment: JOINS=30 (of a browser)  CROWD=1000 (viewers of the load tool; 0: none)  CROWD_SECONDS=10
#              BITRATE=2500k  CROWD_BITRATE=500k  HTTP_PORT=37310  MEDIA_PORT=37311
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
joins=${JOINS:-30}
crowd=${CROWD:-1000}
crowd_seconds=${CROWD_SECONDS:-10}
bitrate=${BITRATE:-2500k}
crowd_bitrate=${CROWD_BITRATE:-500k}
http_port=${HTTP_PORT:-37310}
media_port=${MEDIA_PORT:-37311}
address=http://127.0.0.1:$http_port
work=$(mktemp -d)
server=
publisher=

stop() { [ -z "$1" ] || { kill "$1" 2>/dev/null && wait "$1" 2>/dev/null || true; }; }
trap 'stop "$publisher"; stop "$server"; rm -rf "$work"' EXIT

for project in Server LoadTest; do
    dotnet build "$root/src/Broadcast.$project" -c Release -v q -nologo >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
done

# To be run in a subshell, which it takes over.
loadtest() { exec dotnet "$root/src/Broadcast.LoadTest/bin/Release/net10.0/broadcast-loadtest.dll" --server "$address" --gop 120 --ignore-keyframe-requests "$@"; }

# Waits until a command succeeds.
until_true() {
    for _ in $(seq 600); do
        "$@" && return
        sleep 0.1
    done
    tail -5 "$work"/*.log >&2
    exit 3
}

dotnet "$root/src/Broadcast.Server/bin/Release/net10.0/broadcast.dll" --workers 1 --no-auth --rate-limit 0 --host-ip 127.0.0.1 \
    --http-port "$http_port" --media-port "$media_port" --data "$work/data" >"$work/server.log" 2>&1 &
server=$!
until_true curl -fs -o /dev/null "$address/health/ready"
echo "load average: $(cut -d' ' -f1-3 /proc/loadavg)"

if [ "$joins" -gt 0 ]; then
    loadtest --stream numbered --viewers 0 --numbered-frames --bitrate "$bitrate" --duration 86400 >"$work/publisher.log" 2>&1 &
    publisher=$!
    live() { curl -fs "$address/api/v1/streams/numbered" | grep -q '"keyframes":[1-9]'; }
    until_true live
    JOINS=$joins node "$root/tests/Broadcast.Benchmarks/browser/join-time.mjs" "$address" numbered
    echo "keyframe requests that the server made: $(curl -fs "$address/api/v1/streams/numbered" | grep -o '"keyframeRequests":[0-9]*' | paste -sd' ')"
    stop "$publisher"
    publisher=
fi

if [ "$crowd" -gt 0 ]; then
    echo "load average: $(cut -d' ' -f1-3 /proc/loadavg)"
    loadtest --stream crowd --viewers "$crowd" --join-rate $((crowd / crowd_seconds)) --bitrate "$crowd_bitrate" --duration 5 --pid "$server" |
        grep -E '^(viewers|joins|          POST|media|server|this tool|error)'
fi
echo "load average: $(cut -d' ' -f1-3 /proc/loadavg)"
