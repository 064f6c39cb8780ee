// QueryService over gRPC's callback API: nothing here blocks.
#ifndef BELLWETHER_SERVICES_QUERY_SERVICE_H_
#define BELLWETHER_SERVICES_QUERY_SERVICE_H_

#include <atomic>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "bellwether/core/clock.h"
#include "bellwether/rpc/door.h"
#include "services/query/answering.h"
#include "services/query/view.h"
#include "services/query/watch.h"

namespace grpc {
class Service;
}

namespace bellwether::query {

struct ServiceOptions {
  WatchOptions watch;
  AnsweringOptions answering;
  absl::Duration longest_wait = absl::Seconds(60);  // For min_position, where a call has no deadline.
};

// What the service needs beside the view, wired. Thread-safe. The view, the clock and the door must outlive it; destroy
// the server before it.
class Service {
 public:
  Service(const View* view, const core::Clock* clock, rpc::Door* door, const ServiceOptions& options);
  ~Service();

  grpc::Service* grpc_service();

  // Until this is said calls are answered VIEW_NOT_READY.
  void SetViewReady(bool ready);
  // For View::OnChange.
  void Changed(const core::IndicatorKey& key);
  // The view has moved on.
  void Advanced();
  // The view is dropped, for its log is gone: calls that wait and watches end with VIEW_NOT_READY, and so do new ones
  // until SetViewReady.
  void DropView();
  // Ends watches and calls that wait, with SERVER_DRAINING. Calls under way go on.
  void Drain();
  size_t open_watches() const;
  // The same, with those that wait for positions and those that go.
  int64_t watch_slots_taken() const;

 private:
  class Handlers;
  std::unique_ptr<Handlers> handlers_;
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_SERVICE_H_
