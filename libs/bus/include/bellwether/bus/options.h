// How to reach Kafka: the settings that every client of a process shares.
#ifndef BELLWETHER_BUS_OPTIONS_H_
#define BELLWETHER_BUS_OPTIONS_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bellwether::bus {

// A client setting of librdkafka, passed through (`--kafka-property KEY=VALUE`): security.protocol, ssl.ca.location,
// ...
struct Property {
  std::string key;
  std::string value;
};

// Reads `KEY=VALUE`; the value may be empty and may hold further `=`. InvalidArgument without a key or a `=`.
absl::StatusOr<Property> ParseProperty(std::string_view text);

enum class LogLevel { kDebug, kInfo, kWarning, kError };
// Called from threads of the Kafka client: must be thread-safe, quick, and must not call back into the bus.
using LogFunction = std::function<void(LogLevel level, std::string_view message)>;

struct ClientOptions {
  std::string bootstrap_servers{};  // "HOST:PORT[,HOST:PORT...]"
  std::string client_id = "bellwether";
  // Settle over the bus's own choices, except those that the guarantee (docs/architecture.md) rests on, which are
  // refused.
  std::vector<Property> properties{};
  // Tune for the embedded broker, which answers an empty fetch late and settles groups by session time-out.
  // Take it from Cluster::embedded().
  bool embedded_broker = false;
  // Records that are read carry the headers of these names alone: taking headers apart costs as much as all else about
  // a record. Absent: all.
  std::optional<std::vector<std::string>> headers{};
  // The broker keeps a fetch until there is so much, or for 25 ms: fewer and larger fetches, for a reader that can
  // wait.
  int fetch_min_bytes = 1;
  LogFunction log{};  // Empty: the process's default spdlog logger.
};

// Checks everything that can be checked without a broker: an empty or malformed bootstrap list, a property that the
// client does not know, a value that it refuses, a property that is part of the guarantee. InvalidArgument names all of
// them.
absl::Status CheckClientOptions(const ClientOptions& options);

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_OPTIONS_H_
