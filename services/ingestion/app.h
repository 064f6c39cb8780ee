// The ingestion service: its server, its session with Kafka, and their life.
#ifndef BELLWETHER_SERVICES_INGESTION_APP_H_
#define BELLWETHER_SERVICES_INGESTION_APP_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/bus/options.h"
#include "bellwether/bus/sink.h"
#include "bellwether/bus/source.h"
#include "bellwether/bus/supervisor.h"
#include "bellwether/bus/topics.h"
#include "bellwether/core/clock.h"
#include "bellwether/core/mutex.h"
#include "bellwether/rpc/door.h"
#include "bellwether/rpc/server.h"
#include "services/ingestion/definitions.h"
#include "services/ingestion/follower.h"
#include "services/ingestion/parts.h"
#include "services/ingestion/recorder.h"
#include "services/ingestion/service.h"

namespace bellwether::ingestion {

struct Options {
  std::string listen = "127.0.0.1:7401";
  rpc::TlsFiles tls;  // None: plaintext.
  rpc::AccessOptions access;
  bus::ClientOptions kafka;
  uint32_t epoch = 1;
  bus::TopicNames topics;
};

// What a source is read for: definitions need no headers and may come a moment late, dead letters need all of them.
enum class ReadFor { kDefinitions, kDeadLetters };
// What a sink is for. The audit has a connection of its own and may linger: else each of its records would be a request
// of its own, between those of the log.
enum class WriteFor { kLog, kAudit };

// How the service reaches the bus.
struct Connection {
  int partitions = 0;
  Follower::SameCluster same_cluster = [](absl::Duration) { return absl::OkStatus(); };
  std::function<absl::StatusOr<std::unique_ptr<bus::RecordSource>>(ReadFor)> make_source;
  std::function<absl::StatusOr<std::unique_ptr<bus::RecordSink>>(WriteFor)> make_sink;
};
// Waits a while for the broker, and checks the topic: up to `patience()` for each answer.
using Connect = std::function<absl::StatusOr<Connection>(const std::function<absl::Duration()>& patience)>;
// The one over Kafka.
Connect ConnectToKafka(const Options& options);

// Thread-safe.
class App {
 public:
  // Listens at once, with health NOT_SERVING until the definitions are there; the broker may come later. `on_fatal` is
  // called, from a thread of its own, once the service cannot go on; Stop then says why. Error: Unavailable if the
  // address cannot be had, InvalidArgument for a wrong access.yaml.
  static absl::StatusOr<std::unique_ptr<App>> Start(const Options& options, std::function<void()> on_fatal);
  // For tests: another bus, another clock, other patience. What `parts` says of definitions, follower and recorder is
  // ignored.
  static absl::StatusOr<std::unique_ptr<App>> Start(const Options& options, std::function<void()> on_fatal,
                                                    Connect connect, Parts parts);
  ~App();

  // Drains: streams are answered and told to go on elsewhere, calls under way are finished, all within `drain`; then
  // what is outstanding is sent. OK, or what the service died of.
  absl::Status Stop(absl::Duration drain);

  // Empty: ready. Else why not, in words.
  std::string NotReadyReason() const { return supervisor_.NotReadyReason(); }
  // Empty: callers are answered. Else why it should be started again. Does not wait.
  std::string NotLiveReason() const;
  int port() const { return server_->port(); }

 private:
  class Session;
  App(const Options& options, std::unique_ptr<rpc::Door> door, std::function<void()> on_fatal, Connect connect,
      Parts parts);
  absl::StatusOr<std::unique_ptr<bus::BrokerSession>> ConnectSession();
  // What health tells, until the service stops.
  void SetServing(bool serving);

  const std::function<void()> on_fatal_;
  const Connect connect_;
  const std::string client_id_;
  const std::string topic_;
  const std::unique_ptr<rpc::Door> door_;
  core::RealClock real_clock_;
  Definitions definitions_;
  Follower follower_;
  Recorder recorder_;
  const bool audits_;  // Whether anybody asks who calls.
  Recorder audit_recorder_;
  DeadLetterDesk dead_letters_;
  Audit audit_;
  Service service_;
  std::unique_ptr<rpc::Server> server_;
  core::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bus::Supervisor supervisor_;
};

}  // namespace bellwether::ingestion

#endif  // BELLWETHER_SERVICES_INGESTION_APP_H_
