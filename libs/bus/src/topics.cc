#include "bellwether/bus/topics.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace bellwether::bus {
namespace {

constexpr int kReplicatedFrom = 3;  // Brokers.

bool IsNumbered(std::string_view text, char letter) {
  if (text.size() < 2 || text.size() > 10 || text[0] != letter || text[1] == '0') return false;
  return std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A mistake in the file, with its place.
struct BadFile {
  absl::Status status;
};

[[noreturn]] void Fail(const YAML::Node& node, const std::string& what) {
  const int line = node.IsDefined() ? node.Mark().line + 1 : 0;
  throw BadFile{absl::InvalidArgumentError(absl::StrCat("topics file, line ", line, ": ", what))};
}

YAML::Node Child(const YAML::Node& parent, const std::string& name) {
  if (!parent.IsMap()) Fail(parent, "must be a map");
  YAML::Node child = parent[name];
  if (!child.IsDefined()) Fail(parent, absl::StrCat(name, ": is missing"));
  return child;
}

int Positive(const YAML::Node& parent, const std::string& name) {
  const YAML::Node node = Child(parent, name);
  int value = 0;
  if (!YAML::convert<int>::decode(node, value) || value < 1) Fail(node, absl::StrCat(name, ": must be 1 or more"));
  return value;
}

void AddSettings(const YAML::Node& node, std::map<std::string, std::string>* settings) {
  if (!node.IsMap()) Fail(node, "settings: must be a map");
  for (const auto& setting : node) {
    if (!setting.second.IsScalar()) Fail(setting.second, "a setting must be one value");
    (*settings)[setting.first.Scalar()] = setting.second.Scalar();
  }
}

TopicSpec ParseTopic(const YAML::Node& file, const std::string& key, TopicRole role, const std::string& name,
                     const TopicNames& names, int brokers) {
  const YAML::Node topic = Child(Child(file, "topics"), key);
  TopicSpec spec;
  spec.role = role;
  spec.name = absl::StrReplaceAll(Child(topic, "name").Scalar(),
                                  {{"{epoch}", names.epoch}, {"{rules_version}", names.rules_version}});
  if (spec.name != name) {
    Fail(topic, absl::StrCat("topics.", key, ".name: gives ", spec.name, ", but the services use ", name));
  }
  const YAML::Node replication =
      Child(Child(file, "replication"), brokers >= kReplicatedFrom ? "three_brokers" : "one_broker");
  spec.partitions = Positive(file, "partitions");
  spec.replication_factor = Positive(replication, "factor");
  AddSettings(Child(replication, "settings"), &spec.settings);
  AddSettings(Child(topic, "settings"), &spec.settings);
  return spec;
}

}  // namespace

absl::StatusOr<TopicNames> NamesOfTopics(std::string_view epoch, std::string_view rules_version) {
  if (!IsNumbered(epoch, 'e')) {
    return absl::InvalidArgumentError(
        absl::StrCat("epoch: \"", std::string(epoch), "\" must be e and a number from 1 on, as e1"));
  }
  if (!IsNumbered(rules_version, 'r')) {
    return absl::InvalidArgumentError(
        absl::StrCat("rules version: \"", std::string(rules_version), "\" must be r and a number from 1 on, as r1"));
  }
  TopicNames names;
  names.epoch = epoch;
  names.rules_version = rules_version;
  names.indicators = absl::StrCat("bellwether.indicators.v1.", names.epoch);
  names.scores = absl::StrCat("bellwether.scores.v1.", names.epoch, ".", names.rules_version);
  names.dead_letters = absl::StrCat(names.indicators, ".dlt");
  names.audit = absl::StrCat("bellwether.audit.v1.", names.epoch);
  names.scoring_group = absl::StrCat("bellwether.scoring.", names.epoch, ".", names.rules_version);
  return names;
}

absl::StatusOr<std::vector<TopicSpec>> ParseTopics(std::string_view yaml, const TopicNames& names, int brokers) {
  try {
    const YAML::Node file = YAML::Load(std::string(yaml));
    return std::vector<TopicSpec>{
        ParseTopic(file, "indicators", TopicRole::kIndicators, names.indicators, names, brokers),
        ParseTopic(file, "scores", TopicRole::kScores, names.scores, names, brokers),
        ParseTopic(file, "dead_letters", TopicRole::kDeadLetters, names.dead_letters, names, brokers),
        ParseTopic(file, "audit", TopicRole::kAudit, names.audit, names, brokers),
    };
  } catch (const BadFile& bad) {
    return bad.status;
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(absl::StrCat("topics file, line ", error.mark.line + 1, ": ", error.msg));
  }
}

const TopicSpec& TopicOf(const std::vector<TopicSpec>& topics, TopicRole role) {
  return *std::find_if(topics.begin(), topics.end(), [role](const TopicSpec& topic) { return topic.role == role; });
}

}  // namespace bellwether::bus
