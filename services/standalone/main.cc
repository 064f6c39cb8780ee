// bellwether-standalone: the embedded broker, for a first look and for tests.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "bellwether/bus/embedded_broker.h"
#include "bellwether/rpc/service_main.h"

namespace {

// The broker alone.
class BrokerOnly : public bellwether::rpc::RunningService {
 public:
  explicit BrokerOnly(std::unique_ptr<bellwether::bus::EmbeddedBroker> broker) : broker_(std::move(broker)) {}
  std::string NotReadyReason() const override { return ""; }
  absl::Status Stop(absl::Duration) override {
    broker_.reset();
    return absl::OkStatus();
  }

 private:
  std::unique_ptr<bellwether::bus::EmbeddedBroker> broker_;
};

}  // namespace

int main(int argc, char** argv) {
  using namespace bellwether;  // NOLINT: main only wires.
  rpc::CommonOptions common;
  common.admin_address = "127.0.0.1:7410";
  bool broker_only = false;
  int port = 7492;
  std::vector<std::string> extra_scores_topics;
  std::string address;
  rpc::ServiceHooks hooks;
  hooks.uses_kafka = false;
  hooks.add_flags = [&](CLI::App& app) {
    app.add_flag("--broker-only", broker_only, "Run only the embedded broker");
    app.add_option("--port", port, "Port of the embedded broker; 0: any")
        ->envname("BELLWETHER_BROKER_PORT")
        ->check(CLI::Range(0, 65535))
        ->capture_default_str();
    app.add_option("--extra-scores-topic", extra_scores_topics,
                   "Another scores topic to create, to fold the log anew into; may be given again");
    app.add_option("--epoch", common.epoch, "Epoch of the log")
        ->envname("BELLWETHER_EPOCH")
        ->check(CLI::Range(1, 999'999'999))
        ->capture_default_str();
  };
  hooks.start = [&](const std::function<void()>&) -> absl::StatusOr<std::unique_ptr<rpc::RunningService>> {
    absl::StatusOr<std::vector<bus::TopicSpec>> topics =
        bus::ParseTopics(bus::BuiltInTopicsFile(), rpc::TopicNamesOf(common), /*brokers=*/1);
    if (!topics.ok()) return topics.status();
    bus::EmbeddedBrokerOptions options;
    options.port = static_cast<uint16_t>(port);
    options.topics = *std::move(topics);
    bus::TopicSpec scores = bus::TopicOf(options.topics, bus::TopicRole::kScores);
    for (const std::string& name : extra_scores_topics) {
      scores.name = name;
      options.topics.push_back(scores);
    }
    absl::StatusOr<std::unique_ptr<bus::EmbeddedBroker>> broker = bus::EmbeddedBroker::Start(std::move(options));
    if (!broker.ok()) return broker.status();
    address = (*broker)->bootstrap_servers();
    return std::make_unique<BrokerOnly>(*std::move(broker));
  };
  hooks.started = [&] { return absl::StrCat(", broker on ", address, " (", bus::EmbeddedBrokerNotice(), ")"); };
  return rpc::ServiceMain(argc, argv, "bellwether-standalone", "The embedded broker: a first look, and tests", common,
                          std::move(hooks));
}
