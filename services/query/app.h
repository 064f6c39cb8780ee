// The query service: a view that follows Kafka, and the server that answers from it.
#ifndef BELLWETHER_SERVICES_QUERY_APP_H_
#define BELLWETHER_SERVICES_QUERY_APP_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bellwether/bus/cluster.h"
#include "bellwether/bus/options.h"
#include "bellwether/bus/topics.h"
#include "bellwether/core/clock.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/rpc/server.h"
#include "services/query/follower.h"
#include "services/query/service.h"
#include "services/query/view.h"
#include "services/query/view_metrics.h"

namespace bellwether::query {

struct Options {
  bus::ClientOptions kafka;
  bus::TopicNames topics;
  std::string scores_topic;  // Read this one instead of the one that the names give. Empty: that.
  std::string listen = "127.0.0.1:7402";
  rpc::TlsFiles tls;  // None: plaintext.
  ViewOptions view;
  ServiceOptions service;
};

// Thread-safe.
class App {
 public:
  // Begins to listen and to follow; calls are answered VIEW_NOT_READY, and health is NOT_SERVING, until the view has
  // caught up. `on_fatal` is called, from a thread of its own, once the service cannot go on; Stop then says why.
  // Error: Unavailable if the address cannot be had. The clock must outlive it.
  static absl::StatusOr<std::unique_ptr<App>> Start(Options options, const core::Clock* clock,
                                                    std::function<void()> on_fatal);
  ~App();

  // Finishes the calls under way, ends the watches, stops. OK, or what the service died of. Call once.
  absl::Status Stop(absl::Duration drain);
  int port() const { return server_->port(); }
  // Empty: ready. Else why not, in words.
  std::string NotReadyReason() const;
  // Empty: callers are answered. Else why it should be started again. Does not wait.
  std::string NotLiveReason() const;
  // The view's canonical dump.
  std::string Dump() const { return view_.Dump(); }

 private:
  App(Options options, const core::Clock* clock, std::function<void()> on_fatal);

  void Run();
  // Waits until the broker answers and the topic is as it must be. Cancelled: stopped meanwhile.
  absl::StatusOr<std::unique_ptr<bus::Cluster>> Connect();
  absl::Status CheckTopic(const bus::Cluster& cluster) const;
  absl::Status Follow(const bus::Cluster& cluster);
  // Whether to begin again after that end.
  bool MayBeginAgain(const absl::Status& end);
  void StopServing();
  bool Pause();
  bool stopping() const;

  const Options options_;
  const std::function<void()> on_fatal_;
  View view_;
  std::unique_ptr<Service> service_;  // After the view and before the server, which are what it needs and who needs it.
  std::unique_ptr<rpc::Server> server_;
  const ViewMetrics metrics_;
  mutable core::Mutex mutex_;
  core::CondVar stopped_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::string waiting_ ABSL_GUARDED_BY(mutex_) = "starting";
  Follower* follower_ ABSL_GUARDED_BY(mutex_) = nullptr;
  absl::Status end_ ABSL_GUARDED_BY(mutex_);
  // Of the thread: how far the topic was read; and whether the view before ended with what may be a loss, and none was
  // built since.
  std::vector<int64_t> read_to_;
  bool doubted_ = false;
  std::thread thread_;
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_APP_H_
