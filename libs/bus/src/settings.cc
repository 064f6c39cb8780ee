#include "settings.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "bellwether/core/address.h"

namespace bellwether::bus {
namespace {

// 8 MiB, the limit of an update, and room for headers and batch: `max.message.bytes` of deploy/topics.yaml.
constexpr std::string_view kLargestMessage = "8454144";

// The guarantee rests on these, or another option sets them.
constexpr std::array<std::string_view, 19> kOurs = {
    "acks",
    "auto.offset.reset",
    "bootstrap.servers",
    "client.id",
    "delivery.timeout.ms",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.idempotence",
    "group.id",
    "group.instance.id",
    "isolation.level",
    "log_level",  // The client says by its log that the cluster is another one.
    "message.timeout.ms",
    "metadata.broker.list",
    "partition.assignment.strategy",
    "partitioner",
    "request.required.acks",
    "test.mock.num.brokers",
    "transactional.id",
};

bool IsOurs(std::string_view key) { return std::find(kOurs.begin(), kOurs.end(), key) != kOurs.end(); }

absl::Status CheckBootstrap(const std::string& servers) {
  if (servers.empty()) {
    return absl::InvalidArgumentError("kafka: no address given; it must be HOST:PORT[,HOST:PORT...]");
  }
  for (const std::string& server : std::vector<std::string>(absl::StrSplit(servers, ','))) {
    if (!core::ParseAddress(server, 1)) {
      return absl::InvalidArgumentError(
          absl::StrCat("kafka: \"", server, "\" is not HOST:PORT with a port from 1 to 65535"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

Settings CommonSettings(const ClientOptions& options) {
  return {
      {"bootstrap.servers", options.bootstrap_servers},
      {"client.id", options.client_id},
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "500"},  // The default of 10 s outlasts a broker's restart.
      {"socket.keepalive.enable", "true"},
      // A network that was cut says nothing: an answer that does not come ends the connection, and the next may get
      // through. The defaults are a minute and half of one.
      {"socket.timeout.ms", "10000"},
      {"socket.connection.setup.timeout.ms", "10000"},
      {"socket.nagle.disable", "true"},
      {"message.max.bytes", std::string(kLargestMessage)},
  };
}

Settings ConsumerSettings(const ClientOptions& options) {
  // The embedded broker sleeps through an empty fetch; Kafka answers as soon as there is what was asked for.
  const char* const longest_fetch_ms = options.embedded_broker ? "10" : options.fetch_min_bytes > 1 ? "25" : "100";
  return {
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", "error"},  // A hole in the log must be seen, not skipped.
      {"allow.auto.create.topics", "false"},
      {"fetch.wait.max.ms", longest_fetch_ms},
      {"fetch.min.bytes", absl::StrCat(options.fetch_min_bytes)},
      // Also how long a partition waits whose queue is full: no longer than it takes to read half of what is queued.
      {"fetch.error.backoff.ms", "20"},
      // Of each partition. What waits here is memory, several hundred bytes a record beyond its own, unpacked: a view
      // that is being built has twelve partitions full. A fetch brings at least one batch whole, of one of them.
      {"fetch.message.max.bytes", "65536"},
      {"queued.min.messages", "4000"},
      {"queued.max.messages.kbytes", "16384"},
  };
}

Settings GroupSettings(const ClientOptions& options) {
  // Cooperative assignors lose or hang with this version when offsets are committed by hand.
  Settings settings = {{"partition.assignment.strategy", "range"}};
  if (options.embedded_broker) {
    settings.emplace_back("session.timeout.ms", "6000");
    settings.emplace_back("heartbeat.interval.ms", "500");
  }
  return settings;
}

absl::Status SetProperty(rd_kafka_conf_t* conf, const Property& property) {
  std::array<char, 512> text{};
  if (rd_kafka_conf_set(conf, property.key.c_str(), property.value.c_str(), text.data(), text.size()) ==
      RD_KAFKA_CONF_OK) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("kafka-property ", property.key, ": ", text.data()));
}

absl::Status ApplyProperties(rd_kafka_conf_t* conf, const ClientOptions& options) {
  std::vector<std::string> errors;
  for (const Property& property : options.properties) {
    if (IsOurs(property.key)) {
      errors.push_back(absl::StrCat("kafka-property ", property.key,
                                    ": may not be set: the delivery guarantee rests on it, or another flag sets it"));
    } else if (absl::Status set = SetProperty(conf, property); !set.ok()) {
      errors.emplace_back(set.message());
    }
  }
  return errors.empty() ? absl::OkStatus() : absl::InvalidArgumentError(absl::StrJoin(errors, "; "));
}

absl::StatusOr<Property> ParseProperty(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return absl::InvalidArgumentError(absl::StrCat("kafka-property \"", std::string(text), "\": must be KEY=VALUE"));
  }
  return Property{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

absl::Status CheckClientOptions(const ClientOptions& options) {
  std::vector<std::string> errors;
  if (absl::Status bootstrap = CheckBootstrap(options.bootstrap_servers); !bootstrap.ok()) {
    errors.emplace_back(bootstrap.message());
  }
  const RdKafkaPtr<rd_kafka_conf_t> conf(rd_kafka_conf_new());
  if (absl::Status properties = ApplyProperties(conf.get(), options); !properties.ok()) {
    errors.emplace_back(properties.message());
  }
  return errors.empty() ? absl::OkStatus() : absl::InvalidArgumentError(absl::StrJoin(errors, "; "));
}

}  // namespace bellwether::bus
