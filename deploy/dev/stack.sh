# shellcheck shell=bash
# shellcheck disable=SC2154  # apt_packages and the like are set by ./dev.
# ./dev demo and ./dev down: the stack on this machine, over the embedded broker. Sourced by ./dev.

run_dir=.run
bin=build/release/bin
council=E06000061
example=examples/north-northamptonshire

# Services in the order in which they start; they stop the other way round.
services=(broker ingestion scoring query)
port_of() {
  case $1 in broker) echo 7492 ;; ingestion) echo 7411 ;; scoring) echo 7412 ;; query) echo 7413 ;; esac
}
command_of() {
  if [ "$1" = broker ]; then echo "$bin/bellwether-standalone --broker-only --port 7492"; else echo "$bin/bellwether-$1"; fi
}

alive() { [ -f "$run_dir/$1.pid" ] && kill -0 "$(cat "$run_dir/$1.pid")" 2>/dev/null; }

# Whether a service is ready: the broker once it says so, the others by their admin port.
ready() {
  if [ "$1" = broker ]; then grep -q started "$run_dir/broker.log"; else python3 - "$(port_of "$1")" <<'END'; fi
import sys, urllib.request
try:
    urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/readyz", timeout=2)
except OSError:
    sys.exit(1)
END
}

start() {
  local name=$1
  # A process of its own session: an interrupt at the terminal is for ./dev, which then stops the stack in order.
  # shellcheck disable=SC2046
  setsid $(command_of "$name") >"$run_dir/$name.log" 2>&1 </dev/null &
  echo $! >"$run_dir/$name.pid"
}

await() {
  local name=$1 deadline=$((SECONDS + 60))
  printf '  %-10s' "$name"
  until ready "$name"; do
    if ! alive "$name"; then
      printf 'died:\n' && tail -5 "$run_dir/$name.log" >&2
      return 1
    fi
    [ $SECONDS -lt $deadline ] || { printf 'is not ready after 60 s: see %s\n' "$run_dir/$name.log" >&2; return 1; }
    sleep 0.2
  done
  printf 'ready\n'
}

stop_stack() {
  local i name pid
  for ((i = ${#services[@]} - 1; i >= 0; i--)); do
    name=${services[i]}
    alive "$name" || { rm -f "$run_dir/$name.pid"; continue; }
    pid=$(cat "$run_dir/$name.pid")
    kill "$pid"
    for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
    kill -0 "$pid" 2>/dev/null && kill -9 "$pid"
    rm -f "$run_dir/$name.pid"
  done
}

verb_down() {
  say "stopping"
  stop_stack
  echo "nothing of ours runs any more"
}

verb_demo() {
  local keep=no name
  case ${1:-} in "") ;; --keep) keep=yes ;; *) fail "demo takes --keep or nothing" ;; esac
  timed "install" need "${apt_packages[@]}"
  timed "build" compile release
  mkdir -p "$run_dir"
  for name in "${services[@]}"; do
    alive "$name" && fail "a stack runs already: ./dev down stops it"
  done
  trap stop_stack EXIT
  say "starting four processes"
  start broker
  await broker || fail "the broker did not start"
  for name in ingestion scoring query; do start "$name"; done
  for name in ingestion scoring query; do await "$name" || fail "$name did not start"; done
  export BELLWETHER_COUNCIL=$council
  say "the catalogue: 67 indicators, two rating schemes"
  "$bin/bellwether" catalogue apply "$example/catalogue.yaml"
  say "the readings"
  "$bin/bellwether" readings submit "$example/readings-2022-02.csv"
  say "the report"
  "$bin/bellwether" report --period 2022-02
  say "what does not add up in it"
  "$bin/bellwether" findings --period 2022-02
  say "why T45 has its status and its arrow"
  "$bin/bellwether" explain T45 --period 2022-02
  print_timings
  if [ $keep = yes ]; then
    trap - EXIT
    cat <<END

The stack goes on running. Ask it:
  export BELLWETHER_COUNCIL=$council
  $bin/bellwether report --period 2022-02
  $bin/bellwether explain T21a
  $bin/bellwether watch
  grpcurl -plaintext -d '{"council": "$council", "period": "2022-02", "page_size": 1}' 127.0.0.1:7402 bellwether.v1.QueryService/GetReport
Its logs are in $run_dir/. Stop it:
  ./dev down
END
  else
    stop_stack
    trap - EXIT
    echo
    echo "The stack is stopped. ./dev demo --keep leaves it running; docs/ says what all this means."
  fi
}
