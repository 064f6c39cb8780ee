#include "bellwether/bus/cluster.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bellwether/core/steady_time.h"
#include "broker_answers.h"
#include "client.h"

namespace bellwether::bus {
namespace {

// How librdkafka's mock cluster names itself.
constexpr absl::string_view kEmbeddedPrefix = "mockCluster";

constexpr absl::Duration kShortest = absl::Milliseconds(1);  // Of an admin request's timeout.

absl::Status NoSettings() {
  return absl::UnimplementedError("the embedded broker has no topic settings: it keeps nothing over a restart");
}

// Whether `actual` keeps less than `expected`, both counts of which -1 means "without end".
bool KeepsLess(const std::string& actual, const std::string& expected) {
  int64_t have = 0;
  int64_t want = 0;
  if (!absl::SimpleAtoi(actual, &have) || !absl::SimpleAtoi(expected, &want)) return true;
  if (have == -1) return false;
  return want == -1 || have < want;
}

bool LosesData(TopicRole role, const SettingDifference& difference) {
  const bool of_record = role == TopicRole::kIndicators || role == TopicRole::kScores;
  if (difference.setting == "cleanup.policy" || difference.setting == "unclean.leader.election.enable") {
    return of_record;
  }
  if (difference.setting == "retention.ms" || difference.setting == "retention.bytes") {
    return of_record && KeepsLess(difference.actual, difference.expected);
  }
  if (difference.setting == "replication.factor" || difference.setting == "min.insync.replicas" ||
      difference.setting == "max.message.bytes") {
    return KeepsLess(difference.actual, difference.expected);
  }
  // When a record was recorded is taken from the log; and by a client's time the brokers refuse records whose clock is
  // an hour ahead of theirs, or delete them early.
  if (difference.setting == "message.timestamp.type") return true;
  return false;
}

class KafkaCluster final : public Cluster, public Client {
 public:
  ~KafkaCluster() override { DestroyHandle(); }

  absl::Status Start(const ClientOptions& client, absl::Duration timeout) {
    // A consumer, for a producer would create the topics that it asks for.
    absl::Status started = Client::Start(RD_KAFKA_CONSUMER, client, {{"allow.auto.create.topics", "false"}},
                                         RdKafkaPtr<rd_kafka_conf_t>(rd_kafka_conf_new()));
    if (!started.ok()) return started;
    const core::SteadyTime deadline = core::SteadyTime::Now() + timeout;
    auto metadata = Metadata("", timeout);
    if (!metadata.ok()) return absl::UnavailableError(metadata.status().message());
    brokers_ = (*metadata)->broker_cnt;
    char* id = rd_kafka_clusterid(handle(), Milliseconds(deadline.left()));
    if (id == nullptr) return absl::UnavailableError("Kafka does not say which cluster it is");
    id_ = id;
    rd_kafka_mem_free(handle(), id);
    return absl::OkStatus();
  }

  const std::string& id() const override { return id_; }
  bool embedded() const override { return absl::StartsWith(id_, kEmbeddedPrefix); }
  int brokers() const override { return brokers_; }

  absl::Status CheckSameCluster(absl::Duration timeout) const override {
    auto metadata = Metadata("", timeout);
    if (!metadata.ok()) return metadata.status();
    return other_cluster() ? OtherClusterError() : absl::OkStatus();
  }

  absl::StatusOr<int> PartitionCount(std::string_view topic, absl::Duration timeout) const override {
    return Client::PartitionCount(topic, timeout);
  }

  absl::StatusOr<std::vector<SettingDifference>> CompareTopic(const TopicSpec& expected,
                                                              absl::Duration timeout) const override;
  absl::Status CreateTopic(const TopicSpec& topic, absl::Duration timeout) const override;
  absl::Status CreateAcls(const std::vector<Acl>& acls, absl::Duration timeout) const override;

 private:
  using Ask = std::function<void(const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>;
  absl::StatusOr<RdKafkaPtr<rd_kafka_event_t>> Request(rd_kafka_admin_op_t kind, absl::Duration timeout,
                                                       const Ask& ask) const;
  absl::StatusOr<std::map<std::string, std::string>> DescribeTopic(const std::string& name,
                                                                   absl::Duration timeout) const;

  std::string id_;
  int brokers_ = 0;
};

absl::StatusOr<RdKafkaPtr<rd_kafka_event_t>> KafkaCluster::Request(rd_kafka_admin_op_t kind, absl::Duration timeout,
                                                                   const Ask& ask) const {
  std::array<char, 256> text{};
  const RdKafkaPtr<rd_kafka_AdminOptions_t> options(rd_kafka_AdminOptions_new(handle(), kind));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), Milliseconds(timeout), text.data(), text.size());
  const RdKafkaPtr<rd_kafka_queue_t> queue(rd_kafka_queue_new(handle()));
  ask(options.get(), queue.get());
  RdKafkaPtr<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), Milliseconds(timeout)));
  if (event == nullptr) return absl::DeadlineExceededError("Kafka does not answer");
  const rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return StatusOf(error, rd_kafka_event_error_string(event.get()));
  return event;
}

