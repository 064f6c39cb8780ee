#include "services/ingestion/app.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <utility>

#include "bellwether/bus/broker_watch.h"
#include "bellwether/bus/cluster.h"
#include "bellwether/core/mutex.h"
#include "services/ingestion/checks.h"

namespace bellwether::ingestion {
namespace {

// Outstanding records of which none is acknowledged for so long are a fault of the brokers.
constexpr absl::Duration kAcknowledgementPatience = absl::Seconds(5);
// Of the time to drain, what is kept for sending what is outstanding, and then for the thread's last question.
constexpr absl::Duration kFlush = absl::Seconds(2);
constexpr absl::Duration kEnd = absl::Seconds(2);

// Under load the log is read in large pieces, which costs the broker and this service far less.
constexpr int kDefinitionsFetchBytes = 64 << 10;

// So much of the audit an instance that is killed may lose (docs/security.md).
constexpr absl::Duration kAuditLingers = absl::Milliseconds(100);

constexpr char kReadingDefinitions[] = "reading the definitions";

Parts WithOwn(Parts parts, rpc::Door* door, Definitions* definitions, Follower* follower, Recorder* recorder,
              DeadLetterDesk* dead_letters, Audit* audit, const core::Clock* clock) {
  parts.door = door;
  parts.definitions = definitions;
  parts.follower = follower;
  parts.recorder = recorder;
  parts.dead_letters = dead_letters;
  parts.audit = audit;
  if (parts.clock == nullptr) parts.clock = clock;
  return parts;
}

}  // namespace

Connect ConnectToKafka(const Options& options) {
  return [options](const std::function<absl::Duration()>& patience) -> absl::StatusOr<Connection> {
    std::vector<bus::TopicRole> roles = {bus::TopicRole::kIndicators};
    if (!options.access.file.empty()) roles.push_back(bus::TopicRole::kAudit);
    absl::StatusOr<std::unique_ptr<bus::Cluster>> cluster =
        bus::ConnectAndCheck(options.kafka, options.topics, roles, patience);
    if (!cluster.ok()) return cluster.status();
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
    connection.make_sink = [kafka, topics = options.topics](WriteFor what) {
      if (what == WriteFor::kLog) return bus::MakeKafkaSink(kafka, bus::IngestionSinkOptions(topics.indicators));
      bus::ClientOptions client = kafka;
      client.client_id += "-audit";
      bus::SinkOptions sink = bus::IngestionSinkOptions(topics.audit);
      sink.linger = kAuditLingers;
      return bus::MakeKafkaSink(client, sink);
    };
    return connection;
  };
}

App::App(const Options& options, std::unique_ptr<rpc::Door> door, std::function<void()> on_fatal, Connect connect,
         Parts parts)
    : on_fatal_(std::move(on_fatal)),
      connect_(std::move(connect)),
      client_id_(options.kafka.client_id),
      topic_(options.topics.indicators),
      door_(std::move(door)),
      follower_(options.topics.indicators, &definitions_),
      recorder_(options.topics.indicators, options.epoch),
      audits_(!options.access.file.empty()),
      audit_recorder_(options.topics.audit, options.epoch),
      dead_letters_(options.epoch, options.topics.dead_letters, options.topics.indicators),
      audit_(options.topics.audit, &audit_recorder_, parts.clock != nullptr ? parts.clock : &real_clock_),
      service_(
          WithOwn(parts, door_.get(), &definitions_, &follower_, &recorder_, &dead_letters_, &audit_, &real_clock_)) {
  door_->SetOnRefused([this](const rpc::Caller& caller, rpc::Method method, const std::string& why) {
    audit_.NoteRefused(caller, method, why);
  });
  MakeRefusalCounters();
}

absl::StatusOr<std::unique_ptr<App>> App::Start(const Options& options, std::function<void()> on_fatal) {
  return Start(options, std::move(on_fatal), ConnectToKafka(options), Parts());
}

absl::StatusOr<std::unique_ptr<App>> App::Start(const Options& options, std::function<void()> on_fatal, Connect connect,
                                                Parts parts) {
  absl::StatusOr<std::unique_ptr<rpc::Door>> door = rpc::Door::Make(options.access);
  if (!door.ok()) return door.status();
  auto app = std::unique_ptr<App>(new App(options, *std::move(door), std::move(on_fatal), std::move(connect), parts));
  rpc::ServerOptions server;
  server.address = options.listen;
  server.tls = options.tls;
  server.demand_certificates = options.access.file.empty();
  server.on_deaf = app->on_fatal_;
  absl::StatusOr<std::unique_ptr<rpc::Server>> started =
      rpc::Server::Start(server, {&app->service_}, {"bellwether.v1.IngestionService"});
  if (!started.ok()) {
    const core::MutexLock lock(app->mutex_);
    app->stopped_ = true;
    return started.status();
  }
  app->server_ = *std::move(started);
  bus::SupervisedWork work;
  work.connect = [raw = app.get()] { return raw->ConnectSession(); };
  work.ended = [raw = app.get()](bus::AfterSession follows) {
    raw->SetServing(false);
    if (follows == bus::AfterSession::kForget) raw->follower_.ForgetWhatWasRead();
  };
  work.idle = [raw = app.get()] { raw->follower_.StepWithoutSource(); };
  work.on_fatal = app->on_fatal_;
  app->supervisor_.Start(std::move(work));
  return app;
}

App::~App() { (void)Stop(absl::Seconds(1)); }

absl::Status App::Stop(absl::Duration drain) {
  {
    const core::MutexLock lock(mutex_);
    if (std::exchange(stopped_, true)) return supervisor_.Join();
  }
  supervisor_.ExpectStop();
  const core::SteadyTime by = core::SteadyTime::Now() + drain;
  server_->SetServing(false);
  service_.Drain();
  server_->Shutdown(std::max(drain - kFlush - kEnd, drain / 2));
  dead_letters_.RequestStop();
  supervisor_.RequestStop(by);
  const absl::Duration left = std::max(by.left(), absl::ZeroDuration());
  const absl::Duration to_flush = std::max(left - kEnd, left / 2);
  const core::SteadyTime flush_by = core::SteadyTime::Now() + to_flush;
  const bus::FlushResult flushed = recorder_.Flush(to_flush);
  (void)audit_recorder_.Flush(std::max(flush_by.left(), absl::ZeroDuration()));  // What it loses it counts itself.
  if (flushed.failed + flushed.undelivered > 0) {
    // Nobody was told that they are recorded.
    spdlog::warn("{} records without acknowledgement were given up", flushed.failed + flushed.undelivered);
  }
  absl::Status end = supervisor_.Join();
  dead_letters_.Stop();
  recorder_.SetSink(nullptr);
  audit_recorder_.SetSink(nullptr);
  follower_.EndWaiters();  // While all that they use is there.
  return end;
}

std::string App::NotLiveReason() const { return server_->NotLiveReason(); }

void App::SetServing(bool serving) {
  const core::MutexLock lock(mutex_);
  if (!stopped_) server_->SetServing(serving);
}

// One connection, until it breaks or the service stops.
class App::Session : public bus::BrokerSession {
 public:
  Session(App* app, Connection connection, std::unique_ptr<bus::RecordSource> source)
      : app_(app),
        connection_(std::move(connection)),
        source_(std::move(source)),
        watch_(app_->client_id_,
               [this](absl::Duration timeout) { return source_->EndOffset(app_->topic_, 0, timeout).status(); }) {}
  ~Session() override {
    if (!stop_) {  // A stop sends what is outstanding first.
      app_->recorder_.SetSink(nullptr);
      app_->audit_recorder_.SetSink(nullptr);
    }
    app_->dead_letters_.SetMakeSource(nullptr);
  }

