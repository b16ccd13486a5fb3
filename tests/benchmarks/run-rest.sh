#!/usr/bin/env bash
# How long the lists of the REST interface take while the node forwards: addresses are asked in turn at a steady rate, and times count from
# the moment at which a request was due. The load is chosen so that the media thread is about half busy; what it was is printed.
#
#   tests/benchmarks/run-rest.sh
#
# Before it some sessions end and some streams are recorded, so that lists of those are not empty.
#
# Environment: STREAMS=200  VIEWERS=600  BITRATE=600k  RATE=200  DURATION=30  LIMIT=50 (ms, 99th percentile)  HTTP_PORT=37390  MEDIA_PORT=37391
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
streams=${STREAMS:-200} viewers=${VIEWERS:-600} rate=${RATE:-200} duration=${DURATION:-30}
http_port=${HTTP_PORT:-37390} media_port=${MEDIA_PORT:-37391}
server_url=http://127.0.0.1:$http_port
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
tool=$root/src/Broadcast.LoadTest/bin/Release/net10.0/broadcast-loadtest.dll
dotnet "$root/src/Broadcast.Server/bin/Release/net10.0/broadcast.dll" --workers 1 --no-auth --rate-limit 0 --host-ip 127.0.0.1 \
    --http-port "$http_port" --media-port "$media_port" --data "$work/data" >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 150); do
    curl -fs -o /dev/null "$server_url/health/ready" && break
    kill -0 "$server" 2>/dev/null || { tail -5 "$work/server.log" >&2; exit 3; }
    sleep 0.1
done

# Sums the samples of a metric.
metric() { curl -fs "$server_url/metrics" | awk -v name="$1" '$1 == name || index($1, name "{") == 1 {sum += $2} END {printf "%.2f\n", sum}'; }

dotnet "$tool" --server "$server_url" --stream before --viewers 200 --bitrate 100k --join-rate 100 --warmup 0 --duration 1 >"$work/load.log" 2>&1 ||
    { tail -20 "$work/load.log" >&2; exit 3; }

dotnet "$tool" --server "$server_url" --publishers "$streams" --viewers "$viewers" --bitrate "${BITRATE:-600k}" --join-rate 50 --sample 1/1000 \
    --duration 600 >"$work/load.log" 2>&1 &
load=$!
until [ "$(metric broadcast_media_viewers | cut -d. -f1)" -ge "$viewers" ]; do
    kill -0 "$load" 2>/dev/null || { tail -20 "$work/load.log" >&2; exit 3; }
    sleep 1
done
recorded=$((streams < 20 ? streams : 20))
for stream in $(seq "$recorded"); do curl -fs -o /dev/null -X POST "$server_url/api/v1/streams/loadtest-$stream/recording"; done
sleep 5
for stream in $(seq "$recorded"); do curl -fs -o /dev/null -X DELETE "$server_url/api/v1/streams/loadtest-$stream/recording"; done
for _ in $(seq 60); do
    [ "$(curl -fs "$server_url/api/v1/recordings" | grep -o '"state":"ready"' | wc -l)" -ge "$recorded" ] && break
    sleep 1
done

before=$(metric broadcast_media_rtp_packets_sent_total) from=$(date +%s.%N)
(sleep $((duration / 2 + 5)); metric broadcast_media_worker_load >"$work/busy") &
status=0
dotnet "$tool" rest --server "$server_url" --rate "$rate" --duration "$duration" --limit "${LIMIT:-50}" \
    /api/v1/streams "/api/v1/streams?limit=100" "/api/v1/streams/loadtest-1/sessions" /api/v1/nodes /api/v1/recordings /api/v1/jobs /api/v1/usage /api/v1/bans || status=$?
awk -v before="$before" -v after="$(metric broadcast_media_rtp_packets_sent_total)" -v from="$from" -v to="$(date +%s.%N)" -v busy="$(cat "$work/busy")" \
    -v streams="$streams" -v viewers="$viewers" 'BEGIN {
    printf "meanwhile: %d streams, %d viewers, %.0f packets/s sent, media thread %.0f %% busy\n", streams, viewers, (after - before) / (to - from), busy * 100 }'
exit "$status"
