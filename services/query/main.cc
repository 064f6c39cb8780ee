// bellwether-query: answers from a view of the scores topic.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "bellwether/rpc/tls.h"
#include "bellwether/service/service_main.h"
#include "services/query/app.h"

namespace {

class RunningQuery : public bellwether::service::RunningService {
 public:
  explicit RunningQuery(std::unique_ptr<bellwether::query::App> app) : app_(std::move(app)) {}
  std::string NotReadyReason() const override { return app_->NotReadyReason(); }
  std::string NotLiveReason() const override { return app_->NotLiveReason(); }
  absl::Status Stop(absl::Duration drain) override { return app_->Stop(drain); }
  std::vector<std::pair<std::string, std::function<std::string()>>> AdminPages() override {
    return {{"/view", [this] { return app_->Dump(); }}};
  }

 private:
  std::unique_ptr<bellwether::query::App> app_;
};

}  // namespace

int main(int argc, char** argv) {
  using namespace bellwether;  // NOLINT: main only wires.
  const core::RealClock clock;
  service::CommonOptions common;
  common.admin_address = "127.0.0.1:7413";
  query::Options options;
  std::string scores_topic;
  int hole_seconds = 30;
  int watcher_seconds = 30;
  rpc::ServerTlsOptions tls;
  int port = 0;
  service::ServiceHooks hooks;
  hooks.add_flags = [&](CLI::App& app) {
    app.add_option("--listen", options.listen, "Address of the gRPC server")
        ->envname("BELLWETHER_QUERY_LISTEN")
        ->capture_default_str();
    rpc::AddTlsFlags(app, tls);
    app.add_option("--scores-topic", scores_topic, "Read this topic instead, such as one that was folded anew")
        ->envname("BELLWETHER_SCORES_TOPIC");
    app.add_option("--hole-timeout", hole_seconds, "Seconds after which a hole in the scores topic is an alarm")
        ->envname("BELLWETHER_HOLE_TIMEOUT")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    app.add_option("--watcher-timeout", watcher_seconds, "Seconds after which a watcher that does not read is dropped")
        ->envname("BELLWETHER_WATCHER_TIMEOUT")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
  };
  hooks.check = [&] { return rpc::CheckListen(tls, "--listen", options.listen); };
  hooks.start = [&](std::function<void()> on_fatal) -> absl::StatusOr<std::unique_ptr<service::RunningService>> {
    options.tls = tls.files;
    options.access = tls.access;
    options.kafka = service::ClientOptionsOf(common, "bellwether-query");
    options.topics = service::TopicNamesOf(common);
    if (!scores_topic.empty()) options.topics.scores = scores_topic;
    options.view.epoch = static_cast<uint32_t>(common.epoch);
    options.view.hole_timeout = absl::Seconds(hole_seconds);
    options.service.watch.write_timeout = absl::Seconds(watcher_seconds);
    auto app = query::App::Start(options, &clock, std::move(on_fatal));
    if (!app.ok()) return app.status();
    port = (*app)->port();
    return std::make_unique<RunningQuery>(*std::move(app));
  };
  hooks.started = [&] { return absl::StrCat(", listening on port ", port); };
  return service::ServiceMain(argc, argv, "bellwether-query", "Answers what applications ask, from the scores topic",
                              common, hooks);
}
