// Tells that something lies in a queue of librdkafka, whose own timed waits end at a time of day.
#ifndef BELLWETHER_BUS_SRC_BELL_H_
#define BELLWETHER_BUS_SRC_BELL_H_

#include <librdkafka/rdkafka.h>

#include <atomic>

#include "absl/time/time.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"

namespace bellwether::bus {

// One thread empties the queue and waits; librdkafka rings from its own.
class Bell {
 public:
  // Rings for `queue`, which it takes over, as long as it lives.
  explicit Bell(rd_kafka_queue_t* queue) : queue_(queue) { rd_kafka_queue_cb_event_enable(queue_, &Bell::Ring, this); }
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  ~Bell() {
    rd_kafka_queue_cb_event_enable(queue_, nullptr, nullptr);
    rd_kafka_queue_destroy(queue_);
  }

  rd_kafka_queue_t* queue() const { return queue_; }

  // Before the queue is looked into.
  void Silence() {
    if (!rung_.load(std::memory_order_relaxed)) return;  // As it is where records stream in.
    const core::MutexLock lock(mutex_);
    rung_ = false;
  }
  // Waits until something came since Silence, at most until `limit`.
  void Wait(core::SteadyTime limit) {
    const core::MutexLock lock(mutex_);
    changed_.WaitUntil(mutex_, limit, [this] { return rung_.load(); });
  }

 private:
  // Under the queue's lock: it only tells.
  static void Ring(rd_kafka_t* /*handle*/, void* bell) {
    auto* self = static_cast<Bell*>(bell);
    const core::MutexLock lock(self->mutex_);
    self->rung_ = true;
    self->changed_.NotifyAll();
  }

  rd_kafka_queue_t* const queue_;
  core::Mutex mutex_;
  core::CondVar changed_;
  std::atomic<bool> rung_ = false;  // Set and reset under the mutex.
};

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_SRC_BELL_H_
