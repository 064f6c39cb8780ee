// The one kind of mutex of this repository. What it guards is said with ABSL_GUARDED_BY and checked by clang
// (preset asan; `./dev lint`); ThreadSanitizer sees it, though Debian's Abseil was not compiled for it; and what waits
// under it waits by a clock that never steps.
#ifndef BELLWETHER_CORE_MUTEX_H_
#define BELLWETHER_CORE_MUTEX_H_

#include <algorithm>
#include <condition_variable>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "bellwether/core/steady_time.h"

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#define BELLWETHER_TSAN(call) __tsan_mutex_##call
#else
#define BELLWETHER_TSAN(call) (void)0
#endif

namespace bellwether::core {

// Held by one thread, or by any number of readers. Not recursive.
class ABSL_LOCKABLE Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() {
    BELLWETHER_TSAN(pre_lock(this, 0));
    mutex_.Lock();
    BELLWETHER_TSAN(post_lock(this, 0, 0));
  }
  void Unlock() ABSL_UNLOCK_FUNCTION() {
    BELLWETHER_TSAN(pre_unlock(this, 0));
    mutex_.Unlock();
    BELLWETHER_TSAN(post_unlock(this, 0));
  }
  void ReaderLock() ABSL_SHARED_LOCK_FUNCTION() {
    BELLWETHER_TSAN(pre_lock(this, __tsan_mutex_read_lock));
    mutex_.ReaderLock();
    BELLWETHER_TSAN(post_lock(this, __tsan_mutex_read_lock, 0));
  }
  void ReaderUnlock() ABSL_UNLOCK_FUNCTION() {
    BELLWETHER_TSAN(pre_unlock(this, __tsan_mutex_read_lock));
    mutex_.ReaderUnlock();
    BELLWETHER_TSAN(post_unlock(this, __tsan_mutex_read_lock));
  }

 private:
  absl::Mutex mutex_;
};

class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : mutex_(mutex) { mutex_.Lock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mutex_.Unlock(); }

 private:
  Mutex& mutex_;
};

class ABSL_SCOPED_LOCKABLE ReaderLock {
 public:
  explicit ReaderLock(Mutex& mutex) ABSL_SHARED_LOCK_FUNCTION(mutex) : mutex_(mutex) { mutex_.ReaderLock(); }
  ReaderLock(const ReaderLock&) = delete;
  ReaderLock& operator=(const ReaderLock&) = delete;
  ~ReaderLock() ABSL_UNLOCK_FUNCTION() { mutex_.ReaderUnlock(); }

 private:
  Mutex& mutex_;
};

// A condition under a mutex. Thread-safe.
class CondVar {
 public:
  void NotifyAll() { changed_.notify_all(); }

  // Waits, with `mutex` held before and after, until `holds()` or, false, until `limit`. Whoever makes it hold must
  // call NotifyAll. Abseil's own timed waits end at a time of day. `holds` is called with the mutex held, and says so
  // in its annotation.
  template <typename Holds>
  bool WaitUntil(Mutex& mutex, SteadyTime limit, const Holds& holds)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    Lockable lock{mutex};
    while (!holds()) {
      const absl::Duration left = limit.left();
      if (left <= absl::ZeroDuration()) return false;
      // The longest wait that the library can add to its clock is far below an infinite one.
      changed_.wait_for(lock, absl::ToChronoNanoseconds(std::min(left, absl::Hours(24))));
    }
    return true;
  }

 private:
  struct Lockable {
    void lock() ABSL_NO_THREAD_SAFETY_ANALYSIS { mutex.Lock(); }      // NOLINT: the names that the library asks for.
    void unlock() ABSL_NO_THREAD_SAFETY_ANALYSIS { mutex.Unlock(); }  // NOLINT
    Mutex& mutex;
  };
  std::condition_variable_any changed_;
};

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_MUTEX_H_
