// Watches of reports: who watches what, and what each has still to be told.
#ifndef BELLWETHER_SERVICES_QUERY_WATCH_H_
#define BELLWETHER_SERVICES_QUERY_WATCH_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/rpc/slots.h"
#include "bellwether/v1/query_service.pb.h"
#include "services/query/answers.h"
#include "services/query/gate.h"
#include "services/query/turns.h"
#include "services/query/view.h"
#include "services/query/worker.h"

namespace bellwether::query {

struct WatchOptions {
  absl::Duration heartbeat = absl::Seconds(15);
  absl::Duration write_timeout = absl::Seconds(30);  // After which a message that is not taken ends the watch.
  absl::Duration farewell = absl::Seconds(10);       // How long it then has to take the reason.
  size_t limit = core::limits::kWatches;             // Open watches, of which one host has not all.
};

class Watch;

// All watches. Thread-safe. A change costs each watch of the council one name in a set; rows are made when a watch can
// write, once for all that show the same report.
class WatchHub {
 public:
  using Reactor = grpc::ServerWriteReactor<grpc::ByteBuffer>;

  WatchHub(const View* view, const Answers* answers, rpc::Door* door, Worker* worker, WatchOptions options)
      : view_(view),
        door_(door),
        answers_(answers),
        worker_(worker),
        options_(options),
        slots_(static_cast<int64_t>(options.limit)) {}

  // A watch that goes through the gate and then begins; or one that ends with TOO_MANY_CALLS. `request` is checked
  // already; `memory` is what it takes.
  Reactor* Begin(grpc::CallbackServerContext* context, const rpc::Caller& caller, v1::WatchReportRequest request,
                 rpc::Slots::Taken memory, Gate* gate, const std::vector<codec::Position>& positions,
                 core::SteadyTime deadline);
  // The indicator changed. For the thread of the fold: it only leaves a note.
  void Changed(const core::IndicatorKey& key);
  // Ends every watch, and those that come. `resume`: others may begin again.
  void EndAll(const grpc::Status& status, bool resume);
  size_t open() const;

  const WatchOptions& options() const { return options_; }
  // Of open watches, those included that wait for positions.
  rpc::Slots& slots() { return slots_; }
  const View* view() const { return view_; }
  const Answers& answers() const { return *answers_; }
  Worker& worker() { return *worker_; }
  // OK: it is told of changes from now on. Else why not.
  grpc::Status Enter(const std::shared_ptr<Watch>& watch);
  void Leave(const std::shared_ptr<Watch>& watch);
  // Runs it on the one thread that makes what watches tell; callers take turns.
  void Write(const std::string& share, std::function<void()> write);
  // Waits for the write under way; what comes after is dropped. No watch is left by then.
  void Stop() { writers_.Stop(); }

 private:
  void Spread();

  const View* const view_;
  rpc::Door* const door_;
  const Answers* const answers_;
  Worker* const worker_;
  const WatchOptions options_;
  rpc::Slots slots_;
  Turns writers_{1};
  mutable core::Mutex mutex_;
  std::set<core::IndicatorKey> changed_ ABSL_GUARDED_BY(mutex_);
  std::set<std::shared_ptr<Watch>> watches_ ABSL_GUARDED_BY(mutex_);
  grpc::Status ended_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_WATCH_H_
