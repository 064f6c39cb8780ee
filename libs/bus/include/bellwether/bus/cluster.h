// Questions to a Kafka cluster as a whole: who it is, which topics it has, how they are set.
#ifndef BELLWETHER_BUS_CLUSTER_H_
#define BELLWETHER_BUS_CLUSTER_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/bus/acls.h"
#include "bellwether/bus/options.h"
#include "bellwether/bus/topics.h"

namespace bellwether::bus {

// A setting of a topic that is not as the topics file has it.
struct SettingDifference {
  std::string setting;  // Kafka's name, or "partitions", "replication.factor".
  std::string expected;
  std::string actual;
  // Records of the log could vanish, or could not be written, or would say a wrong time.
  bool loses_data = false;
};

// Safe from any thread. All calls wait for the brokers, at most for `timeout` (Unavailable or DeadlineExceeded then).
class Cluster {
 public:
  // Waits until a broker answers. Unavailable, with what the client says about it, when none does in time.
  static absl::StatusOr<std::unique_ptr<Cluster>> Connect(const ClientOptions& client, absl::Duration timeout);

  virtual ~Cluster() = default;

  // The cluster's id when it was connected. What was folded from one cluster says nothing about another one.
  virtual const std::string& id() const = 0;

  // Whether this is the embedded broker of bellwether-standalone: for ClientOptions::embedded_broker.
  virtual bool embedded() const = 0;

  // How many brokers there are.
  virtual int brokers() const = 0;

  // Asks again: OK if the cluster is the same, Aborted if it is another one. Sources report the same
  // by themselves once they have connected again; this is for those who cannot wait for that.
  virtual absl::Status CheckSameCluster(absl::Duration timeout) const = 0;

  // How many partitions the topic has. NotFound without it; never creates it.
  virtual absl::StatusOr<int> PartitionCount(std::string_view topic, absl::Duration timeout) const = 0;

  // What of the topic differs from `expected`. NotFound without the topic. Unimplemented on the embedded broker, which
  // has no settings: go on with its notice (it keeps nothing over a restart).
  virtual absl::StatusOr<std::vector<SettingDifference>> CompareTopic(const TopicSpec& expected,
                                                                      absl::Duration timeout) const = 0;

  // OK, or FailedPrecondition with every difference by which records would be lost, each with its remedy; otherwise as
  // CompareTopic. Services call it at start.
  absl::Status CheckTopic(const TopicSpec& expected, absl::Duration timeout) const;

  // Creates the topic with the settings of `topic`. AlreadyExists if there is one; Unimplemented on the embedded
  // broker.
  virtual absl::Status CreateTopic(const TopicSpec& topic, absl::Duration timeout) const = 0;

  // Grants the rights; those that are there already stay. Unimplemented on the embedded broker.
  virtual absl::Status CreateAcls(const std::vector<Acl>& acls, absl::Duration timeout) const = 0;
};

// Connects, and checks the topics of these roles as CheckTopic does (on the embedded broker: nothing to check), under
// the names that `names` gives them. `patience` says before each question how long it may take. Cancelled where it says
// zero; otherwise what Connect and CheckTopic say.
absl::StatusOr<std::unique_ptr<Cluster>> ConnectAndCheck(const ClientOptions& client, const TopicNames& names,
                                                         const std::vector<TopicRole>& roles,
                                                         const std::function<absl::Duration()>& patience);

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_CLUSTER_H_
