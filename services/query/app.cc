#include "services/query/app.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/bus/source.h"
#include "bellwether/core/mutex.h"
#include "bellwether/telemetry/trace.h"

// The allocator's, where it is tcmalloc: gives what is free back to the system.
extern "C" void MallocExtension_ReleaseFreeMemory(void) __attribute__((weak));

namespace bellwether::query {
namespace {

// A proxy is one caller with 500 calls of each of its own callers; query is shipped with four times ingestion's memory.
constexpr size_t kBufferedBytes = size_t{512} << 20;

constexpr absl::Duration kBrokerTimeout = absl::Seconds(5);
constexpr absl::Duration kPause = absl::Seconds(1);
// Of the time to drain, what is kept for the end of the client of Kafka.
constexpr absl::Duration kEnd = absl::Seconds(2);

// What may pass by itself.
bool MayPass(const absl::Status& s) {
  return s.code() == absl::StatusCode::kUnavailable || s.code() == absl::StatusCode::kDeadlineExceeded;
}

}  // namespace

App::App(Options options, const core::Clock* clock, std::function<void()> on_fatal)
    : options_(std::move(options)),
      on_fatal_(std::move(on_fatal)),
      view_(options_.view, clock, [this](const core::IndicatorKey& key) { service_->Changed(key); }),
      service_(std::make_unique<Service>(&view_, clock, options_.service)),
      metrics_(&view_, clock, [this] { return service_->open_watches(); }) {}

absl::StatusOr<std::unique_ptr<App>> App::Start(Options options, const core::Clock* clock,
                                                std::function<void()> on_fatal) {
  if (options.scores_topic.empty()) options.scores_topic = options.topics.scores;
  std::unique_ptr<App> app(new App(std::move(options), clock, std::move(on_fatal)));
  rpc::ServerOptions server;
  server.address = app->options_.listen;
  server.tls = app->options_.tls;
  server.on_deaf = app->on_fatal_;
  server.max_buffered_bytes = kBufferedBytes;
  auto started = rpc::Server::Start(server, {app->service_->grpc_service()}, {"bellwether.v1.QueryService"});
  if (!started.ok()) return started.status();
  app->server_ = *std::move(started);
  app->thread_ = std::thread([raw = app.get()] { raw->Run(); });
  return app;
}

App::~App() {
  if (thread_.joinable()) (void)Stop(absl::Seconds(1));
}

absl::Status App::Stop(absl::Duration drain) {
  service_->Drain();
  {
    // No call waits for the view any more; and what the thread asks of the broker may take as long as the calls.
    const core::MutexLock lock(mutex_);
    stop_ = true;
    if (follower_ != nullptr) follower_->Stop();
    stopped_.NotifyAll();
  }
  server_->Shutdown(std::max(drain - kEnd, drain / 2));
  thread_.join();
  const core::MutexLock lock(mutex_);
  return end_;
}

std::string App::NotLiveReason() const { return server_->NotLiveReason(); }

std::string App::NotReadyReason() const {
  const core::MutexLock lock(mutex_);
  if (stop_) return "stopping";
  return follower_ != nullptr ? follower_->NotReadyReason() : waiting_;
}

bool App::Pause() {
  const core::MutexLock lock(mutex_);
  return !stopped_.WaitUntil(mutex_, core::SteadyTime::Now() + kPause,
                             [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_; });
}

bool App::stopping() const {
  const core::MutexLock lock(mutex_);
  return stop_;
}

void App::StopServing() {
  service_->SetViewReady(false);
  server_->SetServing(false);
}

void App::Run() {
  while (true) {
    absl::StatusOr<std::unique_ptr<bus::Cluster>> cluster = Connect();
    const absl::Status end = cluster.ok() ? Follow(**cluster) : cluster.status();
    {
      const core::MutexLock lock(mutex_);
      if (stop_) return;
    }
    if (MayBeginAgain(end)) {
      spdlog::warn("the view begins again: {}", std::string(end.message()));
      StopServing();
      service_->DropView();
      if (!Pause()) return;
      continue;
    }
    spdlog::error("query stops: {}", std::string(end.message()));
    {
      const core::MutexLock lock(mutex_);
      end_ = end;
      waiting_ = std::string(end.message());
    }
    StopServing();
    on_fatal_();
    return;
  }
}

bool App::MayBeginAgain(const absl::Status& end) {
  // A broker that hung and wakes answers for a moment as the leader that it was, with the log that it had.
  if (absl::IsDataLoss(end)) return !std::exchange(doubted_, true);
  if (absl::IsAborted(end)) read_to_.clear();  // It is another log now.
  return absl::IsAborted(end) || MayPass(end);
}

absl::StatusOr<std::unique_ptr<bus::Cluster>> App::Connect() {
  while (true) {
    absl::StatusOr<std::unique_ptr<bus::Cluster>> cluster = bus::Cluster::Connect(options_.kafka, kBrokerTimeout);
    if (stopping()) return absl::CancelledError("stopped");
    const absl::Status checked = cluster.ok() ? CheckTopic(**cluster) : cluster.status();
    if (checked.ok()) return cluster;
    if (!MayPass(checked)) return checked;
    {
      const core::MutexLock lock(mutex_);
      waiting_ = absl::StrCat("the broker does not answer: ", checked.message());
    }
    spdlog::warn("waiting for the broker at {}: {}", options_.kafka.bootstrap_servers, std::string(checked.message()));
    if (!Pause()) return absl::CancelledError("stopped");
  }
}

absl::Status App::CheckTopic(const bus::Cluster& cluster) const {
  const absl::StatusOr<std::vector<bus::TopicSpec>> specs =
      bus::ParseTopics(bus::BuiltInTopicsFile(), options_.topics, cluster.brokers());
  if (!specs.ok()) return specs.status();
  bus::TopicSpec spec = bus::TopicOf(*specs, bus::TopicRole::kScores);
  spec.name = options_.scores_topic;
  const absl::Status s = cluster.CheckTopic(spec, kBrokerTimeout);
  return s.code() == absl::StatusCode::kUnimplemented ? absl::OkStatus() : s;
}

absl::Status App::Follow(const bus::Cluster& cluster) {
  bus::ClientOptions kafka = options_.kafka;
  kafka.embedded_broker = cluster.embedded();
  kafka.headers.emplace();  // A view needs none.
  if (telemetry::ExportsSpans()) kafka.headers->emplace_back("traceparent");
  absl::StatusOr<std::unique_ptr<bus::RecordSource>> source = bus::MakeKafkaSource(kafka);
  if (!source.ok()) return source.status();
  Follower follower(
      source->get(), &view_, options_.scores_topic, read_to_, [this] { service_->Advanced(); },
      [this](bool healthy) {
        service_->SetViewReady(true);
        server_->SetServing(healthy);
        // What was read to build the view is behind us, and is not needed again.
        if (MallocExtension_ReleaseFreeMemory != nullptr) MallocExtension_ReleaseFreeMemory();
      });
  {
    const core::MutexLock lock(mutex_);
    if (stop_) return absl::OkStatus();
    follower_ = &follower;
  }
  absl::Status end = follower.Run();
  if (follower.caught_up()) doubted_ = false;
  read_to_ = follower.read();
  const core::MutexLock lock(mutex_);
  follower_ = nullptr;
  waiting_ = "the view begins again";
  return end;
}

}  // namespace bellwether::query
