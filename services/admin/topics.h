// The topics of the log: create what is missing, report what is set otherwise.
#ifndef BELLWETHER_SERVICES_ADMIN_TOPICS_H_
#define BELLWETHER_SERVICES_ADMIN_TOPICS_H_

#include <memory>
#include <ostream>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/bus/cluster.h"
#include "bellwether/bus/topics.h"

namespace bellwether::admin {

// Waits until at least so many brokers answer: a topic that is created while one of three is away would have one
// replica instead of three. Unavailable says how many were there.
absl::StatusOr<std::unique_ptr<bus::Cluster>> ConnectTo(const bus::ClientOptions& client, int brokers,
                                                        absl::Duration timeout);

struct BringOptions {
  int partitions = 0;       // 0: as deploy/topics.yaml says.
  bool check_only = false;  // Create nothing.
};

// Brings the topics into being and compares them with deploy/topics.yaml; settings that differ are told, never changed.
// Writes a line for each topic, and one for each setting that differs, to `out`.
// Returns whether the services may start on the topics; with `check_only` whether everything is as it must be. Error:
// Unavailable or DeadlineExceeded without a broker; Unimplemented on the embedded broker, which makes its own topics.
absl::StatusOr<bool> BringTopics(const bus::Cluster& cluster, const bus::TopicNames& names, BringOptions options,
                                 absl::Duration timeout, std::ostream& out);

}  // namespace bellwether::admin

#endif  // BELLWETHER_SERVICES_ADMIN_TOPICS_H_
