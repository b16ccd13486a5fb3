#!/usr/bin/env bash
# What a scrape of /metrics costs on a node with many streams and viewers: its time and its size, while all of them are connected and
# their packets are forwarded. Pictures come slowly, so that the machine is left with something for the viewers of this very test.
#
#   tests/benchmarks/run-scrape.sh
#
# Environment: STREAMS=1000  VIEWERS=5000  SCRAPES=50  HTTP_PORT=37290  MEDIA_PORT=37291
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
streams=${STREAMS:-1000} viewers=${VIEWERS:-5000} scrapes=${SCRAPES:-50}
http_port=${HTTP_PORT:-37290} media_port=${MEDIA_PORT:-37291}
metrics=http://127.0.0.1:$http_port/metrics
work=$(mktemp -d)
server= load=

stop() {
    for child in $load $server; do kill "$child" 2>/dev/null && wait "$child" 2>/dev/null || true; done
    rm -rf "$work"
}
trap stop EXIT

for project in Broadcast.Server Broadcast.LoadTest; do
    dotnet build "$root/src/$project" -c Release -v q -nologo >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
done
dotnet "$root/src/Broadcast.Server/bin/Release/net10.0/broadcast.dll" --no-auth --rate-limit 0 --host-ip 127.0.0.1 \
    --http-port "$http_port" --media-port "$media_port" --data "$work/data" >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 150); do
    curl -fs -o /dev/null "http://127.0.0.1:$http_port/health/ready" && break
    kill -0 "$server" 2>/dev/null || { tail -5 "$work/server.log" >&2; exit 3; }
    sleep 0.1
done

# Sums the samples of a metric.
metric() { curl -fs "$metrics" | awk -v name="$1" '$1 == name || index($1, name "{") == 1 {sum += $2} END {printf "%.0f\n", sum}'; }

dotnet "$root/src/Broadcast.LoadTest/bin/Release/net10.0/broadcast-loadtest.dll" --server "http://127.0.0.1:$http_port" \
    --publishers "$streams" --viewers "$viewers" --no-audio --size 160x90 --fps 1 --gop 2 --bitrate 16k --join-rate 150 --sample 1/10000 \
    --duration 600 >"$work/load.log" 2>&1 &
load=$!
until [ "$(metric broadcast_media_viewers)" -ge "$viewers" ]; do
    kill -0 "$load" 2>/dev/null || { tail -20 "$work/load.log" >&2; exit 3; }
    sleep 1
done
sleep 5
echo "$(metric broadcast_media_streams_active) streams, $(metric broadcast_media_viewers) viewers, $(metric broadcast_media_rtp_packets_sent_total) packets sent"

for _ in $(seq "$scrapes"); do
    curl -fs -o /dev/null -w '%{time_total} %{size_download}\n' "$metrics"
    sleep 0.5
done | sort -n | awk '
    { time[NR] = $1 * 1000; if ($2 > size) size = $2 }
    END { printf "scrape: median %.1f ms, p90 %.1f ms, longest %.1f ms, %.0f KB\n", time[int((NR + 1) / 2)], time[int(NR * 0.9 + 0.5)], time[NR], size / 1000 }'
