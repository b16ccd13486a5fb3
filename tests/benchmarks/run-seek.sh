#!/usr/bin/env bash
# How soon Chromium shows a picture after a seek in long recordings. FFmpeg makes the media; a node finds it in its spool as if its
# recorder had been killed, finishes it, and serves it.
#
#   npm ci --prefix tests/Broadcast.Benchmarks/browser
#   tests/benchmarks/run-seek.sh
#
# Environment: MINUTES=60  SEEKS=100  HTTP_PORT=37330  MEDIA_PORT=37331
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
minutes=${MINUTES:-60}
http_port=${HTTP_PORT:-37330}
media_port=${MEDIA_PORT:-37331}
address=http://127.0.0.1:$http_port
work=$(mktemp -d)
server=

stop() { [ -z "$1" ] || { kill "$1" 2>/dev/null && wait "$1" 2>/dev/null || true; }; }
trap 'stop "$server"; rm -rf "$work"' EXIT

dotnet build "$root/src/Broadcast.Server" -c Release -v q -nologo >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }

# Id, codec, ending, container, codec string, then what FFmpeg encodes with. A minute is encoded, and repeated.
make() {
    local id=$1 codec=$2 ending=$3 container=$4 codec_string=$5 folder="$work/data/recordings/spool/$1"
    shift 5
    mkdir -p "$folder"
    ffmpeg -v error -f lavfi -i testsrc2=s=1280x720:r=30 -f lavfi -i sine=440:r=48000 -t 60 -g 60 -b:v 2500k "$@" -c:a libopus "$work/minute.$ending"
    ffmpeg -v error -stream_loop $((minutes - 1)) -i "$work/minute.$ending" -c copy -movflags +frag_keyframe+empty_moov+default_base_moof "$folder/000001.$ending"
    local duration
    duration=$(printf '%02d:%02d:00' $((minutes / 60)) $((minutes % 60)))
    cat >"$folder/journal.jsonl" <<JOURNAL
{"kind":"started","event":{"streamId":"seek-$codec","at":"2026-01-01T00:00:00+00:00","trigger":"Policy","recorderNode":"seek","id":"$id"}}
{"kind":"opened","event":{"number":1,"container":"$container","start":"00:00:00","tracks":[{"codec":"$codec","width":1280,"height":720,"codecString":"$codec_string"},{"codec":"opus","width":0,"height":0,"codecString":"opus"}],"id":"$id"}}
{"kind":"closed","event":{"number":1,"duration":"$duration","bytes":$(stat -c %s "$folder/000001.$ending"),"reason":"Ended","id":"$id"}}
{"kind":"ended","event":{"duration":"$duration","reason":"NodeStopped","id":"$id"}}
JOURNAL
}

vp8=0000000000000000000000v8
h264=000000000000000000000264
make "$vp8" vp8 webm WebM vp8 -c:v libvpx -deadline realtime -cpu-used 8
make "$h264" h264 mp4 Mp4 avc1.42c01f -c:v libx264 -preset ultrafast -profile:v baseline -pix_fmt yuv420p

dotnet "$root/src/Broadcast.Server/bin/Release/net10.0/broadcast.dll" --workers 1 --no-auth --rate-limit 0 --host-ip 127.0.0.1 \
    --http-port "$http_port" --media-port "$media_port" --node-id seek --data "$work/data" >"$work/server.log" 2>&1 &
server=$!
echo "load average: $(cut -d' ' -f1-3 /proc/loadavg)"
for id in "$vp8" "$h264"; do
    for _ in $(seq 1200); do
        curl -fs "$address/api/v1/recordings/$id" | grep -q '"state":"ready"' && break
        sleep 0.5
    done
    SEEKS=${SEEKS:-100} node "$root/tests/Broadcast.Benchmarks/browser/seek.mjs" "$address" "$id" || { tail -5 "$work/server.log" >&2; exit 1; }
done
echo "load average: $(cut -d' ' -f1-3 /proc/loadavg)"
