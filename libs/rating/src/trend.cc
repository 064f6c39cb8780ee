#include "bellwether/rating/trend.h"

#include <algorithm>

#include "roll_up.h"

namespace bellwether::rating {

std::optional<Trend> TrendOf(const Definition& definition, const Slots& slots, const core::Period& from,
                             const core::Period& to) {
  if (to < from) return std::nullopt;
  core::Period begin = from;
  for (const core::Month& first_of_series : definition.breaks) {
    if (first_of_series > to.last()) break;
    while (begin.first() < first_of_series) begin = begin.Next();
  }

  const bool running = IsRunning(InForceIn(definition, to.last()));
  if (running) {
    const core::Month year = YearStart(definition, to.last());
    while (begin <= to && YearStart(definition, begin.last()) != year) begin = begin.Next();
  }
  for (core::Period period = begin; period < to; period = period.Next()) {
    if (IsRunning(InForceIn(definition, period.last())) != running) begin = period.Next();
  }

  std::optional<core::Period> first;
  core::Rational count;
  core::Rational sum_n;
  core::Rational sum_nn;
  core::Rational sum_y;
  core::Rational sum_ny;
  for (auto slot = slots.lower_bound(begin); slot != slots.end() && slot->first <= to; ++slot) {
    const auto& [period, in_force] = *slot;
    if (period.kind() != begin.kind() || !in_force.reading || !MisfitOf(definition, *in_force.reading).empty())
      continue;
    const auto value = ExactValue(in_force.reading->measurement, definition.ratio_multiplier);
    if (!value) continue;
    if (in_force.reading->observation_status == kBreak) {
      first.reset();
      count = sum_n = sum_nn = sum_y = sum_ny = core::Rational();
    }
    if (!first) first = period;
    const core::Rational n((period.first() - first->first()) / period.MonthCount());
    count += 1;
    sum_n += n;
    sum_nn += n * n;
    sum_y += *value;
    sum_ny += n * *value;
  }
  if (count < core::Rational(2)) return std::nullopt;
  const core::Rational slope = (count * sum_ny - sum_n * sum_y) / (count * sum_nn - sum_n * sum_n);
  return Trend{*first, (sum_y - slope * sum_n) / count, slope};
}

}  // namespace bellwether::rating
