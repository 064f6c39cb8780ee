// bellwether-scoring: folds the indicators topic into the scores topic.
#include <CLI/CLI.hpp>

#include "bellwether/service/service_main.h"
#include "services/scoring/app.h"

namespace {

class Service : public bellwether::service::RunningService {
 public:
  Service(bellwether::scoring::Options options, std::function<void()> on_fatal)
      : app_(std::move(options), std::move(on_fatal)) {}
  std::string NotReadyReason() const override { return app_.NotReadyReason(); }
  absl::Status Stop(absl::Duration drain) override { return app_.Stop(drain); }

 private:
  bellwether::scoring::App app_;
};

}  // namespace

int main(int argc, char** argv) {
  using namespace bellwether;  // NOLINT: main only wires.
  service::CommonOptions common;
  common.admin_address = "127.0.0.1:7412";
  std::string scores_topic;
  std::string group;
  std::string instance_id;
  service::ServiceHooks hooks;
  hooks.add_flags = [&](CLI::App& app) {
    app.add_option("--scores-topic", scores_topic,
                   "Write to this topic instead, to fold the log anew beside the old scores")
        ->envname("BELLWETHER_SCORES_TOPIC");
    app.add_option("--group", group, "Consumer group, with --scores-topic")->envname("BELLWETHER_GROUP");
    app.add_option("--instance-id", instance_id, "Name that outlives a restart: the group keeps the partitions for it")
        ->envname("BELLWETHER_INSTANCE_ID");
  };
  hooks.check = [&] {
    std::vector<std::string> mistakes;
    if (scores_topic.empty() != group.empty()) {
      mistakes.push_back(
          "--scores-topic and --group: give both or neither, since a group's offsets belong to one scores topic");
    }
    return mistakes;
  };
  hooks.start = [&](std::function<void()> on_fatal) -> absl::StatusOr<std::unique_ptr<service::RunningService>> {
    scoring::Options options;
    options.kafka = service::ClientOptionsOf(common, "bellwether-scoring");
    options.epoch = static_cast<uint32_t>(common.epoch);
    options.topics = service::TopicNamesOf(common);
    if (!scores_topic.empty()) options.topics.scores = scores_topic;
    if (!group.empty()) options.topics.scoring_group = group;
    options.instance_id = instance_id;
    return std::make_unique<Service>(std::move(options), std::move(on_fatal));
  };
  return service::ServiceMain(argc, argv, "bellwether-scoring",
                              "Rates every record of the log and publishes what it changed", common, hooks);
}
