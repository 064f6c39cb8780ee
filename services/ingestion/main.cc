// bellwether-ingestion: takes definitions, readings, withdrawals and comments, and records them in the log.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "bellwether/rpc/tls.h"
#include "bellwether/service/service_main.h"
#include "services/ingestion/app.h"

namespace {

using bellwether::ingestion::App;

class Running : public bellwether::service::RunningService {
 public:
  explicit Running(std::unique_ptr<App> app) : app_(std::move(app)) {}
  std::string NotReadyReason() const override { return app_->NotReadyReason(); }
  std::string NotLiveReason() const override { return app_->NotLiveReason(); }
  absl::Status Stop(absl::Duration drain) override { return app_->Stop(drain); }

 private:
  const std::unique_ptr<App> app_;
};

}  // namespace

int main(int argc, char** argv) {
  bellwether::service::CommonOptions common;
  common.admin_address = "127.0.0.1:7411";
  bellwether::ingestion::Options options;
  bellwether::rpc::ServerTlsOptions tls;
  int port = 0;

  bellwether::service::ServiceHooks hooks;
  hooks.add_flags = [&](CLI::App& app) {
    app.add_option("--listen", options.listen, "Address of IngestionService (gRPC)")
        ->envname("BELLWETHER_INGESTION_LISTEN")
        ->capture_default_str();
    bellwether::rpc::AddTlsFlags(app, tls);
  };
  hooks.check = [&] { return bellwether::rpc::CheckListen(tls, "--listen", options.listen); };
  hooks.start =
      [&](std::function<void()> on_fatal) -> absl::StatusOr<std::unique_ptr<bellwether::service::RunningService>> {
    options.tls = tls.files;
    options.access = tls.access;
    options.kafka = bellwether::service::ClientOptionsOf(common, "bellwether-ingestion");
    options.epoch = static_cast<uint32_t>(common.epoch);
    options.topics = bellwether::service::TopicNamesOf(common);
    absl::StatusOr<std::unique_ptr<App>> app = App::Start(options, std::move(on_fatal));
    if (!app.ok()) return app.status();
    port = (*app)->port();
    return std::make_unique<Running>(*std::move(app));
  };
  hooks.started = [&port] { return absl::StrCat(", listening on port ", port); };
  return bellwether::service::ServiceMain(argc, argv, "bellwether-ingestion",
                                          "Takes a council's definitions, readings and comments, and records them.",
                                          common, hooks);
}
