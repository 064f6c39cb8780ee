// What is worked out of the view, kept for those who ask for the same again: ledgers, rows, reports.
//
// One rule says when any of it is wrong: it is kept with what it was made of, and is good exactly as long as that is
// so.
#ifndef BELLWETHER_SERVICES_QUERY_DERIVED_H_
#define BELLWETHER_SERVICES_QUERY_DERIVED_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/period.h"

namespace bellwether::query {

// Names what the records so far came to. A record changes one indicator, and so one council: the place of the last
// one names the state of both.
struct StateId {
  uint32_t generation = 0;  // Of the view: another one folds another log. 0: nothing is recorded.
  int32_t partition = 0;
  int64_t offset = -1;  // Of the last record of the indicator, or of the council.
  friend bool operator==(const StateId&, const StateId&) = default;
};

// What a thing is made of.
struct MadeOf {
  StateId state;
  core::Date today = {};  // Where it tells of absences: what is due, or missing, hangs on the day.
  // The state is that of one score: other records of the indicator, a comment's among them, have no part in it.
  bool of_one_score = false;
  friend bool operator==(const MadeOf&, const MadeOf&) = default;
};

// Whether nobody else has it, nor comes to have it, since copies are made under a lock that the caller holds. Then it
// may be changed in place.
template <typename T>
bool IsAlone(const std::shared_ptr<T>& pointer) {
  if (pointer.use_count() > 1) return false;
#if defined(__SANITIZE_THREAD__)
  const std::shared_ptr<T> acquired = pointer;  // ThreadSanitizer knows no fences.
#else
  // The last one to let go did so before what is written now.
  std::atomic_thread_fence(std::memory_order_acquire);
#endif
  return true;
}

// Things by name, such as "E06000061/PO1". Thread-safe. Their sizes sum up to at most `most`: those that were not asked
// for longest go first, but for the newest.
template <typename T>
class Derived {
 public:
  using Pointer = std::shared_ptr<const T>;

  explicit Derived(size_t most) : most_(most) {}

  // Null: there is none that was made of just that.
  Pointer Find(const std::string& name, const MadeOf& of) {
    const core::MutexLock lock(mutex_);
    const auto found = by_name_.find(name);
    if (found == by_name_.end() || found->second->of != of) return nullptr;
    kept_.splice(kept_.begin(), kept_, found->second);
    return found->second->thing;
  }
  // What has the name, whatever it was made of. Null: nothing has.
  Pointer Newest(const std::string& name) {
    const core::MutexLock lock(mutex_);
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second->thing;
  }
  // In place of what has the name. `size` is in what `most` counts.
  void Keep(std::string name, const MadeOf& of, Pointer thing, size_t size) {
    std::list<Kept> gone;  // Let go once the lock is.
    const core::MutexLock lock(mutex_);
    MoveTo(gone, name);
    kept_.push_front({std::move(name), of, std::move(thing), size});
    by_name_.emplace(kept_.front().name, kept_.begin());
    size_ += size;
    while (size_ > most_ && kept_.size() > 1) MoveTo(gone, kept_.back().name);
  }
  // Find, and keeps it no longer.
  Pointer Take(const std::string& name, const MadeOf& of) {
    std::list<Kept> gone;
    const core::MutexLock lock(mutex_);
    MoveTo(gone, name);
    return gone.empty() || gone.front().of != of ? nullptr : std::move(gone.front().thing);
  }

 private:
  struct Kept {
    std::string name;
    MadeOf of;
    Pointer thing;
    size_t size = 0;
  };

  // What has the name, if anything has.
  void MoveTo(std::list<Kept>& gone, std::string_view name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return;
    const auto kept = found->second;
    by_name_.erase(found);
    size_ -= kept->size;
    gone.splice(gone.end(), kept_, kept);
  }

  const size_t most_;
  core::Mutex mutex_;
  std::list<Kept> kept_ ABSL_GUARDED_BY(mutex_);  // What was asked for last comes first.
  // By the name that the list keeps.
  absl::flat_hash_map<std::string_view, typename std::list<Kept>::iterator> by_name_ ABSL_GUARDED_BY(mutex_);
  size_t size_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_DERIVED_H_
