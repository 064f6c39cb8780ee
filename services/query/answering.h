// Where answers are worked out, so that none holds up another.
#ifndef BELLWETHER_SERVICES_QUERY_ANSWERING_H_
#define BELLWETHER_SERVICES_QUERY_ANSWERING_H_

#include <grpcpp/support/status.h>

#include <cstddef>
#include <functional>
#include <string>

#include "services/query/effort.h"
#include "services/query/turns.h"

namespace bellwether::query {

struct AnsweringOptions {
  // For answers that take long, and as many for those that have waited. 0: half of the cores, and all of them.
  int threads = 0;
  size_t waiting = 1'000;          // Answers that wait for such a thread.
  size_t waiting_of_caller = 100;  // And of one caller.
};

// Thread-safe. An answer is tried at once, on the thread that asks, as far as a quick one goes; what is not ready by
// then begins anew on a thread for what takes long, where callers take turns.
class Answering {
 public:
  // Gives the answer, or the error. Called once or twice, one call after the other.
  using Answer = std::function<grpc::Status(Effort* effort)>;
  using Done = std::function<void(const grpc::Status& status)>;

  explicit Answering(const AnsweringOptions& options);

  // `share`: rpc::Caller::share. `done` is called once, from here or from another thread; with RESOURCE_EXHAUSTED and
  // the reason QUEUE_FULL where too many wait. `cancelled` may be asked until then.
  void Begin(const std::string& share, Answer answer, Effort::Cancelled cancelled, Done done);
  // For answers that have waited for something else, and were woken by a thread that must go on.
  void BeginElsewhere(std::function<void()> begin);
  // Waits for the answers under way; those that wait are dropped: no call is left by then.
  void Stop();

 private:
  Turns woken_;
  Turns long_;
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_ANSWERING_H_
