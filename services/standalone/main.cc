// bellwether-standalone: ingestion, scoring, query and the embedded broker in one process; or that broker alone.
#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "bellwether/bus/embedded_broker.h"
#include "bellwether/core/clock.h"
#include "bellwether/service/service_main.h"
#include "services/standalone/all_in_one.h"

namespace {

// The broker alone.
class BrokerOnly : public bellwether::service::RunningService {
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

// A broker with the log's topics, and with more scores topics beside.
absl::StatusOr<std::unique_ptr<bellwether::bus::EmbeddedBroker>> StartBroker(
    const bellwether::service::CommonOptions& common, int port, const std::vector<std::string>& extra_scores_topics) {
  using namespace bellwether;  // NOLINT: main only wires.
  absl::StatusOr<std::vector<bus::TopicSpec>> topics =
      bus::ParseTopics(bus::BuiltInTopicsFile(), service::TopicNamesOf(common), /*brokers=*/1);
  if (!topics.ok()) return topics.status();
  bus::EmbeddedBrokerOptions options;
  options.port = static_cast<uint16_t>(port);
  options.topics = *std::move(topics);
  bus::TopicSpec scores = bus::TopicOf(options.topics, bus::TopicRole::kScores);
  for (const std::string& name : extra_scores_topics) {
    scores.name = name;
    options.topics.push_back(scores);
  }
  return bus::EmbeddedBroker::Start(options);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace bellwether;  // NOLINT: main only wires.
  const core::RealClock clock;
  service::CommonOptions common;
  common.admin_address = "127.0.0.1:7410";
  bool broker_only = false;
  int port = 7492;
  std::vector<std::string> extra_scores_topics;
  standalone::Listen listen;
  std::string where;
  service::ServiceHooks hooks;
  hooks.uses_kafka = false;
  hooks.add_flags = [&](CLI::App& app) {
    app.add_flag("--broker-only", broker_only, "Run only the embedded broker");
    app.add_option("--ingestion-listen", listen.ingestion, "Address of IngestionService (gRPC)")
        ->envname("BELLWETHER_INGESTION_LISTEN")
        ->capture_default_str();
    app.add_option("--query-listen", listen.query, "Address of QueryService (gRPC)")
        ->envname("BELLWETHER_QUERY_LISTEN")
        ->capture_default_str();
    rpc::AddTlsFlags(app, listen.tls);
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
  hooks.check = [&] {
    std::vector<std::string> mistakes = rpc::CheckListen(listen.tls, "--ingestion-listen", listen.ingestion);
    for (std::string& wrong : rpc::CheckListen(listen.tls, "--query-listen", listen.query)) {
      if (std::find(mistakes.begin(), mistakes.end(), wrong) == mistakes.end()) mistakes.push_back(std::move(wrong));
    }
    return mistakes;
  };
  hooks.start = [&](const std::function<void()>& on_fatal) -> absl::StatusOr<std::unique_ptr<service::RunningService>> {
    absl::StatusOr<std::unique_ptr<bus::EmbeddedBroker>> broker = StartBroker(common, port, extra_scores_topics);
    if (!broker.ok()) return broker.status();
    where = absl::StrCat(", broker on ", (*broker)->bootstrap_servers(), " (", bus::EmbeddedBrokerNotice(), ")");
    if (broker_only) return std::make_unique<BrokerOnly>(*std::move(broker));
    auto all = standalone::AllInOne::Start(*std::move(broker), common, listen, &clock, on_fatal);
    if (!all.ok()) return all.status();
    where =
        absl::StrCat(", ingestion on port ", (*all)->ingestion_port(), ", query on port ", (*all)->query_port(), where);
    return *std::move(all);
  };
  hooks.started = [&] { return where; };
  return service::ServiceMain(
      argc, argv, "bellwether-standalone",
      "Ingestion, scoring, query and an embedded broker in one process: a first look, and tests", common, hooks);
}
