// The scoring service: keeps a session with Kafka going for as long as it is wanted.
#ifndef BELLWETHER_SERVICES_SCORING_APP_H_
#define BELLWETHER_SERVICES_SCORING_APP_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bellwether/bus/cluster.h"
#include "bellwether/bus/options.h"
#include "bellwether/bus/topics.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"

namespace bellwether::scoring {

class Session;

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
  std::string NotReadyReason() const;

 private:
  void Run();
  // Waits until the broker answers and its topics are as they must be. Cancelled: stopped meanwhile.
  absl::StatusOr<std::unique_ptr<bus::Cluster>> Connect();
  absl::Status CheckTopics(const bus::Cluster& cluster) const;
  absl::Status CheckPartitions(const bus::Cluster& cluster) const;
  // One session from join to leave.
  absl::Status RunSession(const bus::Cluster& cluster);
  // Whether to begin again after that end.
  bool MayBeginAgain(const absl::Status& end);
  // False: stopped.
  bool Pause();
  bool stopping() const;
  void SetWaiting(std::string why);

  const Options options_;
  const std::function<void()> on_fatal_;
  mutable core::Mutex mutex_;
  core::CondVar changed_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  core::SteadyTime stop_by_ ABSL_GUARDED_BY(mutex_);
  std::string waiting_ ABSL_GUARDED_BY(mutex_) = "starting";
  Session* session_ ABSL_GUARDED_BY(mutex_) = nullptr;
  absl::Status end_ ABSL_GUARDED_BY(mutex_);
  // Of the thread: the session before ended with what may be a loss, and the log has not been read to its end since.
  bool doubted_ = false;
  std::thread thread_;
};

}  // namespace bellwether::scoring

#endif  // BELLWETHER_SERVICES_SCORING_APP_H_
