#include "bellwether/core/steady_time.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace bellwether::core {

absl::Time TimeOfDayAt(SteadyTime moment) { return absl::Now() + moment.left(); }

absl::Duration LeftUntil(absl::Time time_of_day) { return std::max(time_of_day - absl::Now(), absl::ZeroDuration()); }

std::chrono::nanoseconds SteadyCondVar::ForChrono(absl::Duration wait) {
  return absl::ToChronoNanoseconds(std::clamp(wait, absl::ZeroDuration(), absl::Hours(24)));
}

}  // namespace bellwether::core