  absl::Status Run() override;
  void RequestStop(core::SteadyTime) override { stop_ = true; }
  std::string NotReadyReason() const override {
    const core::MutexLock lock(mutex_);
    return waiting_;
  }
  bool caught_up() const override { return app_->follower_.caught_up(); }

 private:
  // Puts one in the place of none, or of one that works no more.
  absl::Status SetSink(Recorder& recorder, WriteFor what);
  std::string WhyWaiting() const;
  void SetWaiting(const std::string& why);

  App* const app_;
  const Connection connection_;
  const std::unique_ptr<bus::RecordSource> source_;
  bus::BrokerWatch watch_;
  std::atomic<bool> stop_{false};
  mutable core::Mutex mutex_;
  std::string waiting_ ABSL_GUARDED_BY(mutex_) = kReadingDefinitions;
};

absl::StatusOr<std::unique_ptr<bus::BrokerSession>> App::ConnectSession() {
  absl::StatusOr<Connection> connection = connect_([this] { return supervisor_.patience(); });
  if (!connection.ok()) return connection.status();
  absl::StatusOr<std::unique_ptr<bus::RecordSource>> source = connection->make_source(ReadFor::kDefinitions);
  if (!source.ok()) return source.status();
  return std::make_unique<Session>(this, *std::move(connection), *std::move(source));
}

absl::Status App::Session::Run() {
  Follower& follower = app_->follower_;
  if (const absl::Status s = follower.Begin(*source_, connection_.partitions, connection_.same_cluster); !s.ok())
    return s;
  app_->dead_letters_.SetMakeSource([make = connection_.make_source] { return make(ReadFor::kDeadLetters); });
  while (!stop_) {
    if (const absl::Status s = SetSink(app_->recorder_, WriteFor::kLog); !s.ok()) return s;
    if (const absl::Status s = app_->audits_ ? SetSink(app_->audit_recorder_, WriteFor::kAudit) : absl::OkStatus();
        !s.ok())
      return s;
    if (const absl::Status s = follower.Step(*source_); !s.ok()) return s;
    watch_.Ask();
    SetWaiting(WhyWaiting());
  }
  return absl::OkStatus();
}

absl::Status App::Session::SetSink(Recorder& recorder, WriteFor what) {
  if (recorder.healthy()) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<bus::RecordSink>> sink = connection_.make_sink(what);
  if (!sink.ok()) return sink.status();
  recorder.SetSink(*std::move(sink));
  return absl::OkStatus();
}

void App::Session::SetWaiting(const std::string& why) {
  {
    const core::MutexLock lock(mutex_);
    if (why == waiting_) return;
    waiting_ = why;
  }
  app_->SetServing(why.empty());
  if (why.empty()) spdlog::info("ready");
}

std::string App::Session::WhyWaiting() const {
  if (!watch_.answers()) return bus::kBrokerDoesNotAnswer;
  if (app_->recorder_.Stalled(core::SteadyTime::Now(), kAcknowledgementPatience))
    return "the brokers acknowledge nothing that is sent";
  return app_->follower_.caught_up() ? "" : kReadingDefinitions;
}

}  // namespace bellwether::ingestion
