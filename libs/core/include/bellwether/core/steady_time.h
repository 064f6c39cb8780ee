// A clock for intervals, timeouts and rates. It never steps: the time of day does, and whoever measures by that waits
// for ten minutes when it is set back by ten. `./dev lint` refuses absl::Now elsewhere than where the time of day is
// meant.
#ifndef BELLWETHER_CORE_STEADY_TIME_H_
#define BELLWETHER_CORE_STEADY_TIME_H_

#include <chrono>

#include "absl/time/time.h"

namespace bellwether::core {

// A moment of this process; says nothing to another. A value; safe as a value is.
class SteadyTime {
 public:
  // InfinitePast.
  constexpr SteadyTime() = default;
  static SteadyTime Now() { return SteadyTime(absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch())); }
  static constexpr SteadyTime InfinitePast() { return SteadyTime(); }
  static constexpr SteadyTime InfiniteFuture() { return SteadyTime(absl::InfiniteDuration()); }

  // What is left until then; below zero once it is over.
  absl::Duration left() const { return *this - Now(); }
  bool over() const { return left() <= absl::ZeroDuration(); }

  friend SteadyTime operator+(SteadyTime t, absl::Duration d) { return SteadyTime(t.time_ + d); }
  friend SteadyTime operator-(SteadyTime t, absl::Duration d) { return SteadyTime(t.time_ - d); }
  friend absl::Duration operator-(SteadyTime a, SteadyTime b) { return a.time_ - b.time_; }
  friend bool operator==(SteadyTime a, SteadyTime b) { return a.time_ == b.time_; }
  friend bool operator!=(SteadyTime a, SteadyTime b) { return a.time_ != b.time_; }
  friend bool operator<(SteadyTime a, SteadyTime b) { return a.time_ < b.time_; }
  friend bool operator>(SteadyTime a, SteadyTime b) { return a.time_ > b.time_; }
  friend bool operator<=(SteadyTime a, SteadyTime b) { return a.time_ <= b.time_; }
  friend bool operator>=(SteadyTime a, SteadyTime b) { return a.time_ >= b.time_; }

 private:
  explicit constexpr SteadyTime(absl::Duration time) : time_(time) {}
  absl::Duration time_ = -absl::InfiniteDuration();  // Since the clock's beginning.
};

// The time of day at that moment, for interfaces that ask for one, such as gRPC's: they take what is left of it at
// once.
absl::Time TimeOfDayAt(SteadyTime moment);
// The other way round: what is left now until a time of day that a library gives, such as a call's deadline. 0 or more.
absl::Duration LeftUntil(absl::Time time_of_day);

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_STEADY_TIME_H_
