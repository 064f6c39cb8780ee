#include "services/admin/topics.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bellwether/core/steady_time.h"

namespace bellwether::admin {
namespace {

enum class Found { kMissing, kCreated, kThere };

absl::StatusOr<Found> CreateIfMissing(const bus::Cluster& cluster, const bus::TopicSpec& topic, bool check_only,
                                      absl::Duration timeout) {
  const absl::Status there = cluster.PartitionCount(topic.name, timeout).status();
  if (there.ok()) return Found::kThere;
  if (!absl::IsNotFound(there)) return there;
  if (check_only) return Found::kMissing;
  const core::SteadyTime deadline = core::SteadyTime::Now() + timeout;
  while (true) {
    const absl::Status created = cluster.CreateTopic(topic, timeout);
    if (absl::IsAlreadyExists(created)) return Found::kThere;  // Somebody else was quicker.
    if (created.ok()) return Found::kCreated;
    // Brokers that have just started, or are slow, are fenced for a moment.
    if (!absl::IsUnavailable(created) || deadline.over()) return created;
    absl::SleepFor(absl::Milliseconds(200));
  }
}

// Brokers hear of a topic that was just created a moment later.
absl::StatusOr<std::vector<bus::SettingDifference>> Compare(const bus::Cluster& cluster, const bus::TopicSpec& topic,
                                                            absl::Duration timeout) {
  const core::SteadyTime deadline = core::SteadyTime::Now() + timeout;
  while (true) {
    auto differences = cluster.CompareTopic(topic, timeout);
    const bool heard = !absl::IsNotFound(differences.status()) && !absl::IsUnavailable(differences.status());
    if (heard || deadline.over()) return differences;
    absl::SleepFor(absl::Milliseconds(50));
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<bus::Cluster>> ConnectTo(const bus::ClientOptions& client, int brokers,
                                                        absl::Duration timeout) {
  const core::SteadyTime deadline = core::SteadyTime::Now() + timeout;
  while (true) {
    auto cluster = bus::Cluster::Connect(client, deadline.left());
    if (!cluster.ok() || (*cluster)->brokers() >= brokers) return cluster;
    if (deadline.over()) {
      return absl::UnavailableError(
          absl::StrCat("only ", (*cluster)->brokers(), " of ", brokers, " brokers are there (--brokers)"));
    }
    absl::SleepFor(absl::Milliseconds(200));
  }
}

absl::StatusOr<bool> BringTopics(const bus::Cluster& cluster, const bus::TopicNames& names, BringOptions options,
                                 absl::Duration timeout, std::ostream& out) {
  if (cluster.embedded()) {
    return absl::UnimplementedError("this is the embedded broker: it makes its topics itself, and has no settings");
  }
  auto topics = bus::ParseTopics(bus::BuiltInTopicsFile(), names, cluster.brokers());
  if (!topics.ok()) return topics.status();
  bool good = true;
  for (bus::TopicSpec& topic : *topics) {
    if (options.partitions > 0) topic.partitions = options.partitions;
    const absl::StatusOr<Found> found = CreateIfMissing(cluster, topic, options.check_only, timeout);
    if (!found.ok()) return found.status();
    if (*found == Found::kMissing) {
      out << topic.name << ": missing\n";
      good = false;
      continue;
    }
    const auto differences = Compare(cluster, topic, timeout);
    if (!differences.ok()) return differences.status();
    out << topic.name << ": " << (*found == Found::kCreated ? "created, " : "") << topic.partitions
        << (differences->empty() ? " partitions, set as it must be\n" : " partitions wanted, set otherwise:\n");
    for (const bus::SettingDifference& d : *differences) {
      out << "  " << d.setting << " is " << d.actual << ", must be " << d.expected
          << (d.loses_data ? ": records could be lost, and no service starts on it\n" : "\n");
      good = good && !d.loses_data && !options.check_only;
    }
  }
  return good;
}

}  // namespace bellwether::admin
