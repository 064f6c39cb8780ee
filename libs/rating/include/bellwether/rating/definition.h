// What an indicator is: the domain's view of bellwether/v1/definition.proto, complete (defaults and scheme resolved).
#ifndef BELLWETHER_RATING_DEFINITION_H_
#define BELLWETHER_RATING_DEFINITION_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bellwether/core/decimal.h"
#include "bellwether/core/period.h"
#include "bellwether/rating/scheme.h"

namespace bellwether::rating {

enum class Frequency { kMonthly, kQuarterly, kHalfYearly, kYearly };
enum class RollUpRule { kSum, kRatio, kWeightedMean, kMean, kLatest, kCumulative, kSupplied, kNotShown };
enum class Figure { kValue, kNumerator, kDenominator, kWeight, kVolume, kAmount };
enum class CellKind { kCurrent, kPrevious, kQuarter, kYearToDate };
enum class DirectionBasis { kValue, kAttainment };

// A closed interval; an absent side is open.
struct Range {
  std::optional<core::Decimal> low;
  std::optional<core::Decimal> high;
  friend bool operator==(const Range&, const Range&) = default;
};

struct ProfilePoint {
  core::Month month;
  core::Decimal value;
  friend bool operator==(const ProfilePoint&, const ProfilePoint&) = default;
};
struct Profile {
  std::vector<ProfilePoint> points;  // By month, each month at most once.
  friend bool operator==(const Profile&, const Profile&) = default;
};
struct MonthlyShare {
  core::Decimal value;   // What a month is rated against.
  core::Decimal annual;  // For information.
  friend bool operator==(const MonthlyShare&, const MonthlyShare&) = default;
};
struct TrackingOnly {
  friend bool operator==(const TrackingOnly&, const TrackingOnly&) = default;
};
struct UnderReview {
  friend bool operator==(const UnderReview&, const UnderReview&) = default;
};

// A value to reach, from a month on.
struct Target {
  std::optional<core::Month> effective_from;  // Absent: from the beginning.
  std::variant<TrackingOnly, UnderReview, core::Decimal, Range, Profile, MonthlyShare> kind;
  std::optional<Tolerance> tolerance;  // Absent: the scheme's default.
  std::vector<CellKind> cells;         // Empty: all, but no quarter or year to date of rule sum.
  std::string wording;
  friend bool operator==(const Target&, const Target&) = default;
};

struct Benchmark {
  std::optional<core::Decimal> value;
  std::string comparator;
  std::string period;
  friend bool operator==(const Benchmark&, const Benchmark&) = default;
};

// This indicator's figure and another's count the same population, in periods wholly from `from` on.
struct SharedPopulation {
  Figure figure = Figure::kValue;
  std::string other_ref;
  Figure other_figure = Figure::kValue;
  std::optional<core::Month> from;
  friend bool operator==(const SharedPopulation&, const SharedPopulation&) = default;
};
// The amount in a period is the running amount less the one before.
struct RunningAmount {
  friend bool operator==(const RunningAmount&, const RunningAmount&) = default;
};
using Check = std::variant<SharedPopulation, RunningAmount>;

// What can speak against a reading (rating/warnings.h).
enum class WarningKind {
  kNumeratorAboveDenominator,
  kOutsidePercent,
  kPartOfACount,
  kNegativeCount,
  kRunningFell,
  kShareForPercent,
  kOtherSize,
  kCountsLeftOut,
  kCarriedForward,
  kPeriodNotOver,
  kNotShown,
};
// A kind that is not told of an indicator.
struct SilencedWarning {
  WarningKind kind = WarningKind::kNumeratorAboveDenominator;
  std::string reason;
  friend bool operator==(const SilencedWarning&, const SilencedWarning&) = default;
};

// Who owes the readings.
struct Owner {
  std::string name;
  std::string address;  // May be empty.
  friend bool operator==(const Owner&, const Owner&) = default;
};

// A complete definition. Values are checked by libs/codec; rating trusts them.
struct Definition {
  std::string council;
  std::string ref;
  std::vector<std::string> alternate_refs;
  std::string description;
  std::string directorate;
  std::string service;
  unsigned report_position = 0;
  std::string unit;
  int decimal_places = 0;
  core::Decimal ratio_multiplier = core::Decimal::FromUnits(1, 0);
  Polarity polarity = Polarity::kNone;
  Frequency frequency = Frequency::kMonthly;
  int reporting_lag_periods = 0;
  int days_until_due = 0;
  std::optional<core::Month> active_from;   // Absent: always was.
  std::optional<core::Month> retired_from;  // Absent: still is.
  core::YearBasis year_basis = core::YearBasis::kFinancial;
  core::YearKind reporting_year = core::YearKind::kFinancial;
  RollUpRule quarter_rule = RollUpRule::kNotShown;
  bool quarter_running = false;
  RollUpRule year_to_date_rule = RollUpRule::kNotShown;
  std::string key_commitment;
  std::optional<Benchmark> benchmark;
  std::vector<std::string> notes;
  std::string geography;
  std::string coverage;
  std::string predecessor;
  std::string charted_with;         // Of the same unit. Empty: none.
  std::vector<core::Month> breaks;  // Ascending: first months of a new series.
  std::vector<Check> checks;
  DirectionBasis direction_basis = DirectionBasis::kValue;
  std::optional<Range> allowed_values;
  std::vector<SilencedWarning> silenced;  // No kind twice.
  std::optional<Owner> owner;
  std::vector<Target> targets;
  std::shared_ptr<const Scheme> scheme;  // Never null.
  // What was said before holds for the months before `effective_from`, which then is set. Oldest first, of ascending
  // months, the first without one; they have no earlier ones themselves, and differ in nothing that Undated() compares.
  std::optional<core::Month> effective_from;
  std::vector<std::shared_ptr<const Definition>> earlier;
};
// Same content; schemes are compared by value.
bool operator==(const Definition& a, const Definition& b);

// What the definition says of a month: itself, or one of its earlier wordings. A period is rated and shown by what is
// in force in its last month.
inline const Definition& InForceIn(const Definition& definition, core::Month month) {
  if (!definition.effective_from || month >= *definition.effective_from) return definition;
  for (auto wording = definition.earlier.rbegin(); wording != definition.earlier.rend(); ++wording) {
    if (!(*wording)->effective_from || month >= *(*wording)->effective_from) return **wording;
  }
  return definition;  // There is always a first.
}

// The field, by its name in definition.proto, in which two wordings differ that makes another indicator of it: no month
// can change it. Empty: none.
std::string_view UndatedDifference(const Definition& a, const Definition& b);

// The roll-up rule, by its name in definition.proto, which adds up readings that by the other one, `cumulative`, are
// the year so far already. Empty: none. Of other than monthly indicators no quarter is made of parts.
std::string_view ContradictoryRule(const Definition& definition);

// Whether the two can be drawn on one chart, which has one axis.
inline bool CanShareAChart(const Definition& a, const Definition& b) { return a.unit == b.unit; }

// What applying `applied`, which has no earlier wordings, makes of the definition in force: it holds from its
// `effective_from` on, in the place of whatever held from then on; without one it takes the place of the newest
// wording. What hangs on no month (UndatedDifference; refs, owner, breaks, lag, when it begins and ends, what its chart
// shows) is that of `applied` throughout; without a month its scheme's rules are too, and the earlier places in the
// report move as far as the newest does.
Definition Amended(const Definition& in_force, Definition applied);

// The data period that a report period shows: the newest period of the indicator's frequency that ends in
// `report_month` or before, moved back by the reporting lag.
core::Period DataPeriodOf(const Definition& definition, core::Month report_month);

// The period of the indicator's frequency in which `month` lies.
core::Period PeriodContaining(const Definition& definition, core::Month month);

// Whether a reading of `period` can belong to the indicator: its own frequency, or a longer span (quarter, half, year,
// year to date) of its reporting year that the publisher may supply.
inline bool TakesReadingsOf(const Definition& definition, const core::Period& period) {
  constexpr int kLengths[] = {1, 3, 6, 12};  // By frequency, in months.
  switch (period.kind()) {
    case core::Period::Kind::kMonth:
      return definition.frequency == Frequency::kMonthly;
    case core::Period::Kind::kQuarter:
    case core::Period::Kind::kHalf:
    case core::Period::Kind::kYear:
      return period.year_kind() == definition.reporting_year &&
             period.MonthCount() >= kLengths[static_cast<size_t>(definition.frequency)];
    case core::Period::Kind::kYearToDate:
      break;
  }
  return PeriodContaining(definition, period.last()).last() == period.last();
}

// Whether the indicator is in use in some of the period (active_from, retired_from).
bool IsActiveIn(const Definition& definition, const core::Period& period);

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_DEFINITION_H_
