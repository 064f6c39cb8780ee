// The topics and their settings, as deploy/topics.yaml states them for creation, checks, tests and documents alike.
#ifndef BELLWETHER_BUS_TOPICS_H_
#define BELLWETHER_BUS_TOPICS_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bellwether::bus {

struct TopicNames {
  std::string epoch;          // "e1": raised when the log is rebuilt in another topic.
  std::string rules_version;  // "r1": raised when the same log would give other updates.
  std::string indicators;     // The record of truth.
  std::string scores;         // One update for each record of it.
  std::string dead_letters;   // Records that cannot be read.
  std::string audit;          // Who wrote, and who was refused.
  std::string scoring_group;  // The consumer group that folds one into the other.
};

// The names for a log's epoch ("e1") and a rules version ("r1"): "bellwether.scores.v1.e1.r1".
// InvalidArgument unless both are their letter and a number of 1 to 9 digits that does not begin with 0.
absl::StatusOr<TopicNames> NamesOfTopics(std::string_view epoch, std::string_view rules_version);

// What is lost if a topic is set wrongly.
enum class TopicRole { kIndicators, kScores, kDeadLetters, kAudit };

struct TopicSpec {
  TopicRole role = TopicRole::kIndicators;
  std::string name;
  int partitions = 0;
  int replication_factor = 0;
  // Kafka's topic settings by their own names: "retention.ms" -> "-1".
  std::map<std::string, std::string> settings;
};

// The text of deploy/topics.yaml as it stood when this binary was built.
std::string_view BuiltInTopicsFile();

// Reads the text of a topics file: the topics under their names, with the settings for a cluster of `brokers` (from 3
// on, replicated; below, not). InvalidArgument says which line and what is wrong.
absl::StatusOr<std::vector<TopicSpec>> ParseTopics(std::string_view yaml, const TopicNames& names, int brokers);

// The topic of that role. There is always exactly one in what ParseTopics returns.
const TopicSpec& TopicOf(const std::vector<TopicSpec>& topics, TopicRole role);

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_TOPICS_H_
