#include "bellwether/core/steady_time.h"

#include <algorithm>
#include <chrono>

namespace bellwether::core {
namespace {

// As gRPC asks for it. absl::Now counts the processor's ticks, and notices a step two seconds late: what
// is set by it then would be over at once, or not for an hour.
absl::Time TimeOfDay() { return absl::FromChrono(std::chrono::system_clock::now()); }

}  // namespace

absl::Time TimeOfDayAt(SteadyTime moment) { return TimeOfDay() + moment.left(); }

absl::Duration LeftUntil(absl::Time time_of_day) { return std::max(time_of_day - TimeOfDay(), absl::ZeroDuration()); }

}  // namespace bellwether::core
