// A Kafka-protocol broker inside the process (librdkafka's mock cluster), for a first look and for tests.
// Target bellwether::embedded_broker: it interposes bind() and accept() in the executable that links it, which the mock
// needs for a fixed port and for TCP_NODELAY; all other sockets of the process are left as they are.
#ifndef BELLWETHER_BUS_EMBEDDED_BROKER_H_
#define BELLWETHER_BUS_EMBEDDED_BROKER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bellwether/bus/options.h"
#include "bellwether/bus/topics.h"

namespace bellwether::bus {

struct EmbeddedBrokerOptions {
  uint16_t port = 0;                // On 127.0.0.1. 0: any free one.
  std::vector<TopicSpec> topics{};  // Created at start; of their settings only the number of partitions counts.
  LogFunction log{};                // Empty: the process's default spdlog logger.
};

// What an operator must know, in one line: it keeps nothing over a restart, and how much it holds.
std::string EmbeddedBrokerNotice();

// It runs from Start to its destruction. It keeps the newest 5 MiB of each partition: 20,000 to 100,000 readings.
class EmbeddedBroker {
 public:
  // AlreadyExists when the port is taken. Thread-safe.
  static absl::StatusOr<std::unique_ptr<EmbeddedBroker>> Start(const EmbeddedBrokerOptions& options);

  virtual ~EmbeddedBroker() = default;

  // "127.0.0.1:7492"
  virtual const std::string& bootstrap_servers() const = 0;

  // For tests. Down: connections are cut and new ones refused; what was stored stays.
  virtual void SetDown(bool down) = 0;
  // For tests: answers the next batch with an error of Kafka's protocol, by its number, and stores nothing of it.
  virtual void RefuseNextBatch(int16_t kafka_error) = 0;
};

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_EMBEDDED_BROKER_H_
