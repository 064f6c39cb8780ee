# shellcheck shell=bash
# shellcheck disable=SC2154  # apt_packages and the like are set by ./dev.
# ./dev demo, ./dev up and ./dev down: the stack on this machine. Sourced by ./dev.

run_dir=.run
bin=build/release/bin
council=E06000061
example=examples/north-northamptonshire
# An invented council with two whole years of months.
eastmere=E06000901
ports=74 # What every port begins with, but those of Apache Kafka.
# What --access makes, and how services and pages are told of it.
access_dir=$run_dir/access
server_flags=() web_flags=()
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
  local kafka=$1 at=127.0.0.1:$ports
  start ingestion "$bin/bellwether-ingestion" --kafka "$kafka" --listen "${at}01" --admin "${at}11" "${server_flags[@]}"
  start scoring "$bin/bellwether-scoring" --kafka "$kafka" --admin "${at}12"
  start query "$bin/bellwether-query" --kafka "$kafka" --listen "${at}02" --admin "${at}13" "${server_flags[@]}"
  await ingestion port_answers_ready "${ports}11" || fail "ingestion did not start"
  await scoring port_answers_ready "${ports}12" || fail "scoring did not start"
  await query port_answers_ready "${ports}13" || fail "query did not start"
  start web "$bin/bellwether-web" --query "${at}02" --listen "${at}80" --admin "${at}14" "${web_flags[@]}" \
    --council "$council=North Northamptonshire Council" --council "$eastmere=Eastmere Council"
  await web port_answers_ready "${ports}14" || fail "web did not start"
}

# is_good NAME DAYS: its certificate is of our authority, lasts so long, and belongs to its key.
is_good() {
  local of=$access_dir/$1
  openssl verify -CAfile "$access_dir/ca.crt" "$of.crt" && openssl x509 -noout -checkend $(($2 * 86400)) -in "$of.crt" &&
    [ "$(openssl x509 -noout -pubkey -in "$of.crt")" = "$(openssl pkey -pubout -in "$of.key")" ]
} >/dev/null 2>&1

# issue NAME DAYS OPTION...: a new key, and its certificate.
issue() {
  local of=$access_dir/$1 said
  rm -f "$of.key" "$of.crt"
  said=$(openssl req -x509 -config <(printf '[req]\ndistinguished_name=name\n[name]\n') -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$of.key" -out "$of.crt" -days "$2" -subj "/CN=$1" "${@:3}" 2>&1) || fail "openssl made no certificate for $1: $said"
}

# An authority, a certificate for the services and for each caller, and who may do what. What is good stays as it is; access.yaml also
# where somebody has changed it.
make_access() (
  umask 077
  mkdir -p "$access_dir"
  is_good ca 8 || issue ca 30 -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
  for name in bellwether performance-team feed operator stranger; do
    alternatives=DNS:$name
    [ $name != bellwether ] || alternatives+=,DNS:localhost,IP:127.0.0.1
    is_good $name 1 || issue $name 7 -CA "$access_dir/ca.crt" -CAkey "$access_dir/ca.key" \
      -addext basicConstraints=critical,CA:FALSE -addext "subjectAltName=$alternatives"
  done
  [ -e "$access_dir/access.yaml" ] ||
    sed "s/councils: \[$council\]/councils: [$council, $eastmere]/" "$example/access.yaml" >"$access_dir/access.yaml"
)

turn_access_on() {
  say "certificates, and who may do what: $access_dir/"
  make_access
  local own=(--tls-certificate "$access_dir/bellwether.crt" --tls-key "$access_dir/bellwether.key")
  server_flags=("${own[@]}" --tls-client-ca "$access_dir/ca.crt" --access "$access_dir/access.yaml")
  web_flags=("${own[@]}" --tls-ca "$access_dir/ca.crt")
}

print_access() {
  cat <<END

Callers show a certificate; $access_dir/access.yaml says what each may do, and what you change in it holds within seconds. Who may do what:
  as() { $bin/bellwether --tls-ca $access_dir/ca.crt --tls-certificate "$access_dir/\$1.crt" --tls-key "$access_dir/\$1.key" "\${@:2}"; }
  as performance-team whoami
  as feed whoami
  as stranger whoami
The certificates end within 7 days; a start makes new ones of those that have less than one left.
END
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
  local count=1 access=no program=$bin/bellwether i kafka
  while [ $# -gt 0 ]; do
    case "$1:${2:-}" in
      --access:*) access=yes program="as performance-team" ;;
      --brokers:[13]) count=$2 && shift ;;
      *) fail "up takes --access, and --brokers 1 or --brokers 3" ;;
    esac
    shift
  done
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
  [ $access = no ] || turn_access_on
  start_services "$kafka"
  trap - EXIT
  [ $access = no ] || print_access
  cat <<END

The stack runs on Apache Kafka at $kafka. Use it:
  export BELLWETHER_COUNCIL=$council
  $program catalogue apply $example/catalogue.yaml
  $program readings submit $example/readings-2022-02.csv
  $program report --period 2022-02
Its pages are at http://127.0.0.1:${ports}80/
What the processes say is in $run_dir/. The log of record is in $kafka_run/ and outlives ./dev down. Stop it:
  ./dev down
END
}

verb_demo() {
  local keep=no access=no program=$bin/bellwether credentials=-plaintext who=$access_dir/performance-team word
  # What the demo runs and no more: tests and benchmarks are most of a build.
  local programs=(bellwether bellwether-standalone bellwether-ingestion bellwether-scoring bellwether-query bellwether-web)
  for word in "$@"; do
    case $word in
      --keep) keep=yes ;;
      --access) access=yes program="as performance-team" ;;
      *) fail "demo takes --keep and --access" ;;
    esac
  done
  timed "install" need "${apt_packages[@]}"
  timed "build: ${programs[*]}" compile release "${programs[@]}"
  refuse_a_second_stack
  trap stop_stack EXIT
  say "starting five processes"
  start broker "$bin/bellwether-standalone" --broker-only --port "${ports}92" --admin "127.0.0.1:${ports}10"
  await broker grep -q started "$run_dir/broker.log" || fail "the broker did not start"
  [ $access = no ] || turn_access_on
  start_services "127.0.0.1:${ports}92"
  export BELLWETHER_COUNCIL=$council
  if [ $access = yes ]; then
    export BELLWETHER_TLS_CA=$access_dir/ca.crt BELLWETHER_TLS_CERTIFICATE=$who.crt BELLWETHER_TLS_KEY=$who.key
    credentials="-cacert $access_dir/ca.crt -cert $who.crt -key $who.key"
  fi
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
    [ $access = no ] || print_access
    cat <<END

The stack goes on running. Its reports are pages:
  http://127.0.0.1:${ports}80/$council/reports/2022-02
  http://127.0.0.1:${ports}80/$eastmere/reports/2025-03   two whole years of an invented council
Ask it:
  export BELLWETHER_COUNCIL=$council
  $program report --period 2022-02
  $program explain T21a
  $program watch
  grpcurl $credentials -d '{"council": "$council", "period": "2022-02", "page_size": 1}' 127.0.0.1:${ports}02 bellwether.v1.QueryService/GetReport
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
