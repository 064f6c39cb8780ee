#include "services/ingestion/app.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/bus/broker_watch.h"
#include "bellwether/bus/cluster.h"
#include "bellwether/core/mutex.h"
#include "services/ingestion/checks.h"

namespace bellwether::ingestion {
namespace {

constexpr absl::Duration kBrokerTimeout = absl::Seconds(5);
constexpr absl::Duration kPause = absl::Seconds(1);
// Outstanding records of which none is acknowledged for so long are a fault of the brokers.
constexpr absl::Duration kAcknowledgementPatience = absl::Seconds(5);
// The same while it stops.
constexpr absl::Duration kLastPatience = absl::Seconds(1);
// Of the time to drain, what is kept for sending what is outstanding, and then for the thread's last question.
constexpr absl::Duration kFlush = absl::Seconds(2);
constexpr absl::Duration kEnd = absl::Seconds(2);

// Under load the log is read in large pieces, which costs the broker and this service far less.
constexpr int kDefinitionsFetchBytes = 64 << 10;

// What passes by itself, or with a new connection.
bool MayPass(const absl::Status& s) {
  return s.code() == absl::StatusCode::kUnavailable || s.code() == absl::StatusCode::kDeadlineExceeded ||
         s.code() == absl::StatusCode::kAborted || s.code() == absl::StatusCode::kFailedPrecondition;
}

Parts WithOwn(Parts parts, Definitions* definitions, Follower* follower, Recorder* recorder,
              DeadLetterDesk* dead_letters, const core::Clock* clock) {
  parts.definitions = definitions;
  parts.follower = follower;
  parts.recorder = recorder;
  parts.dead_letters = dead_letters;
  if (parts.clock == nullptr) parts.clock = clock;
  return parts;
}

absl::Status CheckTopic(const bus::Cluster& cluster, const Options& options, absl::Duration patience) {
  const absl::StatusOr<std::vector<bus::TopicSpec>> specs =
      bus::ParseTopics(bus::BuiltInTopicsFile(), options.topics, cluster.brokers());
  if (!specs.ok()) return specs.status();
  const absl::Status s = cluster.CheckTopic(bus::TopicOf(*specs, bus::TopicRole::kIndicators), patience);
  return s.code() == absl::StatusCode::kUnimplemented ? absl::OkStatus() : s;
}

}  // namespace

Connect ConnectToKafka(const Options& options) {
  return [options](const std::function<absl::Duration()>& patience) -> absl::StatusOr<Connection> {
    absl::StatusOr<std::unique_ptr<bus::Cluster>> cluster = bus::Cluster::Connect(options.kafka, patience());
    if (!cluster.ok()) return cluster.status();
    if (const absl::Status s = CheckTopic(**cluster, options, patience()); !s.ok()) {
      // A setting that would lose records does not pass by itself.
      return s.code() == absl::StatusCode::kFailedPrecondition ? absl::InternalError(s.message()) : s;
    }
    const absl::StatusOr<int> partitions = (*cluster)->PartitionCount(options.topics.indicators, patience());
    if (!partitions.ok()) return partitions.status();
    bus::ClientOptions kafka = options.kafka;
    kafka.embedded_broker = (*cluster)->embedded();
    Connection connection;
    connection.partitions = *partitions;
    connection.same_cluster = [shared = std::shared_ptr<bus::Cluster>(*std::move(cluster))](absl::Duration timeout) {
      return shared->CheckSameCluster(timeout);
    };
    connection.make_source = [kafka](ReadFor what) {
      bus::ClientOptions client = kafka;
      if (what == ReadFor::kDefinitions) {
        client.headers.emplace();
        client.fetch_min_bytes = kDefinitionsFetchBytes;
      }
      return bus::MakeKafkaSource(client);
    };
    connection.make_sink = [kafka, topic = options.topics.indicators] {
      return bus::MakeKafkaSink(kafka, bus::IngestionSinkOptions(topic));
    };
    return connection;
  };
}

App::App(const Options& options, std::function<void()> on_fatal, Connect connect, Parts parts)
    : on_fatal_(std::move(on_fatal)),
      connect_(std::move(connect)),
      client_id_(options.kafka.client_id),
      topic_(options.topics.indicators),
      follower_(options.topics.indicators, &definitions_),
      recorder_(options.topics.indicators, options.epoch),
      dead_letters_(options.epoch, options.topics.dead_letters, options.topics.indicators),
      service_(WithOwn(parts, &definitions_, &follower_, &recorder_, &dead_letters_, &real_clock_)) {
  MakeRefusalCounters();
}

absl::StatusOr<std::unique_ptr<App>> App::Start(const Options& options, std::function<void()> on_fatal) {
  return Start(options, std::move(on_fatal), ConnectToKafka(options), Parts());
}

absl::StatusOr<std::unique_ptr<App>> App::Start(const Options& options, std::function<void()> on_fatal, Connect connect,
                                                Parts parts) {
  auto app = std::unique_ptr<App>(new App(options, std::move(on_fatal), std::move(connect), parts));
  rpc::ServerOptions server;
  server.address = options.listen;
  server.tls = options.tls;
  server.on_deaf = app->on_fatal_;
  absl::StatusOr<std::unique_ptr<rpc::Server>> started =
      rpc::Server::Start(server, {&app->service_}, {"bellwether.v1.IngestionService"});
  if (!started.ok()) {
    const core::MutexLock lock(app->mutex_);
    app->stopped_ = true;
    return started.status();
  }
  app->server_ = *std::move(started);
  app->thread_ = std::thread([raw = app.get()] { raw->Run(); });
  return app;
}

App::~App() { (void)Stop(absl::Seconds(1)); }

absl::Status App::Stop(absl::Duration drain) {
  {
    const core::MutexLock lock(mutex_);
    if (std::exchange(stopped_, true)) return end_;
    waiting_ = "stopping";
  }
  const core::SteadyTime by = core::SteadyTime::Now() + drain;
  server_->SetServing(false);
  service_.Drain();
  server_->Shutdown(std::max(drain - kFlush - kEnd, drain / 2));
  {
    const core::MutexLock lock(mutex_);
    stop_ = true;
    changed_.NotifyAll();
  }
  dead_letters_.RequestStop();
  const absl::Duration left = std::max(by.left(), absl::ZeroDuration());
  const bus::FlushResult flushed = recorder_.Flush(std::max(left - kEnd, left / 2));
  if (flushed.failed + flushed.undelivered > 0) {
    // Nobody was told that they are recorded.
    spdlog::warn("{} records without acknowledgement were given up", flushed.failed + flushed.undelivered);
  }
  if (thread_.joinable()) thread_.join();
  dead_letters_.Stop();
  recorder_.SetSink(nullptr);
  follower_.EndWaiters();  // While all that they use is there.
  const core::MutexLock lock(mutex_);
  return end_;
}

std::string App::NotLiveReason() const { return server_->NotLiveReason(); }

std::string App::NotReadyReason() const {
  const core::MutexLock lock(mutex_);
  return waiting_;
}

void App::SetWaiting(std::string why) {
  const core::MutexLock lock(mutex_);
  if (stopped_ || why == waiting_) return;
  server_->SetServing(why.empty());
  if (why.empty()) spdlog::info("ready");
  waiting_ = std::move(why);
}

bool App::stopping() const {
  const core::MutexLock lock(mutex_);
  return stop_;
}

absl::Duration App::Patience() const {
  const core::MutexLock lock(mutex_);
  return stopped_ ? kLastPatience : kBrokerTimeout;
}

bool App::Pause(absl::Duration time) {
  const core::SteadyTime until = core::SteadyTime::Now() + time;
  while (!until.over()) {
    follower_.StepWithoutSource();
    const core::MutexLock lock(mutex_);
    const auto stopped = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_; };
    if (changed_.WaitUntil(mutex_, core::SteadyTime::Now() + absl::Milliseconds(50), stopped)) return false;
  }
  return true;
}

