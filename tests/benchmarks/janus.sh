# Sourced by the benchmarks that compare with Janus Gateway (Debian package).

need() { # command package
    command -v "$1" >/dev/null && return
    echo "installing $2" >&2
    if [ "$(id -u)" -eq 0 ]; then apt-get install -y --no-install-recommends "$2" >/dev/null
    else sudo apt-get install -y --no-install-recommends "$2" >/dev/null; fi
}

wait_for() { # pid address log
    for _ in $(seq 150); do
        kill -0 "$1" 2>/dev/null || break # another program may answer on a taken port
        curl -fs -o /dev/null "$2" && kill -0 "$1" 2>/dev/null && return
        sleep 0.1
    done
    echo "$2 did not start:" >&2; tail -5 "$3" >&2; exit 3
}

# Starts it with one media thread, on loopback only, with the video room plugin; sets janus_pid, adds it to children,
# and returns when it answers.
start_janus() { # folder port
    need janus janus
    local folder=$1/janus port=$2 libraries
    libraries=$(dirname "$(dpkg -L janus | grep -m1 '/janus/plugins/.*\.so')")
    libraries=${libraries%/plugins}
    mkdir "$folder"
    cat > "$folder/janus.jcfg" <<CONFIG
general: {
    configs_folder = "$folder"
    plugins_folder = "$libraries/plugins"
    transports_folder = "$libraries/transports"
    events_folder = "$libraries/events"
    loggers_folder = "$libraries/loggers"
    debug_level = 2
    event_loops = 1
}
certificates: { }
media: { }
nat: {
    ice_enforce_list = "127.0.0.1"
    ice_lite = true
}
plugins: { disable = "$(cd "$libraries/plugins" && ls ./*.so | grep -v videoroom | sed 's|^\./||' | paste -sd,)" }
transports: { disable = "$(cd "$libraries/transports" && ls ./*.so | grep -v janus_http | sed 's|^\./||' | paste -sd,)" }
CONFIG
    cat > "$folder/janus.transport.http.jcfg" <<CONFIG
general: { json = "compact" base_path = "/janus" http = true port = $port ip = "127.0.0.1" https = false }
admin: { admin_http = false admin_https = false }
CONFIG
    echo 'general: { }' > "$folder/janus.plugin.videoroom.jcfg"
    janus -F "$folder" -C "$folder/janus.jcfg" > "$1/janus.log" 2>&1 &
    janus_pid=$!; children+=("$janus_pid")
    wait_for "$janus_pid" "http://127.0.0.1:$port/janus/info" "$1/janus.log"
}
