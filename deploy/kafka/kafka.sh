# shellcheck shell=bash
# shellcheck disable=SC2154  # run_dir is set by who sources this.
# Apache Kafka on this machine, in KRaft mode, from its Maven artefacts. Sourced by deploy/dev/stack.sh.

kafka_jars=build/kafka/lib
kafka_run=$run_dir/kafka # Kept over restarts: the log lives here.
kafka_packages=(openjdk-17-jre-headless maven)

# Broker i listens on 19092, 29092, 39092; its controller on the port after it.
kafka_port() { echo "${1}9092"; }

kafka_bootstrap() {
  local i text=
  for ((i = 1; i <= $1; ++i)); do text+=${text:+,}127.0.0.1:$(kafka_port "$i"); done
  echo "$text"
}

kafka_jars_are_good() {
  local sums=$PWD/deploy/kafka/SHA256SUMS
  (cd "$kafka_jars" && sha256sum --quiet --strict --check "$sums") >/dev/null 2>&1
}

kafka_install() {
  need "${kafka_packages[@]}"
  kafka_jars_are_good && return
  say "fetching Apache Kafka"
  rm -rf "$kafka_jars"
  timeout 300 mvn --quiet --batch-mode --file deploy/kafka/pom.xml dependency:copy-dependencies -DincludeScope=runtime \
    -DoutputDirectory="$PWD/$kafka_jars" </dev/null
  kafka_jars_are_good || fail "the files of Apache Kafka are not those of deploy/kafka/SHA256SUMS: not used"
}

# kafka_configure I BROKERS: writes broker I's settings, and its data folder where there is none.
kafka_configure() {
  local i=$1 brokers=$2 dir=$kafka_run/$1 replication=1 isr=1 voters='' j
  [ "$brokers" -lt 3 ] || { replication=3 isr=2; }
  for ((j = 1; j <= brokers; ++j)); do voters+=${voters:+,}$j@127.0.0.1:$(($(kafka_port "$j") + 1)); done
  mkdir -p "$dir"
  cat >"$dir/server.properties" <<END
process.roles=broker,controller
node.id=$i
listeners=PLAINTEXT://127.0.0.1:$(kafka_port "$i"),CONTROLLER://127.0.0.1:$(($(kafka_port "$i") + 1))
advertised.listeners=PLAINTEXT://127.0.0.1:$(kafka_port "$i")
controller.listener.names=CONTROLLER
controller.quorum.voters=$voters
log.dirs=$PWD/$dir/data
auto.create.topics.enable=false
offsets.topic.replication.factor=$replication
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=$replication
transaction.state.log.min.isr=$isr
share.coordinator.state.topic.replication.factor=$replication
share.coordinator.state.topic.min.isr=$isr
group.initial.rebalance.delay.ms=0
# A broker that was killed is back in 3 s, not 12.
broker.session.timeout.ms=1000
broker.heartbeat.interval.ms=200
END
  [ ! -e "$dir/data/meta.properties" ] || return 0
  java -cp "$kafka_jars/*" kafka.tools.StorageTool format --cluster-id "$(cat "$kafka_run/cluster-id")" \
    --config "$dir/server.properties" >"$dir/format.log" 2>&1 || { cat "$dir/format.log" >&2 && return 1; }
}

# kafka_prepare BROKERS: the data of a cluster of so many brokers, made or found.
kafka_prepare() {
  local i kept=$1
  mkdir -p "$kafka_run"
  [ ! -e "$kafka_run/brokers" ] || kept=$(cat "$kafka_run/brokers")
  [ "$kept" = "$1" ] || fail "$kafka_run holds the log of $kept brokers, not $1: give --brokers $kept, or remove the folder and the log with it"
  echo "$1" >"$kafka_run/brokers"
  [ -e "$kafka_run/cluster-id" ] || head -c 16 /dev/urandom | base64 | tr '+/' 'AB' | cut -c1-22 >"$kafka_run/cluster-id"
  for ((i = 1; i <= $1; ++i)); do kafka_configure "$i" "$1"; done
}

# kafka_run_broker I: becomes the broker.
kafka_run_broker() {
  exec java -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Xms512m -Xmx512m -cp "$kafka_jars/*" kafka.Kafka \
    "$kafka_run/$1/server.properties"
}
