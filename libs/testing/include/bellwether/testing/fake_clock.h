// A clock that stands where a test puts it.
#ifndef BELLWETHER_TESTING_FAKE_CLOCK_H_
#define BELLWETHER_TESTING_FAKE_CLOCK_H_

#include <mutex>

#include "bellwether/core/clock.h"

namespace bellwether::testing {

// Thread-safe.
class FakeClock : public core::Clock {
 public:
  explicit FakeClock(core::Date today) { SetToday(today); }
  explicit FakeClock(absl::Time now) : now_(now) {}
  // Noon of the day.
  void SetToday(core::Date today) { SetNow(absl::FromCivil(absl::CivilHour(today) + 12, absl::UTCTimeZone())); }
  void SetNow(absl::Time now) {
    const std::lock_guard lock(mutex_);
    now_ = now;
  }
  absl::Time Now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }

 private:
  mutable std::mutex mutex_;  // An atomic of 16 bytes would need libatomic.
  absl::Time now_;
};

}  // namespace bellwether::testing

#endif  // BELLWETHER_TESTING_FAKE_CLOCK_H_
