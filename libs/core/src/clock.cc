#include "bellwether/core/clock.h"

#include <cstdio>
#include <cstdlib>

namespace bellwether::core {
namespace {

const absl::TimeZone& London() {
  static const absl::TimeZone zone = [] {
    absl::TimeZone loaded;
    if (!absl::LoadTimeZone("Europe/London", &loaded)) {
      std::fputs("Europe/London is not in the time zone database: install the package tzdata\n", stderr);
      std::abort();
    }
    return loaded;
  }();
  return zone;
}

}  // namespace

Date LondonDate(absl::Time time) { return absl::ToCivilDay(time, London()); }

Date Clock::Today() const { return LondonDate(Now()); }

}  // namespace bellwether::core
