#include "services/query/app.h"

#include <algorithm>
#include <utility>

#include "bellwether/bus/cluster.h"
#include "bellwether/bus/source.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/telemetry/trace.h"
#include "services/query/follower.h"

// The allocator's, where it is tcmalloc: gives what is free back to the system.
extern "C" void MallocExtension_ReleaseFreeMemory(void) __attribute__((weak));

namespace bellwether::query {
namespace {

// Of the time to drain, what is kept for the end of the client of Kafka.
constexpr absl::Duration kEnd = absl::Seconds(2);

}  // namespace

App::App(Options options, std::unique_ptr<rpc::Door> door, const core::Clock* clock, std::function<void()> on_fatal)
    : options_(std::move(options)),
      on_fatal_(std::move(on_fatal)),
      door_(std::move(door)),
      view_(options_.view, clock, [this](const core::IndicatorKey& key) { service_->Changed(key); }),
      service_(std::make_unique<Service>(&view_, clock, door_.get(), options_.service)),
      metrics_(&view_, clock, [this] { return service_->open_watches(); }),
      cursor_(options_.topics.scores) {}

absl::StatusOr<std::unique_ptr<App>> App::Start(Options options, const core::Clock* clock,
                                                std::function<void()> on_fatal) {
  absl::StatusOr<std::unique_ptr<rpc::Door>> door = rpc::Door::Make(options.access);
  if (!door.ok()) return door.status();
  std::unique_ptr<App> app(new App(std::move(options), *std::move(door), clock, std::move(on_fatal)));
  rpc::ServerOptions server;
  server.address = app->options_.listen;
  server.tls = app->options_.tls;
  server.demand_certificates = app->options_.access.file.empty();
  server.on_deaf = app->on_fatal_;
  // A proxy is one caller with the calls of all its own callers.
  server.max_buffered_bytes = core::limits::kBufferedBytesOfQuery;
  auto started = rpc::Server::Start(server, {app->service_->grpc_service()}, {"bellwether.v1.QueryService"});
  if (!started.ok()) return started.status();
  app->server_ = *std::move(started);
  bus::SupervisedWork work;
  work.connect = [raw = app.get()] { return raw->Connect(); };
  work.ended = [raw = app.get()](bus::AfterSession follows) { raw->SessionEnded(follows); };
  work.on_fatal = app->on_fatal_;
  app->supervisor_.Start(std::move(work));
  return app;
}

App::~App() {
  if (server_ != nullptr) (void)Stop(absl::Seconds(1));
}

absl::Status App::Stop(absl::Duration drain) {
  service_->Drain();
  // No call waits for the view any more; and what the thread asks of the broker may take as long as the calls.
  supervisor_.RequestStop(core::SteadyTime::Now() + drain);
  server_->Shutdown(std::max(drain - kEnd, drain / 2));
  return supervisor_.Join();
}

std::string App::NotLiveReason() const { return server_->NotLiveReason(); }

void App::SessionEnded(bus::AfterSession follows) {
  service_->SetViewReady(false);
  server_->SetServing(false);
  if (follows == bus::AfterSession::kForget) cursor_.Forget();
  if (follows != bus::AfterSession::kEndProcess) service_->DropView();
}

// Follows the scores topic through a source of its own.
class App::Session : public bus::BrokerSession {
 public:
  Session(App* app, std::unique_ptr<bus::RecordSource> source)
      : source_(std::move(source)),
        follower_(
            source_.get(), &app->view_, app->options_.topics.scores, &app->cursor_,
            [app] { app->service_->Advanced(); },
            [app](bool healthy) {
              app->service_->SetViewReady(true);
              app->server_->SetServing(healthy);
              // What was read to build the view is behind us, and is not needed again.
              if (MallocExtension_ReleaseFreeMemory != nullptr) MallocExtension_ReleaseFreeMemory();
            }) {}

  absl::Status Run() override { return follower_.Run(); }
  void RequestStop(core::SteadyTime) override { follower_.Stop(); }
  std::string NotReadyReason() const override { return follower_.NotReadyReason(); }
  bool caught_up() const override { return follower_.caught_up(); }

 private:
  const std::unique_ptr<bus::RecordSource> source_;
  Follower follower_;
};

absl::StatusOr<std::unique_ptr<bus::BrokerSession>> App::Connect() {
  const absl::StatusOr<std::unique_ptr<bus::Cluster>> cluster = bus::ConnectAndCheck(
      options_.kafka, options_.topics, {bus::TopicRole::kScores}, [this] { return supervisor_.patience(); });
  if (!cluster.ok()) return cluster.status();
  bus::ClientOptions kafka = options_.kafka;
  kafka.embedded_broker = (*cluster)->embedded();
  kafka.headers.emplace();  // A view needs none.
  if (telemetry::ExportsSpans()) kafka.headers->emplace_back("traceparent");
  absl::StatusOr<std::unique_ptr<bus::RecordSource>> source = bus::MakeKafkaSource(kafka);
  if (!source.ok()) return source.status();
  return std::make_unique<Session>(this, *std::move(source));
}

}  // namespace bellwether::query
