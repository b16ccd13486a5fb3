#!/usr/bin/env bash
# What viewers notice of a relay that is killed, and what a hop costs: four nodes and a Redis on this machine.
#
#   tests/benchmarks/run-cascade.sh
#
# The source feeds two relays and no more; the leaf is fed by one of them, and the other stands by. Each round kills the leaf's
# parent (SIGKILL) under VIEWERS viewers at the leaf and reads the longest time that each of them had no packet of the picture.
# Then the delay from publisher to viewer is measured at the source and at a node below it; the difference is the hop.
#
# Environment: KILLS=5  VIEWERS=50  BITRATE=500k  DELAY_VIEWERS=10  DELAY_SECONDS=10  PORT=27000 (of Redis; nodes use the next ones. Below what the kernel gives to others)
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
kills=${KILLS:-5}
viewers=${VIEWERS:-50}
bitrate=${BITRATE:-500k}
delay_viewers=${DELAY_VIEWERS:-10}
delay_seconds=${DELAY_SECONDS:-10}
port=${PORT:-27000}
work=$(mktemp -d)
declare -A pids=()

stop() { [ -z "${pids[$1]:-}" ] || { kill -"${2:-TERM}" "${pids[$1]}" 2>/dev/null && wait "${pids[$1]}" 2>/dev/null || true; unset "pids[$1]"; }; }
stop_all() { for name in "${!pids[@]}"; do stop "$name" KILL; done; } # by TERM nodes would wait for their viewers
trap 'stop_all; rm -rf "$work"' EXIT

for project in Server LoadTest; do
    dotnet build "$root/src/Broadcast.$project" -c Release -v q -nologo -m:1 >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
done

# To be run in a subshell, which it takes over.
loadtest() { exec dotnet "$root/src/Broadcast.LoadTest/bin/Release/net10.0/broadcast-loadtest.dll" "$@"; }

# Waits until a command succeeds.
until_true() {
    for _ in $(seq 600); do
        "$@" && return
        sleep 0.1
    done
    tail -n 5 "$work"/*.log >&2
    exit 3
}

address() { echo "http://127.0.0.1:$((port + 10 * $1))"; }

# Number, name, further switches.
start_node() {
    local number=$1 name=$2
    shift 2
    dotnet "$root/src/Broadcast.Server/bin/Release/net10.0/broadcast.dll" --workers 1 --no-auth --rate-limit 0 --host-ip 127.0.0.1 \
        --http-port $((port + 10 * number)) --media-port $((port + 10 * number + 1)) --data "$work/$name" --cluster "redis://127.0.0.1:$port" \
        --node-id "$name" --zone "$name" --public-url "$(address "$number")" "$@" >"$work/$name.log" 2>&1 &
    pids[$name]=$!
    until_true curl -fs -o /dev/null "$(address "$number")/health/ready"
}

start_store() {
    mkdir -p "$work/redis"
    redis-server --port "$port" --bind 127.0.0.1 --dir "$work/redis" --appendonly yes --save '' >"$work/redis.log" 2>&1 &
    pids[redis]=$!
    answers() { redis-cli -p "$port" ping >/dev/null 2>&1; }
    until_true answers
}

# The second relay has so little uplink that the leaf rather takes the first.
start_cluster() {
    start_store
    start_node 1 source --max-children 2
    start_node 2 relay
    start_node 3 spare --uplink 100000000
    start_node 4 leaf
}

is_live() { curl -fs "$1/api/v1/streams/$2" | grep -q '"keyframes":[1-9]'; }

# Watches with one viewer for as long as the round lasts, so that the node carries the stream.
hold() {
    loadtest --server "$(address "$1")" --stream cascade --publishers 0 --viewers 1 --bitrate "$bitrate" --duration 86400 >"$work/hold-$1.log" 2>&1 &
    pids[hold-$1]=$!
    until_true is_live "$(address "$1")" cascade
}

echo "load average: $(cut -d' ' -f1-3 /proc/loadavg)"
echo "longest pause of each of $viewers viewers, whose node's parent was killed:"
for round in $(seq "$kills"); do
    start_cluster
    loadtest --server "$(address 1)" --stream cascade --viewers 0 --bitrate "$bitrate" --size 640x360 --duration 86400 >"$work/publisher.log" 2>&1 &
    pids[publisher]=$!
    until_true is_live "$(address 1)" cascade
    hold 2
    hold 3
    loadtest --server "$(address 4)" --stream cascade --publishers 0 --viewers "$viewers" --bitrate "$bitrate" --warmup 3 --duration 8 --json "$work/round-$round.json" >"$work/viewers.log" 2>&1 &
    pids[viewers]=$!
    loadtest --server "$(address 3)" --stream cascade --publishers 0 --viewers 2 --bitrate "$bitrate" --warmup 3 --duration 8 --json "$work/elsewhere.json" >"$work/elsewhere.log" 2>&1 &
    pids[elsewhere]=$!
    all_watch() { curl -fs "$(address 4)/api/v1/streams/cascade" | grep -q "\"viewers\":$viewers\b"; }
    until_true all_watch
    sleep 5 # into the window, which begins three seconds after the last has a picture
    stop relay KILL
    wait "${pids[viewers]}" "${pids[elsewhere]}" || true
    unset 'pids[viewers]' 'pids[elsewhere]'
    grep -q 'took the standby spare' "$work/leaf.log" || echo "round $round: the leaf was not fed by the relay that was killed"
    node -e '
        const { media, joins } = JSON.parse(require("fs").readFileSync(process.argv[1]));
        const { p50, p99, max } = media.longestPauseMilliseconds;
        console.log(`round ${process.argv[2]}: p50 ${p50} ms, p99 ${p99}, max ${max}; ${joins.playing} playing, ${media.endedViewers} sessions ended, ${media.lost} packets lost for good, ${media.repaired} repaired; longest pause of those whom it does not concern ${JSON.parse(require("fs").readFileSync(process.argv[3])).media.longestPauseMilliseconds.max} ms`);
    ' "$work/round-$round.json" "$round" "$work/elsewhere.json"
    stop_all
    rm -rf "$work"/{redis,source,relay,spare,leaf}
done

node -e '
    const rounds = process.argv.slice(1).map((file) => JSON.parse(require("fs").readFileSync(file)).media.longestPauseMilliseconds);
    console.log(`over all rounds: median of p50 ${rounds.map(({ p50 }) => p50).sort((a, b) => a - b)[rounds.length >> 1]} ms, worst p99 ${Math.max(...rounds.map(({ p99 }) => p99))}, worst ${Math.max(...rounds.map(({ max }) => max))}`);
' "$work"/round-*.json

start_store
start_node 1 source
start_node 2 edge
for place in 1 2 1 2; do
    echo "delay from publisher to $delay_viewers viewers, $([ "$place" = 1 ] && echo 'at the same node' || echo 'a hop further')"
    loadtest --server "$(address 1)" --watch-server "$(address "$place")" --stream "delay-$RANDOM" --viewers "$delay_viewers" --bitrate "$bitrate" --size 640x360 \
        --sample 1/4 --warmup 3 --duration "$delay_seconds" | grep -E '^(viewers|media|delay|error)'
done
echo "load average: $(cut -d' ' -f1-3 /proc/loadavg)"
