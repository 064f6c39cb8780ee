// The time, as something that tests can set.
#ifndef BELLWETHER_CORE_CLOCK_H_
#define BELLWETHER_CORE_CLOCK_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bellwether/core/period.h"
#include "bellwether/core/steady_time.h"

namespace bellwether::core {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // The time of day, which may be set back or forth.
  virtual absl::Time Now() const = 0;
  // For intervals.
  virtual SteadyTime Steady() const = 0;
  // The civil date in Europe/London.
  Date Today() const;
};

// The machine's clock.
class RealClock : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
  SteadyTime Steady() const override { return SteadyTime::Now(); }
};

// The civil date in Europe/London at `time`.
Date LondonDate(absl::Time time);

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_CLOCK_H_