void App::Run() {
  while (!stopping()) {
    const absl::Status end = RunSession();
    recorder_.SetSink(nullptr);
    dead_letters_.SetMakeSource(nullptr);
    if (stopping()) return;
    SetWaiting(absl::StrCat("no session with the broker: ", end.message()));
    if (MayBeginAgain(end)) {
      spdlog::warn("begins again: {}", std::string(end.message()));
      if (!Pause(kPause)) return;
      continue;
    }
    spdlog::error("cannot go on: {}", std::string(end.message()));
    {
      const core::MutexLock lock(mutex_);
      end_ = end;
    }
    on_fatal_();
    // Calls are still answered, with a reason, until somebody stops the service.
    while (Pause(kPause)) {
    }
    return;
  }
}

bool App::MayBeginAgain(const absl::Status& end) {
  // A broker that hung and wakes answers for a moment as the leader that it was, with the log that it had.
  if (absl::IsDataLoss(end)) return !std::exchange(doubted_, true);
  if (absl::IsAborted(end)) follower_.ForgetWhatWasRead();
  return MayPass(end);
}

absl::Status App::RunSession() {
  absl::StatusOr<Connection> connection = connect_([this] { return Patience(); });
  if (!connection.ok()) return connection.status();
  if (stopping()) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<bus::RecordSource>> source = connection->make_source(ReadFor::kDefinitions);
  if (!source.ok()) return source.status();
  if (const absl::Status s = follower_.Begin(**source, connection->partitions, connection->same_cluster); !s.ok())
    return s;
  dead_letters_.SetMakeSource([make = connection->make_source] { return make(ReadFor::kDeadLetters); });
  bus::BrokerWatch watch(client_id_,
                         [&](absl::Duration timeout) { return (*source)->EndOffset(topic_, 0, timeout).status(); });
  SetWaiting("reading the definitions");
  while (!stopping()) {
    if (!recorder_.healthy()) {
      absl::StatusOr<std::unique_ptr<bus::RecordSink>> sink = connection->make_sink();
      if (!sink.ok()) return sink.status();
      recorder_.SetSink(*std::move(sink));
    }
    const absl::Status s = follower_.Step(**source);
    if (follower_.caught_up()) doubted_ = false;
    if (!s.ok()) return s;
    watch.Ask();
    SetWaiting(WhyWaiting(watch));
  }
  return absl::OkStatus();
}

std::string App::WhyWaiting(const bus::BrokerWatch& watch) {
  if (!watch.answers()) return bus::kBrokerDoesNotAnswer;
  if (recorder_.Stalled(core::SteadyTime::Now(), kAcknowledgementPatience))
    return "the brokers acknowledge nothing that is sent";
  return follower_.caught_up() ? "" : "reading the definitions";
}

}  // namespace bellwether::ingestion
