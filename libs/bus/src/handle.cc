#include "handle.h"

#include <pthread.h>

#include <atomic>
#include <thread>
#include <utility>

#include "bellwether/bus/left_behind.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"

namespace bellwether::bus {
namespace {

std::atomic<int> left_behind{0};  // NOLINT: of the process.

struct Ending {
  core::Mutex mutex;
  core::CondVar changed;
  bool ended ABSL_GUARDED_BY(mutex) = false;
  bool left ABSL_GUARDED_BY(mutex) = false;
};

}  // namespace

int ClientsLeftBehind() { return left_behind; }

bool EndHandle(rd_kafka_t* handle, const std::shared_ptr<ClientLink>& link, absl::Duration limit) {
  auto ending = std::make_shared<Ending>();
  std::thread thread([handle, link, ending] {
    pthread_setname_np(pthread_self(), "bus-end");
    rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    const core::MutexLock lock(ending->mutex);
    ending->ended = true;
    if (ending->left) left_behind.fetch_sub(1);
    ending->changed.NotifyAll();
  });
  bool ended = false;
  {
    const core::MutexLock lock(ending->mutex);
    const auto over = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(ending->mutex) { return ending->ended; };
    ended = ending->changed.WaitUntil(ending->mutex, core::SteadyTime::Now() + limit, over);
    if (!ended) {
      ending->left = true;
      left_behind.fetch_add(1);
    }
  }
  if (ended) {
    thread.join();
  } else {
    link->Cut();
    thread.detach();
  }
  return ended;
}

}  // namespace bellwether::bus
