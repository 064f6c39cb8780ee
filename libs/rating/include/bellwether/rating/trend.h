// The straight line through a history's figures. Pure, exact.
#ifndef BELLWETHER_RATING_TREND_H_
#define BELLWETHER_RATING_TREND_H_

#include <optional>
#include <utility>
#include <vector>

#include "bellwether/core/period.h"
#include "bellwether/core/rational.h"
#include "bellwether/rating/ledger.h"

namespace bellwether::rating {

// value = start + slope * n, n counting periods from `from`.
struct Trend {
  core::Period from;
  core::Rational start;
  core::Rational slope;
};

// Least squares through the figures in force from `from` to `to` (periods of the indicator's frequency; gaps are left
// out, not bridged), beginning after the last break in the series, and of a running figure with the year in which `to`
// lies. Absent with fewer than two figures.
std::optional<Trend> TrendOf(const Definition& definition, const Slots& slots, const core::Period& from,
                             const core::Period& to);

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_TREND_H_
