// The scoring service: keeps a session with Kafka going for as long as it is wanted.
#ifndef BELLWETHER_SERVICES_SCORING_APP_H_
#define BELLWETHER_SERVICES_SCORING_APP_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/bus/options.h"
#include "bellwether/bus/supervisor.h"
#include "bellwether/bus/topics.h"

namespace bellwether::scoring {

struct Options {
  bus::ClientOptions kafka;
  uint32_t epoch = 1;
  bus::TopicNames
      topics;  // Group and scores topic may be others than the names give, to fold the log anew beside them.
  std::string instance_id;  // Static membership; empty: none.
};

// Thread-safe.
class App {
 public:
  // Begins to serve. `on_fatal` is called, from a thread of its own, once the service cannot go on; Stop then says why.
  App(Options options, std::function<void()> on_fatal);
  ~App();

  // Stops reading, delivers, commits, leaves the group, within `limit` whatever the broker does, where that is long
  // enough for the question under way (up to 5 s). OK, or what the service died of.
  absl::Status Stop(absl::Duration limit);
  // Empty: ready. Else why not, in words.
  std::string NotReadyReason() const { return supervisor_.NotReadyReason(); }

 private:
  absl::StatusOr<std::unique_ptr<bus::BrokerSession>> Connect() const;

  const Options options_;
  bus::Supervisor supervisor_;
};

}  // namespace bellwether::scoring

#endif  // BELLWETHER_SERVICES_SCORING_APP_H_
