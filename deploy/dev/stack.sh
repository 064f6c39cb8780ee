# shellcheck shell=bash
# shellcheck disable=SC2154  # apt_packages and the like are set by ./dev.
# ./dev demo, ./dev up and ./dev down: the stack on this machine. Sourced by ./dev.

run_dir=.run
bin=build/release/bin
council=E06000061
example=examples/north-northamptonshire
# An invented council with two whole years of months.
eastmere=E06000901
# shellcheck source=deploy/kafka/kafka.sh
source deploy/kafka/kafka.sh

# What runs, in the order in which it started: a name a line. Brokers are named broker*.
names=$run_dir/names

alive() { [ -f "$run_dir/$1.pid" ] && kill -0 "$(cat "$run_dir/$1.pid")" 2>/dev/null; }

started_names() { if [ -f "$names" ]; then cat "$names"; fi; }

refuse_a_second_stack() {
  local name
  mkdir -p "$run_dir"
  for name in $(started_names); do
    ! alive "$name" || fail "a stack runs already: ./dev down stops it"
  done
  : >"$names"
}

# start NAME COMMAND...: in a process group of its own: an interrupt at the terminal is for ./dev, which then stops the
# stack in order.
start() {
  local name=$1
  shift
  set -m
  "$@" >"$run_dir/$name.log" 2>&1 </dev/null &
  set +m
  echo $! >"$run_dir/$name.pid"
  echo "$name" >>"$names"
}

port_answers_ready() {
  /usr/bin/python3 - "$1" <<'END'
import sys, urllib.request
try:
    urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/readyz", timeout=2)
except OSError:
    sys.exit(1)
END
}

# await NAME COMMAND...: until the command succeeds.
await() {
  local name=$1 deadline=$((SECONDS + 60))
  shift
  printf '  %-10s' "$name"
  until "$@"; do
    if ! alive "$name"; then
      printf 'died:\n' && tail -5 "$run_dir/$name.log" >&2
      return 1
    fi
    [ $SECONDS -lt $deadline ] || { printf 'is not ready after 60 s: see %s\n' "$run_dir/$name.log" >&2 && return 1; }
    sleep 0.2
  done
  printf 'ready\n'
}

# The services on the brokers given, and the pages.
start_services() {
  local kafka=$1 name
  for name in ingestion scoring query; do start $name "$bin/bellwether-$name" --kafka "$kafka"; done
  await ingestion port_answers_ready 7411 || fail "ingestion did not start"
  await scoring port_answers_ready 7412 || fail "scoring did not start"
  await query port_answers_ready 7413 || fail "query did not start"
  start web "$bin/bellwether-web" --council "$council=North Northamptonshire Council" --council "$eastmere=Eastmere Council"
  await web port_answers_ready 7414 || fail "web did not start"
}

# stop NAME...: asks all at once, waits for each, and kills what has not ended after 30 s.
stop() {
  local name pid pids=()
  for name in "$@"; do
    if alive "$name"; then
      pid=$(cat "$run_dir/$name.pid")
      pids+=("$pid")
      kill "$pid"
    fi
    rm -f "$run_dir/$name.pid"
  done
  for pid in "${pids[@]}"; do
    for _ in $(seq 150); do kill -0 "$pid" 2>/dev/null || continue 2; sleep 0.2; done
    echo "  $pid does not end: killed" >&2
    kill -9 "$pid"
  done
}

# Services first, the last one first; then the brokers, all at once: one left alone would wait for the others.
stop_stack() {
  local name brokers=() others=()
  for name in $(started_names); do
    case $name in broker*) brokers+=("$name") ;; *) others=("$name" "${others[@]}") ;; esac
  done
  for name in "${others[@]}"; do stop "$name"; done
  stop "${brokers[@]}"
  rm -f "$names"
}

verb_down() {
  say "stopping"
  stop_stack
  echo "nothing of ours runs any more"
}

verb_up() {
  local count=1 i kafka
  case "$#:${1:-}:${2:-}" in
    0::) ;;
    2:--brokers:[13]) count=$2 ;;
    *) fail "up takes --brokers 1, --brokers 3, or nothing" ;;
  esac
  timed "install" need "${apt_packages[@]}"
  timed "build" compile release
  timed "Apache Kafka" kafka_install
  refuse_a_second_stack
  kafka=$(kafka_bootstrap "$count")
  trap stop_stack EXIT
  say "starting Kafka ($count), the topics, the services"
  kafka_prepare "$count"
  for ((i = 1; i <= count; ++i)); do start "broker$i" kafka_run_broker "$i"; done
  "$bin/bellwether-admin" topics --kafka "$kafka" --brokers "$count" --timeout 60 ||
    fail "the topics are not as they must be; logs: $run_dir/"
  start_services "$kafka"
  trap - EXIT
  cat <<END

The stack runs on Apache Kafka at $kafka. Use it:
  export BELLWETHER_COUNCIL=$council
  $bin/bellwether catalogue apply $example/catalogue.yaml
  $bin/bellwether readings submit $example/readings-2022-02.csv
  $bin/bellwether report --period 2022-02
Its pages are at http://127.0.0.1:7480/
What the processes say is in $run_dir/. The log of record is in $kafka_run/ and outlives ./dev down. Stop it:
  ./dev down
END
}

verb_demo() {
  local keep=no
  # What the demo runs and no more: tests and benchmarks are most of a build.
  local programs=(bellwether bellwether-standalone bellwether-ingestion bellwether-scoring bellwether-query bellwether-web)
  case ${1:-} in "") ;; --keep) keep=yes ;; *) fail "demo takes --keep or nothing" ;; esac
  timed "install" need "${apt_packages[@]}"
  timed "build: ${programs[*]}" compile release "${programs[@]}"
  refuse_a_second_stack
  trap stop_stack EXIT
  say "starting five processes"
  start broker "$bin/bellwether-standalone" --broker-only --port 7492
  await broker grep -q started "$run_dir/broker.log" || fail "the broker did not start"
  start_services 127.0.0.1:7492
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
    say "an invented council with two whole years"
    BELLWETHER_COUNCIL=$eastmere "$bin/bellwether" catalogue apply examples/eastmere/catalogue.yaml
    BELLWETHER_COUNCIL=$eastmere "$bin/bellwether" readings submit examples/eastmere/readings.csv
    trap - EXIT
    cat <<END

The stack goes on running. Its reports are pages:
  http://127.0.0.1:7480/$council/reports/2022-02
  http://127.0.0.1:7480/$eastmere/reports/2025-03   two whole years of an invented council
Ask it:
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
