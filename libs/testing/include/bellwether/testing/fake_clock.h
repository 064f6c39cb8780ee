// A clock that stands where a test puts it.
#ifndef BELLWETHER_TESTING_FAKE_CLOCK_H_
#define BELLWETHER_TESTING_FAKE_CLOCK_H_

#include <atomic>

#include "bellwether/core/clock.h"

namespace bellwether::testing {

// Thread-safe.
class FakeClock : public core::Clock {
 public:
  explicit FakeClock(core::Date today) { SetToday(today); }
  void SetToday(core::Date today) { now_ = absl::FromCivil(absl::CivilHour(today) + 12, absl::UTCTimeZone()); }
  absl::Time Now() const override { return now_.load(); }

 private:
  std::atomic<absl::Time> now_;
};

}  // namespace bellwether::testing

#endif  // BELLWETHER_TESTING_FAKE_CLOCK_H_
