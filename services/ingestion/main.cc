// bellwether-ingestion: takes definitions, readings, withdrawals and comments, and records them in the log.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bellwether/rating/version.h"
#include "bellwether/rpc/service_main.h"
#include "services/ingestion/app.h"

namespace {

using bellwether::ingestion::App;

class Running : public bellwether::rpc::RunningService {
 public:
  explicit Running(std::unique_ptr<App> app) : app_(std::move(app)) {}
  std::string NotReadyReason() const override { return app_->NotReadyReason(); }
  absl::Status Stop(absl::Duration drain) override { return app_->Stop(drain); }

 private:
  const std::unique_ptr<App> app_;
};

absl::StatusOr<bellwether::ingestion::Options> OptionsOf(const bellwether::rpc::CommonOptions& common,
                                                         const std::string& listen) {
  bellwether::ingestion::Options options;
  options.listen = listen;
  options.epoch = static_cast<uint32_t>(common.epoch);
  options.kafka.bootstrap_servers = common.kafka;
  options.kafka.client_id = "bellwether-ingestion";
  for (const std::string& text : common.kafka_properties) {
    const auto property = bellwether::bus::ParseProperty(text);
    if (!property.ok()) return property.status();
    options.kafka.properties.push_back(*property);
  }
  const auto topics = bellwether::bus::NamesOfTopics(absl::StrCat("e", common.epoch),
                                                     absl::StrCat("r", bellwether::rating::RulesVersion()));
  if (!topics.ok()) return topics.status();
  options.topics = *topics;
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  bellwether::rpc::CommonOptions common;
  common.admin_address = "127.0.0.1:7411";
  std::string listen = "127.0.0.1:7401";
  int port = 0;

  bellwether::rpc::ServiceHooks hooks;
  hooks.add_flags = [&listen](CLI::App& app) {
    app.add_option("--listen", listen, "Address of IngestionService (gRPC)")
        ->envname("BELLWETHER_INGESTION_LISTEN")
        ->capture_default_str();
  };
  hooks.check = [&listen] {
    std::vector<std::string> mistakes;
    if (std::string wrong = bellwether::rpc::CheckAddress("--listen", listen); !wrong.empty())
      mistakes.push_back(wrong);
    return mistakes;
  };
  hooks.start =
      [&](std::function<void()> on_fatal) -> absl::StatusOr<std::unique_ptr<bellwether::rpc::RunningService>> {
    const auto options = OptionsOf(common, listen);
    if (!options.ok()) return options.status();
    absl::StatusOr<std::unique_ptr<App>> app = App::Start(*options, std::move(on_fatal));
    if (!app.ok()) return app.status();
    port = (*app)->port();
    return std::make_unique<Running>(*std::move(app));
  };
  hooks.started = [&port] { return absl::StrCat(", listening on port ", port); };
  return bellwether::rpc::ServiceMain(argc, argv, "bellwether-ingestion",
                                      "Takes a council's definitions, readings and comments, and records them.", common,
                                      hooks);
}
