// Follows the scores topic into the view.
#ifndef BELLWETHER_SERVICES_QUERY_FOLLOWER_H_
#define BELLWETHER_SERVICES_QUERY_FOLLOWER_H_

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "bellwether/bus/broker_watch.h"
#include "bellwether/bus/cursor.h"
#include "bellwether/bus/source.h"
#include "bellwether/core/steady_time.h"
#include "services/query/view.h"

namespace bellwether::query {

// From the first record of every partition on, for as long as it goes. One thread runs it; the rest is safe from any.
class Follower {
 public:
  // The source, the view and the cursor must outlive it. The cursor says how far the topic was read before, and is
  // moved on: what was read must be there still (Run: DataLoss). `on_advance` is told after each record; `on_health`
  // first when everything that stood in the topic at the beginning is in the view, then whenever the alarm of a hole
  // comes (false) or goes (true): both on the thread that runs.
  Follower(bus::RecordSource* source, View* view, std::string topic, bus::Cursor* cursor,
           std::function<void()> on_advance, std::function<void(bool healthy)> on_health);

  // Runs until Stop (OK), or until it cannot go on: as RecordSource and View::Apply say; Unavailable where the broker
  // does not say how far the topic goes.
  absl::Status Run();
  void Stop() { stop_ = true; }
  bool caught_up() const { return caught_up_; }
  // Empty: ready. Else why not: it has not caught up, the broker does not answer, the topic has a hole.
  std::string NotReadyReason() const;

 private:
  absl::Status Begin();
  absl::Status Take(const bus::ConsumedRecord& record);
  void CheckCaughtUp();
  // Checks updates that were applied: while nothing else is to do, or a little now and then.
  absl::Status CheckApplied(bool idle);
  void WatchAlarm();

  bus::RecordSource* const source_;
  View* const view_;
  const std::string topic_;
  bus::Cursor* const cursor_;
  const std::function<void()> on_advance_;
  const std::function<void(bool)> on_health_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> caught_up_{false};
  bus::BrokerWatch watch_;
  core::SteadyTime checked_at_;
  std::vector<int64_t> ends_;  // Of the topic's own offsets, at the beginning.
  std::string alarm_;          // As told last.
  std::atomic<int64_t> behind_{0};
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_FOLLOWER_H_
