// The time, as something that tests can set.
#ifndef BELLWETHER_CORE_CLOCK_H_
#define BELLWETHER_CORE_CLOCK_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bellwether/core/period.h"

namespace bellwether::core {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
  // The civil date in Europe/London.
  Date Today() const;
};

// The machine's clock.
class RealClock : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

// The civil date in Europe/London at `time`.
Date LondonDate(absl::Time time);

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_CLOCK_H_
