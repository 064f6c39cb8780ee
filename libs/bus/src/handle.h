// The end of a librdkafka handle: within a limit, whatever the brokers do.
#ifndef BELLWETHER_BUS_SRC_HANDLE_H_
#define BELLWETHER_BUS_SRC_HANDLE_H_

#include <librdkafka/rdkafka.h>

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "bellwether/core/mutex.h"

namespace bellwether::bus {

class Client;

// Where the callbacks of a handle find its client. It lives as long as either of them.
class ClientLink {
 public:
  explicit ClientLink(Client* client) : client_(client) {}

  // For callbacks that come on a thread of the client's, from a poll: it is there.
  Client& client() const ABSL_NO_THREAD_SAFETY_ANALYSIS { return *client_; }

  // For those of librdkafka's own threads: nothing is called once the client is gone.
  template <typename Call>
  void IfThere(const Call& call) {
    const core::MutexLock lock(mutex_);
    if (client_ != nullptr) call(*client_);
  }
  void Cut() {
    const core::MutexLock lock(mutex_);
    client_ = nullptr;
  }

 private:
  core::Mutex mutex_;
  Client* client_ ABSL_GUARDED_BY(mutex_);
};

// Destroys the handle, on a thread of its own, and waits for that until `limit`. False: it is left behind there, since
// librdkafka waits for the answer of a broker that is silent (a commit under way: for the session's timeout, 45 s). No
// callback but logs may come from there, and none once this returned.
bool EndHandle(rd_kafka_t* handle, const std::shared_ptr<ClientLink>& link, absl::Duration limit);

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_SRC_HANDLE_H_