absl::StatusOr<std::map<std::string, std::string>> KafkaCluster::DescribeTopic(const std::string& name,
                                                                               absl::Duration timeout) const {
  const RdKafkaPtr<rd_kafka_ConfigResource_t> resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str()));
  auto event = Request(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout,
                       [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                         rd_kafka_ConfigResource_t* one = resource.get();
                         rd_kafka_DescribeConfigs(handle(), &one, 1, options, queue);
                       });
  if (!event.ok()) return event.status();
  size_t count = 0;
  const rd_kafka_ConfigResource_t** found =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event->get()), &count);
  if (count != 1) return absl::InternalError(absl::StrCat("topic ", name, ": Kafka gave no settings"));
  if (absl::Status status = StatusOf(rd_kafka_ConfigResource_error(found[0]), absl::StrCat("topic ", name));
      !status.ok()) {
    return status;
  }
  std::map<std::string, std::string> settings;
  const rd_kafka_ConfigEntry_t** entries = rd_kafka_ConfigResource_configs(found[0], &count);
  for (size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    settings[rd_kafka_ConfigEntry_name(entries[i])] = value == nullptr ? "" : value;
  }
  return settings;
}

absl::StatusOr<std::vector<SettingDifference>> KafkaCluster::CompareTopic(const TopicSpec& expected,
                                                                          absl::Duration timeout) const {
  const core::SteadyTime deadline = core::SteadyTime::Now() + timeout;
  absl::StatusOr<int> partitions = PartitionCount(expected.name, timeout);
  if (!partitions.ok()) return partitions.status();
  if (embedded()) return NoSettings();
  auto metadata = Metadata(expected.name, deadline.left());
  if (!metadata.ok()) return metadata.status();
  auto settings = DescribeTopic(expected.name, std::max(deadline.left(), kShortest));
  if (!settings.ok()) return settings.status();

  int replicas = 0;
  for (int i = 0; i < (*metadata)->topic_cnt; ++i) {
    if ((*metadata)->topics[i].partition_cnt > 0) replicas = (*metadata)->topics[i].partitions[0].replica_cnt;
  }
  // Brokers hear of a new topic one after the other.
  if (replicas == 0)
    return absl::UnavailableError(absl::StrCat("topic ", expected.name, ": not every broker knows it yet"));
  std::vector<SettingDifference> differences;
  const auto compare = [&](const std::string& setting, const std::string& want, const std::string& have) {
    if (want == have) return;
    SettingDifference difference{setting, want, have, false};
    difference.loses_data = LosesData(expected.role, difference);
    differences.push_back(std::move(difference));
  };
  compare("partitions", absl::StrCat(expected.partitions), absl::StrCat(*partitions));
  compare("replication.factor", absl::StrCat(expected.replication_factor), absl::StrCat(replicas));
  for (const auto& [setting, want] : expected.settings) compare(setting, want, (*settings)[setting]);
  return differences;
}

absl::Status KafkaCluster::CreateTopic(const TopicSpec& topic, absl::Duration timeout) const {
  if (embedded()) return NoSettings();
  std::array<char, 256> text{};
  const RdKafkaPtr<rd_kafka_NewTopic_t> request(
      rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, topic.replication_factor, text.data(), text.size()));
  if (request == nullptr) return absl::InvalidArgumentError(absl::StrCat("topic ", topic.name, ": ", text.data()));
  for (const auto& [setting, value] : topic.settings) {
    rd_kafka_NewTopic_set_config(request.get(), setting.c_str(), value.c_str());
  }
  auto event = Request(RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout,
                       [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                         rd_kafka_NewTopic_t* one = request.get();
                         rd_kafka_CreateTopics(handle(), &one, 1, options, queue);
                       });
  if (!event.ok()) return event.status();
  size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
  if (count != 1) return absl::InternalError(absl::StrCat("topic ", topic.name, ": Kafka gave no answer"));
  const char* reason = rd_kafka_topic_result_error_string(results[0]);
  return StatusOf(rd_kafka_topic_result_error(results[0]),
                  absl::StrCat("topic ", topic.name, reason == nullptr ? "" : ": ", reason == nullptr ? "" : reason));
}

