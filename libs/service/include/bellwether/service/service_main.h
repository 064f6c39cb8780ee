// What every service's main does: flags and environment, their check, the admin port, the wait, the drain.
#ifndef BELLWETHER_SERVICE_SERVICE_MAIN_H_
#define BELLWETHER_SERVICE_SERVICE_MAIN_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/bus/options.h"
#include "bellwether/bus/topics.h"

namespace CLI {
class App;
}

namespace bellwether::service {

// Flags that services share.
struct CommonOptions {
  std::string admin_address;                  // --admin, such as "127.0.0.1:7411".
  std::string kafka = "127.0.0.1:7492";       // --kafka: HOST:PORT[,HOST:PORT...].
  std::vector<std::string> kafka_properties;  // --kafka-property KEY=VALUE, may be given again.
  std::string kafka_property_file;            // --kafka-property-file: lines KEY=VALUE, for passwords.
  int epoch = 1;                              // --epoch: of the log.
  int drain_seconds = 20;                     // --drain-timeout.
  std::string log_level = "info";             // --log-level.
  std::string log_format = "json";            // --log-format.
  std::string otlp_endpoint;                  // --otlp-endpoint; empty: no spans.
};

// A service that runs.
class RunningService {
 public:
  virtual ~RunningService() = default;
  // Empty: ready. Else why not. From any thread.
  virtual std::string NotReadyReason() const = 0;
  // Empty: it lives. Else why it should be started again. From any thread; must not wait for anything.
  virtual std::string NotLiveReason() const { return ""; }
  // Drains and stops, within about `drain`. OK, or what the service died of.
  virtual absl::Status Stop(absl::Duration drain) = 0;
  // Text pages for the admin port: path and what gives the text.
  virtual std::vector<std::pair<std::string, std::function<std::string()>>> AdminPages() { return {}; }
};

// What one service brings.
struct ServiceHooks {
  // It is a client of Kafka: it has --kafka, --kafka-property and --epoch.
  bool uses_kafka = true;
  // Adds flags of its own; each with a variable BELLWETHER_*.
  std::function<void(CLI::App&)> add_flags = [](CLI::App&) {};
  // What is wrong with the flags: a line for each mistake, which names the flag. No connection is made.
  std::function<std::vector<std::string>()> check = [] { return std::vector<std::string>{}; };
  // Starts it. `on_fatal` may be called from any thread: the process then stops and ends with 1.
  std::function<absl::StatusOr<std::unique_ptr<RunningService>>(std::function<void()> on_fatal)> start;
  // A line that is printed once it is started (standard output), such as where it listens. May be empty.
  std::function<std::string()> started = [] { return std::string(); };
};

// The whole of main. `name` is the binary's, `options` holds the defaults and receives the flags. Exit codes: 0 done, 1
// died, 2 usage or configuration.
int ServiceMain(int argc, char** argv, std::string_view name, std::string_view description, CommonOptions& options,
                const ServiceHooks& hooks);

// The flags of a client of Kafka: --kafka, --kafka-property, --kafka-property-file, --epoch; and what is wrong with
// them, a line each.
void AddKafkaFlags(CLI::App& app, CommonOptions& options);
std::vector<std::string> CheckKafkaFlags(const CommonOptions& options);
// The Kafka client's settings that the flags give, once they are checked.
bus::ClientOptions ClientOptionsOf(const CommonOptions& options, std::string client_id);
// The topics of the log's epoch and of this binary's rules version, once the flags are checked.
bus::TopicNames TopicNamesOf(const CommonOptions& options);

}  // namespace bellwether::service

#endif  // BELLWETHER_SERVICE_SERVICE_MAIN_H_
