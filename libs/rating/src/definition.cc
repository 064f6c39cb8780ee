#include "bellwether/rating/definition.h"

#include <tuple>

namespace bellwether::rating {
namespace {

// Everything but the scheme.
auto Fields(const Definition& d) {
  return std::tie(d.council, d.ref, d.alternate_refs, d.description, d.directorate, d.service, d.report_position,
                  d.unit, d.decimal_places, d.ratio_multiplier, d.polarity, d.frequency, d.reporting_lag_periods,
                  d.days_until_due, d.active_from, d.retired_from, d.year_basis, d.reporting_year, d.quarter_rule,
                  d.quarter_running, d.year_to_date_rule, d.key_commitment, d.benchmark, d.notes, d.geography,
                  d.coverage, d.predecessor, d.breaks, d.checks, d.direction_basis, d.allowed_values, d.silenced,
                  d.targets);
}

}  // namespace

bool operator==(const Definition& a, const Definition& b) {
  return Fields(a) == Fields(b) && (a.scheme == b.scheme || (a.scheme && b.scheme && *a.scheme == *b.scheme));
}

core::Period PeriodContaining(const Definition& definition, core::Month month) {
  switch (definition.frequency) {
    case Frequency::kMonthly:
      break;
    case Frequency::kQuarterly:
      return core::Period::QuarterOf(month, definition.reporting_year);
    case Frequency::kHalfYearly:
      return core::Period::HalfOf(month, definition.reporting_year);
    case Frequency::kYearly:
      return core::Period::YearOf(month, definition.reporting_year);
  }
  return core::Period::OfMonth(month);
}

core::Period DataPeriodOf(const Definition& definition, core::Month report_month) {
  core::Period period = PeriodContaining(definition, report_month);
  if (period.last() > report_month) period = period.Previous();
  return period - definition.reporting_lag_periods;
}

bool IsActiveIn(const Definition& definition, const core::Period& period) {
  return (!definition.active_from || period.last() >= *definition.active_from) &&
         (!definition.retired_from || period.first() < *definition.retired_from);
}

}  // namespace bellwether::rating