rd_kafka_AclOperation_t ToKafka(AclOperation operation) {
  switch (operation) {
    case AclOperation::kRead:
      return RD_KAFKA_ACL_OPERATION_READ;
    case AclOperation::kWrite:
      return RD_KAFKA_ACL_OPERATION_WRITE;
    case AclOperation::kDescribe:
      return RD_KAFKA_ACL_OPERATION_DESCRIBE;
    case AclOperation::kDescribeConfigs:
      return RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS;
  }
  return RD_KAFKA_ACL_OPERATION_UNKNOWN;
}

absl::Status KafkaCluster::CreateAcls(const std::vector<Acl>& acls, absl::Duration timeout) const {
  if (embedded()) return NoSettings();
  std::array<char, 256> text{};
  std::vector<RdKafkaPtr<rd_kafka_AclBinding_t>> bindings;
  std::vector<rd_kafka_AclBinding_t*> raw;
  for (const Acl& acl : acls) {
    raw.push_back(
        rd_kafka_AclBinding_new(acl.resource == AclResource::kTopic ? RD_KAFKA_RESOURCE_TOPIC : RD_KAFKA_RESOURCE_GROUP,
                                acl.name.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL, acl.principal.c_str(), "*",
                                ToKafka(acl.operation), RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, text.data(), text.size()));
    if (raw.back() == nullptr) return absl::InvalidArgumentError(absl::StrCat(LineOf(acl), ": ", text.data()));
    bindings.emplace_back(raw.back());
  }
  auto event = Request(RD_KAFKA_ADMIN_OP_CREATEACLS, timeout,
                       [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                         rd_kafka_CreateAcls(handle(), raw.data(), raw.size(), options, queue);
                       });
  if (!event.ok()) return event.status();
  size_t count = 0;
  const rd_kafka_acl_result_t** results =
      rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event->get()), &count);
  if (count != acls.size()) return absl::InternalError("Kafka did not answer for every right");
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_error_t* error = rd_kafka_acl_result_error(results[i]);
    if (error != nullptr)
      return StatusOf(rd_kafka_error_code(error), absl::StrCat(LineOf(acls[i]), ": ", rd_kafka_error_string(error)));
  }
  return absl::OkStatus();
}

const std::string& NameOf(const TopicNames& names, TopicRole role) {
  switch (role) {
    case TopicRole::kIndicators:
      return names.indicators;
    case TopicRole::kScores:
      return names.scores;
    case TopicRole::kDeadLetters:
      return names.dead_letters;
    case TopicRole::kAudit:
      break;
  }
  return names.audit;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Cluster>> Cluster::Connect(const ClientOptions& client, absl::Duration timeout) {
  auto cluster = std::make_unique<KafkaCluster>();
  const absl::Status started = cluster->Start(client, timeout);
  BrokerAnswers(client.client_id).Set(started.ok() ? 1 : 0);
  if (!started.ok()) return started;
  return cluster;
}

absl::Status Cluster::CheckTopic(const TopicSpec& expected, absl::Duration timeout) const {
  auto differences = CompareTopic(expected, timeout);
  if (!differences.ok()) return differences.status();
  std::vector<std::string> errors;
  for (const SettingDifference& difference : *differences) {
    if (!difference.loses_data) continue;
    errors.push_back(absl::StrCat(difference.setting, " is ", difference.actual, ", must be ", difference.expected));
  }
  if (errors.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("topic ", expected.name,
                                                    " would lose data: ", absl::StrJoin(errors, "; "),
                                                    ". Set it as deploy/topics.yaml says, then start again"));
}

absl::StatusOr<std::unique_ptr<Cluster>> ConnectAndCheck(const ClientOptions& client, const TopicNames& names,
                                                         const std::vector<TopicRole>& roles,
                                                         const std::function<absl::Duration()>& patience) {
  const absl::Duration first = patience();
  if (first <= absl::ZeroDuration()) return absl::CancelledError("stopped");
  absl::StatusOr<std::unique_ptr<Cluster>> cluster = Cluster::Connect(client, first);
  if (!cluster.ok()) return cluster;
  // The settings stand under the names that the epoch and the rules version give; a topic of another name has them too.
  const absl::StatusOr<TopicNames> usual = NamesOfTopics(names.epoch, names.rules_version);
  if (!usual.ok()) return usual.status();
  const absl::StatusOr<std::vector<TopicSpec>> specs = ParseTopics(BuiltInTopicsFile(), *usual, (*cluster)->brokers());
  if (!specs.ok()) return specs.status();
  for (const TopicRole role : roles) {
    TopicSpec spec = TopicOf(*specs, role);
    spec.name = NameOf(names, role);
    const absl::Duration time = patience();
    if (time <= absl::ZeroDuration()) return absl::CancelledError("stopped");
    const absl::Status s = (*cluster)->CheckTopic(spec, time);
    if (!s.ok() && !absl::IsUnimplemented(s)) return s;
  }
  return cluster;
}

}  // namespace bellwether::bus
