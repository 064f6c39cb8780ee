// A clock that stands where a test puts it.
#ifndef BELLWETHER_TESTING_FAKE_CLOCK_H_
#define BELLWETHER_TESTING_FAKE_CLOCK_H_

#include "absl/base/thread_annotations.h"
#include "bellwether/core/clock.h"
#include "bellwether/core/mutex.h"

namespace bellwether::testing {

// Thread-safe.
class FakeClock : public core::Clock {
 public:
  explicit FakeClock(core::Date today) : FakeClock(NoonOf(today)) {}
  explicit FakeClock(absl::Time now) : now_(now), began_(now) {}
  // Noon of the day.
  void SetToday(core::Date today) { SetNow(NoonOf(today)); }
  // So much time passes.
  void SetNow(absl::Time now) {
    const core::MutexLock lock(mutex_);
    now_ = now;
  }
  // The time of day is set to another, and no time passes.
  void StepTo(absl::Time now) {
    const core::MutexLock lock(mutex_);
    began_ += now - now_;
    now_ = now;
  }
  absl::Time Now() const override {
    const core::MutexLock lock(mutex_);
    return now_;
  }
  core::SteadyTime Steady() const override {
    const core::MutexLock lock(mutex_);
    return origin_ + (now_ - began_);
  }

 private:
  static absl::Time NoonOf(core::Date day) { return absl::FromCivil(absl::CivilHour(day) + 12, absl::UTCTimeZone()); }

  const core::SteadyTime origin_ = core::SteadyTime::Now();
  mutable core::Mutex mutex_;  // An atomic of 16 bytes would need libatomic.
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
  absl::Time began_
      ABSL_GUARDED_BY(mutex_);  // What the time of day would have been at `origin_`, had it never been set.
};

}  // namespace bellwether::testing

#endif  // BELLWETHER_TESTING_FAKE_CLOCK_H_
