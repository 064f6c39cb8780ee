// What is worked out of the view, kept for those who ask for the same again: ledgers, rows, reports.
//
// One rule says when any of it is wrong: it is kept with what it was made of, and is good exactly as long as that is
// so.
#ifndef BELLWETHER_SERVICES_QUERY_DERIVED_H_
#define BELLWETHER_SERVICES_QUERY_DERIVED_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
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

// Things by name, such as "E06000061/PO1". Thread-safe. Their sizes sum up to `most`, about: those that were not asked
// for longest go first.
template <typename T>
class Derived {
 public:
  using Pointer = std::shared_ptr<const T>;

  explicit Derived(size_t most) : most_(most) {}

  // Null: there is none that was made of just that.
  Pointer Find(const std::string& name, const MadeOf& of) {
    const core::MutexLock lock(mutex_);
    if (const auto young = young_.find(name); young != young_.end()) return young->second.IfOf(of);
    const auto old = old_.find(name);
    if (old == old_.end()) return nullptr;
    Kept kept = std::move(old->second);
    old_.erase(old);
    Pointer found = kept.IfOf(of);
    if (found != nullptr) Put(name, std::move(kept));
    return found;
  }
  // In place of what has the name. `size` is in what `most` counts.
  void Keep(const std::string& name, const MadeOf& of, Pointer thing, size_t size) {
    const core::MutexLock lock(mutex_);
    Put(name, {of, std::move(thing), size});
  }
  // Find, and keeps it no longer.
  Pointer Take(const std::string& name, const MadeOf& of) {
    Pointer found = Find(name, of);
    const core::MutexLock lock(mutex_);
    Drop(name);
    return found;
  }

 private:
  struct Kept {
    MadeOf of;
    Pointer thing;
    size_t size = 0;
    Pointer IfOf(const MadeOf& asked) const { return of == asked ? thing : nullptr; }
  };
  using Generation = absl::flat_hash_map<std::string, Kept>;

  void Drop(const std::string& name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = young_.find(name);
    if (found == young_.end()) return;
    young_size_ -= found->second.size;
    young_.erase(found);
  }
  void Put(const std::string& name, Kept kept) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    Drop(name);
    young_size_ += kept.size;
    young_.emplace(name, std::move(kept));
    if (young_size_ <= most_ / 2) return;
    old_ = std::exchange(young_, {});
    young_size_ = 0;
  }

  const size_t most_;
  core::Mutex mutex_;
  // What is asked for moves to the young; when those are half of what may be, the old go and the young grow old.
  Generation young_ ABSL_GUARDED_BY(mutex_);
  Generation old_ ABSL_GUARDED_BY(mutex_);
  size_t young_size_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_DERIVED_H_
