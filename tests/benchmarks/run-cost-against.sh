#!/usr/bin/env bash
# What a packet to a viewer costs now, against another commit: both servers in turn under the load tool of this one, ROUNDS times.
#
#   tests/benchmarks/run-cost-against.sh COMMIT [extra switches of broadcast-loadtest]
#
# Environment: VIEWERS=200  ROUNDS=3  DURATION=10  HTTP_PORT=37490  MEDIA_PORT=37491
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
commit=${1:?the commit to compare with}
shift
viewers=${VIEWERS:-200}
rounds=${ROUNDS:-3}
duration=${DURATION:-10}
http_port=${HTTP_PORT:-37490}
media_port=${MEDIA_PORT:-37491}
work=$(mktemp -d)
server=

trap '[ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null || true; }; git -C "$root" worktree remove --force "$work/other" 2>/dev/null || true; rm -rf "$work"' EXIT

git -C "$root" worktree add --quiet --detach "$work/other" "$commit"
for project in "$work/other/src/Broadcast.Server" "$root/src/Broadcast.Server" "$root/src/Broadcast.LoadTest"; do
    dotnet build "$project" -c Release -v q -nologo >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
done

load() { # switches…
    rm -f "$work/result.json"
    dotnet "$root/src/Broadcast.LoadTest/bin/Release/net10.0/broadcast-loadtest.dll" --server "http://127.0.0.1:$http_port" --join-rate 100 \
        --pid "$server" --json "$work/result.json" "$@" >"$work/load.log" 2>&1 || tail -5 "$work/load.log" >&2
    [ -s "$work/result.json" ] || exit 3
    sleep 1 # until the server has freed what the run used
}

# A number of the load tool's JSON: $1 its key, $2 digits to show.
value() { awk -v key="\"$1\":" -v digits="$2" '$1 == key { printf "%.*f", digits, $2; exit }' "$work/result.json"; }

measure() { # name root switches…
    local name=$1 tree=$2
    shift 2
    dotnet "$tree/src/Broadcast.Server/bin/Release/net10.0/broadcast.dll" --workers 1 --no-auth --rate-limit 0 --host-ip 127.0.0.1 \
        --http-port "$http_port" --media-port "$media_port" --data "$work/data-$name" >"$work/server.log" 2>&1 &
    server=$!
    for _ in $(seq 150); do
        curl -fs -o /dev/null "http://127.0.0.1:$http_port/health/ready" && break
        kill -0 "$server" 2>/dev/null || { tail -5 "$work/server.log" >&2; exit 3; }
        sleep 0.1
    done
    load --viewers 50 --duration 4 # compiles the server's hot paths
    load --viewers "$viewers" --duration "$duration" "$@"
    echo "| $name | $(value packetsPerSecond 0) | $(value cpuMicrosecondsPerPacket 2) | $(value lost 0) |"
    kill "$server"
    wait "$server" 2>/dev/null || true
    server=
}

echo '| server | packets/s | µs per packet | lost |'
echo '|---|---|---|---|'
for _ in $(seq "$rounds"); do
    measure "$commit" "$work/other" "$@"
    measure now "$root" "$@"
done
