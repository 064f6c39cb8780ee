#include "services/scoring/app.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/core/mutex.h"
#include "services/scoring/metrics.h"
#include "services/scoring/session.h"

namespace bellwether::scoring {
namespace {

constexpr absl::Duration kBrokerTimeout = absl::Seconds(5);

// What may pass by itself.
bool MayPass(const absl::Status& s) {
  return s.code() == absl::StatusCode::kUnavailable || s.code() == absl::StatusCode::kDeadlineExceeded;
}

}  // namespace

App::App(Options options, std::function<void()> on_fatal)
    : options_(std::move(options)), on_fatal_(std::move(on_fatal)), thread_([this] {
        MakeMetrics();
        Run();
      }) {}

App::~App() { (void)Stop(absl::Seconds(1)); }

absl::Status App::Stop(absl::Duration limit) {
  {
    const core::MutexLock lock(mutex_);
    if (!stop_) stop_by_ = core::SteadyTime::Now() + limit;
    stop_ = true;
    if (session_ != nullptr) session_->RequestStop(stop_by_);
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
  const core::MutexLock lock(mutex_);
  return end_;
}

std::string App::NotReadyReason() const {
  const core::MutexLock lock(mutex_);
  return session_ != nullptr ? session_->NotReadyReason() : waiting_;
}

bool App::Pause() {
  const core::MutexLock lock(mutex_);
  const auto stopped = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_; };
  return !changed_.WaitUntil(mutex_, core::SteadyTime::Now() + absl::Seconds(1), stopped);
}

bool App::stopping() const {
  const core::MutexLock lock(mutex_);
  return stop_;
}

void App::SetWaiting(std::string why) {
  const core::MutexLock lock(mutex_);
  waiting_ = std::move(why);
}

void App::Run() {
  while (true) {
    absl::StatusOr<std::unique_ptr<bus::Cluster>> cluster = Connect();
    const absl::Status end = cluster.ok() ? RunSession(**cluster) : cluster.status();
    {
      const core::MutexLock lock(mutex_);
      if (stop_) return;
    }
    if (MayBeginAgain(end)) {
      spdlog::warn("scoring begins again from its committed offsets: {}", std::string(end.message()));
      if (!Pause()) return;
      continue;
    }
    spdlog::error("scoring stops: {}", std::string(end.message()));
    {
      const core::MutexLock lock(mutex_);
      end_ = end;
      waiting_ = std::string(end.message());
    }
    on_fatal_();
    return;
  }
}

bool App::MayBeginAgain(const absl::Status& end) {
  // A broker that hung and wakes answers for a moment as the leader that it was, with the log that it had.
  if (absl::IsDataLoss(end)) return !std::exchange(doubted_, true);
  return absl::IsAborted(end) || MayPass(end);
}

absl::StatusOr<std::unique_ptr<bus::Cluster>> App::Connect() {
  while (true) {
    absl::StatusOr<std::unique_ptr<bus::Cluster>> cluster = bus::Cluster::Connect(options_.kafka, kBrokerTimeout);
    absl::Status checked = cluster.status();
    if (checked.ok()) checked = CheckTopics(**cluster);
    if (checked.ok()) checked = CheckPartitions(**cluster);
    if (checked.ok()) return cluster;
    if (!MayPass(checked)) return checked;
    SetWaiting(absl::StrCat("the broker does not answer: ", checked.message()));
    spdlog::warn("waiting for the broker at {}: {}", options_.kafka.bootstrap_servers, std::string(checked.message()));
    if (!Pause()) return absl::CancelledError("stopped");
  }
}

absl::Status App::CheckTopics(const bus::Cluster& cluster) const {
  // The settings stand under the names that the epoch and the rules version give; a scores topic of another name has
  // them too.
  const absl::StatusOr<bus::TopicNames> names =
      bus::NamesOfTopics(options_.topics.epoch, options_.topics.rules_version);
  if (!names.ok()) return names.status();
  absl::StatusOr<std::vector<bus::TopicSpec>> specs =
      bus::ParseTopics(bus::BuiltInTopicsFile(), *names, cluster.brokers());
  if (!specs.ok()) return specs.status();
  for (bus::TopicSpec& spec : *specs) {
    if (spec.role == bus::TopicRole::kScores) spec.name = options_.topics.scores;
    if (stopping()) return absl::CancelledError("stopped");
    const absl::Status s = cluster.CheckTopic(spec, kBrokerTimeout);
    if (!s.ok() && s.code() != absl::StatusCode::kUnimplemented) return s;
  }
  return absl::OkStatus();
}

absl::Status App::CheckPartitions(const bus::Cluster& cluster) const {
  const absl::StatusOr<int> indicators = cluster.PartitionCount(options_.topics.indicators, kBrokerTimeout);
  if (!indicators.ok()) return indicators.status();
  const absl::StatusOr<int> scores = cluster.PartitionCount(options_.topics.scores, kBrokerTimeout);
  if (!scores.ok()) return scores.status();
  if (*indicators == *scores) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(options_.topics.scores, " has ", *scores, " partitions, but ", options_.topics.indicators, " has ",
                   *indicators, ": an update goes to the partition number of its record; create it anew"));
}

absl::Status App::RunSession(const bus::Cluster& cluster) {
  const absl::StatusOr<int> partitions = cluster.PartitionCount(options_.topics.indicators, kBrokerTimeout);
  if (!partitions.ok()) return partitions.status();
  bus::ClientOptions kafka = options_.kafka;
  kafka.embedded_broker = cluster.embedded();
  bus::SinkOptions sink_options = bus::ScoringSinkOptions(options_.topics.scores);
  sink_options.topics.push_back(options_.topics.dead_letters);
  if (stopping()) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<bus::RecordSink>> sink = bus::MakeKafkaSink(kafka, sink_options);
  if (!sink.ok()) return sink.status();
  absl::StatusOr<std::unique_ptr<bus::RecordSource>> look_up = bus::MakeKafkaSource(kafka);
  if (!look_up.ok()) return look_up.status();
  SessionPorts ports;
  ports.sink = *std::move(sink);
  ports.end_offsets = [&](absl::Duration timeout) {
    return (*look_up)->EndOffsets(options_.topics.indicators, timeout);
  };
  ports.same_cluster = [&] { return cluster.CheckSameCluster(kBrokerTimeout); };
  ports.make_group_source = [&](bus::GroupListener* listener) {
    return bus::MakeKafkaGroupSource(
        kafka, {options_.topics.scoring_group, options_.topics.indicators, options_.instance_id, cluster.id()},
        listener);
  };
  SessionOptions session_options;
  session_options.client_id = options_.kafka.client_id;
  session_options.epoch = options_.epoch;
  session_options.partitions = *partitions;
  session_options.indicators_topic = options_.topics.indicators;
  session_options.scores_topic = options_.topics.scores;
  session_options.dead_letter_topic = options_.topics.dead_letters;
  Session session(session_options, std::move(ports));
  {
    const core::MutexLock lock(mutex_);
    if (stop_) return absl::OkStatus();
    session_ = &session;
  }
  const absl::Status end = session.Run();
  if (session.caught_up()) doubted_ = false;
  const core::MutexLock lock(mutex_);
  session_ = nullptr;
  waiting_ = "begins again";
  return end;
}

}  // namespace bellwether::scoring
