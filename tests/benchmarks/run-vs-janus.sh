#!/usr/bin/env bash
# Measures this server and Janus Gateway (Debian package) with the same load, one after the other, and prints a table.
#
#   tests/benchmarks/run-vs-janus.sh [extra switches of broadcast-loadtest]
#
# Environment: VIEWERS="50 200"  PROFILES="gcm cm"  PACINGS="burst"  ROUNDS=1  DURATION=10  TABLE=file.md
#              HTTP_PORT=37080  MEDIA_PORT=37181  JANUS_PORT=37088
# Both servers get one media thread (--workers 1, event_loops = 1), listen on loopback only, and see the same media.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/tests/benchmarks/janus.sh"
viewers=${VIEWERS:-50 200}
profiles=${PROFILES:-gcm cm}
pacings=${PACINGS:-burst}
rounds=${ROUNDS:-1}
duration=${DURATION:-10}
http_port=${HTTP_PORT:-37080}
media_port=${MEDIA_PORT:-37181}
janus_port=${JANUS_PORT:-37088}
work=$(mktemp -d)
table=${TABLE:-$work/table.md}
children=()

stop() {
    for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
    for child in "${children[@]}"; do wait "$child" 2>/dev/null || true; done
    rm -rf "$work"
}
trap stop EXIT

need ffmpeg ffmpeg
need curl curl

for port in "$http_port" "$media_port" "$janus_port"; do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "Port $port is taken; set HTTP_PORT, MEDIA_PORT or JANUS_PORT." >&2; exit 2; fi
done

echo "building" >&2
dotnet build "$root/src/Broadcast.Server" -c Release --nologo -v quiet >&2
dotnet build "$root/src/Broadcast.LoadTest" -c Release --nologo -v quiet >&2
tool=$root/src/Broadcast.LoadTest/bin/Release/net10.0/broadcast-loadtest.dll

start_janus "$work" "$janus_port"
dotnet "$root/src/Broadcast.Server/bin/Release/net10.0/broadcast.dll" --http-port "$http_port" --media-port "$media_port" \
    --host-ip 127.0.0.1 --no-auth --rate-limit 0 --workers 1 --data "$work/data" --log-level warning > "$work/broadcast.log" 2>&1 &
broadcast_pid=$!; children+=("$broadcast_pid")
wait_for "$broadcast_pid" "http://127.0.0.1:$http_port/health/ready" "$work/broadcast.log"

measure() { # label pid switches…
    local label=$1 pid=$2; shift 2
    echo "== $label $*" >&2
    dotnet "$tool" --pid "$pid" --duration "$duration" --table "$table" --label "$label" "$@" >&2 || echo "   (not everybody played)" >&2
    sleep 2 # until the server has freed what the run used
}

# The first run compiles the server's hot paths and is not shown.
dotnet "$tool" --server "http://127.0.0.1:$http_port" --viewers 50 --duration 5 --warmup 5 > /dev/null || true

for _ in $(seq "$rounds"); do
    for count in $viewers; do
        for profile in $profiles; do
            for pacing in $pacings; do
                load=(--viewers "$count" --profile "$profile" --pacing "$pacing" --join-rate 50 "$@")
                measure Broadcast "$broadcast_pid" --server "http://127.0.0.1:$http_port" "${load[@]}"
                measure "Janus $(dpkg-query -W -f '${Version}' janus)" "$janus_pid" --peer janus --server "http://127.0.0.1:$janus_port/janus" "${load[@]}"
            done
        done
    done
done

echo
cat "$table"
