#!/usr/bin/env bash
# Memory of one server process: what a connected viewer costs, and whether a long run makes it grow.
#
#   tests/benchmarks/run-memory.sh viewers    4 x STEP viewers join one after the other; what each step added
#   tests/benchmarks/run-memory.sh growth     MINUTES of forwarding to VIEWERS, sampled all the time
#
# Environment: STEP=300  (viewers)   VIEWERS=50  MINUTES=10  (growth)   BITRATE=2500k  HTTP_PORT=37090  MEDIA_PORT=37191
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
http_port=${HTTP_PORT:-37090}
media_port=${MEDIA_PORT:-37191}
work=$(mktemp -d)
server=
loads=()
connected=0

stop() {
    for child in "${loads[@]}" $server; do kill "$child" 2>/dev/null && wait "$child" 2>/dev/null || true; done
    rm -rf "$work"
}
trap stop EXIT

dotnet build "$root/src/Broadcast.Server" -c Release -v q -nologo >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
dotnet build "$root/src/Broadcast.LoadTest" -c Release -v q -nologo >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
dotnet "$root/src/Broadcast.Server/bin/Release/net10.0/broadcast.dll" --workers 1 --no-auth --rate-limit 0 \
    --host-ip 127.0.0.1 --http-port "$http_port" --media-port "$media_port" --data "$work/data" >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 150); do
    curl -fs -o /dev/null "http://127.0.0.1:$http_port/health/ready" && break
    kill -0 "$server" 2>/dev/null || { tail -5 "$work/server.log" >&2; exit 3; }
    sleep 0.1
done

resident() { awk '/^VmRSS/ {print $2}' "/proc/$server/status"; }

# Sums the samples of a metric.
metric() { curl -fs "http://127.0.0.1:$http_port/metrics" | awk -v name="$1" '$1 == name || index($1, name "{") == 1 {sum += $2} END {printf "%.0f\n", sum}'; }

# Begins a load of $1 viewers for $2 seconds, with further switches, and waits until all of them are connected.
begin() {
    dotnet "$root/src/Broadcast.LoadTest/bin/Release/net10.0/broadcast-loadtest.dll" --server "http://127.0.0.1:$http_port" \
        --viewers "$1" --duration "$2" --join-rate 100 --bitrate "${BITRATE:-2500k}" "${@:3}" >"$work/load.log" 2>&1 &
    loads+=($!)
    connected=$((connected + $1))
    until [ "$(metric broadcast_media_viewers)" -ge "$connected" ]; do
        kill -0 "${loads[-1]}" 2>/dev/null || { tail -20 "$work/load.log" >&2; exit 3; }
        sleep 0.5
    done
}

case ${1:-viewers} in
viewers)
    # Each load stays while the next one joins the same stream: nothing that was freed can be used again.
    step=${STEP:-300} previous=0
    for round in 1 2 3 4; do
        publishers=0
        [ "$round" = 1 ] && publishers=1
        begin "$step" 120 --publishers "$publishers"
        sleep 12
        memory=$(resident)
        awk -v viewers="$connected" -v memory="$memory" -v previous="$previous" -v step="$step" 'BEGIN {
            printf "%5d viewers: %d KB", viewers, memory
            if (previous > 0) printf ", %.1f KB for each new one", (memory - previous) / step
            print "" }'
        previous=$memory
    done
    ;;
growth)
    minutes=${MINUTES:-10}
    # Longer than the sampling: viewers who leave allocate.
    begin "${VIEWERS:-50}" $((minutes * 60 + 30))
    sleep 20
    echo 'minute | resident KB | datagrams sent | bytes the media thread allocated | bytes in the managed heap'
    for minute in $(seq 0 "$minutes"); do
        printf '%6s | %11s | %14s | %32s | %s\n' "$minute" "$(resident)" "$(metric broadcast_media_datagrams_sent_total)" \
            "$(metric broadcast_media_worker_allocated_total)" "$(metric dotnet_total_memory_bytes)"
        [ "$minute" = "$minutes" ] || sleep 58
    done
    wait "${loads[0]}" || true
    tail -6 "$work/load.log"
    ;;
*)
    sed -n '2,8p' "$0" >&2
    exit 2
    ;;
esac
