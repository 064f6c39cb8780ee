#include "bellwether/codec/values.h"

#include <algorithm>
#include <utility>

#include "encode.h"

namespace bellwether::codec {
namespace {

// The enumerations of both sides, pair by pair: one table each serves both ways.
template <typename P, typename D>
struct Pair {
  P proto;
  D domain;
};

constexpr Pair<v1::Polarity, rating::Polarity> kPolarities[] = {
    {v1::POLARITY_HIGHER, rating::Polarity::kHigher},
    {v1::POLARITY_LOWER, rating::Polarity::kLower},
    {v1::POLARITY_NONE, rating::Polarity::kNone},
    {v1::POLARITY_CLOSE_TO, rating::Polarity::kCloseTo},
};
constexpr Pair<v1::Frequency, rating::Frequency> kFrequencies[] = {
    {v1::FREQUENCY_MONTHLY, rating::Frequency::kMonthly},
    {v1::FREQUENCY_QUARTERLY, rating::Frequency::kQuarterly},
    {v1::FREQUENCY_HALF_YEARLY, rating::Frequency::kHalfYearly},
    {v1::FREQUENCY_YEARLY, rating::Frequency::kYearly},
};
constexpr Pair<v1::YearBasis, core::YearBasis> kYearBases[] = {
    {v1::YEAR_BASIS_FINANCIAL, core::YearBasis::kFinancial},
    {v1::YEAR_BASIS_ACADEMIC, core::YearBasis::kAcademic},
    {v1::YEAR_BASIS_CALENDAR, core::YearBasis::kCalendar},
};
constexpr Pair<v1::ReportingYear, core::YearKind> kReportingYears[] = {
    {v1::REPORTING_YEAR_FINANCIAL, core::YearKind::kFinancial},
    {v1::REPORTING_YEAR_CALENDAR, core::YearKind::kCalendar},
};
constexpr Pair<v1::RollUpRule, rating::RollUpRule> kRollUpRules[] = {
    {v1::ROLL_UP_RULE_SUM, rating::RollUpRule::kSum},
    {v1::ROLL_UP_RULE_RATIO, rating::RollUpRule::kRatio},
    {v1::ROLL_UP_RULE_WEIGHTED_MEAN, rating::RollUpRule::kWeightedMean},
    {v1::ROLL_UP_RULE_MEAN, rating::RollUpRule::kMean},
    {v1::ROLL_UP_RULE_LATEST, rating::RollUpRule::kLatest},
    {v1::ROLL_UP_RULE_CUMULATIVE, rating::RollUpRule::kCumulative},
    {v1::ROLL_UP_RULE_SUPPLIED, rating::RollUpRule::kSupplied},
    {v1::ROLL_UP_RULE_NOT_SHOWN, rating::RollUpRule::kNotShown},
};
constexpr Pair<v1::Figure, rating::Figure> kFigures[] = {
    {v1::FIGURE_VALUE, rating::Figure::kValue},
    {v1::FIGURE_NUMERATOR, rating::Figure::kNumerator},
    {v1::FIGURE_DENOMINATOR, rating::Figure::kDenominator},
    {v1::FIGURE_WEIGHT, rating::Figure::kWeight},
    {v1::FIGURE_VOLUME, rating::Figure::kVolume},
    {v1::FIGURE_AMOUNT, rating::Figure::kAmount},
};
constexpr Pair<v1::CellKind, rating::CellKind> kCellKinds[] = {
    {v1::CELL_KIND_CURRENT, rating::CellKind::kCurrent},
    {v1::CELL_KIND_PREVIOUS, rating::CellKind::kPrevious},
    {v1::CELL_KIND_QUARTER, rating::CellKind::kQuarter},
    {v1::CELL_KIND_YEAR_TO_DATE, rating::CellKind::kYearToDate},
};
constexpr Pair<v1::CellState, rating::CellState> kCellStates[] = {
    {v1::CELL_STATE_RATED, rating::CellState::kRated},
    {v1::CELL_STATE_MISSING, rating::CellState::kMissing},
    {v1::CELL_STATE_NOT_DUE, rating::CellState::kNotDue},
    {v1::CELL_STATE_WITHDRAWN, rating::CellState::kWithdrawn},
    {v1::CELL_STATE_UNDER_REVIEW, rating::CellState::kUnderReview},
    {v1::CELL_STATE_TRACKING, rating::CellState::kTracking},
    {v1::CELL_STATE_NOT_APPLICABLE, rating::CellState::kNotApplicable},
    {v1::CELL_STATE_NOT_COMPUTABLE, rating::CellState::kNotComputable},
    {v1::CELL_STATE_NOT_RATED, rating::CellState::kNotRated},
    {v1::CELL_STATE_NOT_SHOWN, rating::CellState::kNotShown},
    {v1::CELL_STATE_SUPPRESSED, rating::CellState::kSuppressed},
    {v1::CELL_STATE_NOT_COLLECTED, rating::CellState::kNotCollected},
    {v1::CELL_STATE_IN_PROGRESS, rating::CellState::kInProgress},
};
constexpr Pair<v1::Movement, rating::Movement> kMovements[] = {
    {v1::MOVEMENT_UNSPECIFIED, rating::Movement::kNone},
    {v1::MOVEMENT_UP, rating::Movement::kUp},
    {v1::MOVEMENT_DOWN, rating::Movement::kDown},
    {v1::MOVEMENT_SAME, rating::Movement::kSame},
};
constexpr Pair<v1::Performance, rating::Performance> kPerformances[] = {
    {v1::PERFORMANCE_UNSPECIFIED, rating::Performance::kNone},
    {v1::PERFORMANCE_IMPROVED, rating::Performance::kImproved},
    {v1::PERFORMANCE_SAME, rating::Performance::kSame},
    {v1::PERFORMANCE_DECLINED, rating::Performance::kDeclined},
    {v1::PERFORMANCE_CHANGED, rating::Performance::kChanged},
};
constexpr Pair<v1::Judgement, rating::Judgement> kJudgements[] = {
    {v1::JUDGEMENT_IMPROVED, rating::Judgement::kImproved},
    {v1::JUDGEMENT_SAME, rating::Judgement::kSame},
    {v1::JUDGEMENT_WORSE_WITHIN_TOLERANCE, rating::Judgement::kWorseWithinTolerance},
    {v1::JUDGEMENT_WORSE, rating::Judgement::kWorse},
    {v1::JUDGEMENT_CHANGED, rating::Judgement::kChanged},
    {v1::JUDGEMENT_NOT_COMPARABLE, rating::Judgement::kNotComparable},
};
constexpr Pair<v1::Outcome, rating::Outcome> kOutcomes[] = {
    {v1::OUTCOME_REPEAT, rating::Outcome::kRepeat},
    {v1::OUTCOME_CONFLICT, rating::Outcome::kConflict},
    {v1::OUTCOME_SUPERSEDED, rating::Outcome::kSuperseded},
    {v1::OUTCOME_WITHDRAWAL, rating::Outcome::kWithdrawal},
    {v1::OUTCOME_CONFIRMATION, rating::Outcome::kConfirmation},
    {v1::OUTCOME_FIRST, rating::Outcome::kFirst},
    {v1::OUTCOME_REVISION, rating::Outcome::kRevision},
    {v1::OUTCOME_HELD, rating::Outcome::kHeld},
    {v1::OUTCOME_DEFINED, rating::Outcome::kDefined},
    {v1::OUTCOME_COMMENTED, rating::Outcome::kCommented},
    {v1::OUTCOME_DEAD_LETTER, rating::Outcome::kDeadLetter},
};
constexpr Pair<v1::Precision, rating::Precision> kPrecisions[] = {
    {v1::PRECISION_DISPLAYED, rating::Precision::kDisplayed},
    {v1::PRECISION_EXACT, rating::Precision::kExact},
};
constexpr Pair<v1::FindingKind, rating::FindingKind> kFindingKinds[] = {
    {v1::FINDING_KIND_ARROW, rating::FindingKind::kArrow},
    {v1::FINDING_KIND_PARTS_AND_TOTAL, rating::FindingKind::kPartsAndTotal},
    {v1::FINDING_KIND_RUNNING_TOTAL, rating::FindingKind::kRunningTotal},
    {v1::FINDING_KIND_SAME_POPULATION, rating::FindingKind::kSamePopulation},
    {v1::FINDING_KIND_STATUS, rating::FindingKind::kStatus},
    {v1::FINDING_KIND_UNLIKELY, rating::FindingKind::kUnlikely},
};
constexpr Pair<v1::WarningKind, rating::WarningKind> kWarningKinds[] = {
    {v1::WARNING_KIND_NUMERATOR_ABOVE_DENOMINATOR, rating::WarningKind::kNumeratorAboveDenominator},
    {v1::WARNING_KIND_OUTSIDE_PERCENT, rating::WarningKind::kOutsidePercent},
    {v1::WARNING_KIND_PART_OF_A_COUNT, rating::WarningKind::kPartOfACount},
    {v1::WARNING_KIND_NEGATIVE_COUNT, rating::WarningKind::kNegativeCount},
    {v1::WARNING_KIND_RUNNING_FELL, rating::WarningKind::kRunningFell},
    {v1::WARNING_KIND_SHARE_FOR_PERCENT, rating::WarningKind::kShareForPercent},
    {v1::WARNING_KIND_OTHER_SIZE, rating::WarningKind::kOtherSize},
    {v1::WARNING_KIND_COUNTS_LEFT_OUT, rating::WarningKind::kCountsLeftOut},
    {v1::WARNING_KIND_CARRIED_FORWARD, rating::WarningKind::kCarriedForward},
    {v1::WARNING_KIND_PERIOD_NOT_OVER, rating::WarningKind::kPeriodNotOver},
    {v1::WARNING_KIND_NOT_SHOWN, rating::WarningKind::kNotShown},
};

template <typename P, typename D, size_t N>
P ProtoOf(const Pair<P, D> (&table)[N], D value) {
  for (const Pair<P, D>& pair : table) {
    if (pair.domain == value) return pair.proto;
  }
  return P{};
}

template <typename P, typename D, size_t N>
std::optional<D> DomainOf(const Pair<P, D> (&table)[N], P value) {
  for (const Pair<P, D>& pair : table) {
    if (pair.proto == value) return pair.domain;
  }
  return std::nullopt;
}

}  // namespace

v1::Decimal ToProto(const core::Decimal& decimal) {
  return MessageOf<v1::Decimal>([&](WireWriter& out) { Write(decimal, out); });
}

absl::StatusOr<core::Decimal> FromProto(const v1::Decimal& decimal) { return core::Decimal::Parse(decimal.value()); }

v1::Range ToProto(const rating::Range& range) {
  return MessageOf<v1::Range>([&](WireWriter& out) { Write(range, out); });
}

v1::Position ToProto(const Position& position) {
  return MessageOf<v1::Position>([&](WireWriter& out) { Write(position, out); });
}

Position FromProto(const v1::Position& position) { return {position.epoch(), position.partition(), position.offset()}; }

google::protobuf::Timestamp ToProto(absl::Time time) {
  return MessageOf<google::protobuf::Timestamp>([&](WireWriter& out) { Write(time, out); });
}

absl::Time FromProto(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return absl::InfinitePast();
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

v1::Polarity ToProto(rating::Polarity value) { return ProtoOf(kPolarities, value); }
v1::Frequency ToProto(rating::Frequency value) { return ProtoOf(kFrequencies, value); }
v1::YearBasis ToProto(core::YearBasis value) { return ProtoOf(kYearBases, value); }
v1::ReportingYear ToProto(core::YearKind value) { return ProtoOf(kReportingYears, value); }
v1::RollUpRule ToProto(rating::RollUpRule value) { return ProtoOf(kRollUpRules, value); }
v1::Figure ToProto(rating::Figure value) { return ProtoOf(kFigures, value); }
v1::CellKind ToProto(rating::CellKind value) { return ProtoOf(kCellKinds, value); }
v1::CellState ToProto(rating::CellState value) { return ProtoOf(kCellStates, value); }
v1::Movement ToProto(rating::Movement value) { return ProtoOf(kMovements, value); }
v1::Performance ToProto(rating::Performance value) { return ProtoOf(kPerformances, value); }
v1::Judgement ToProto(rating::Judgement value) { return ProtoOf(kJudgements, value); }
v1::Outcome ToProto(rating::Outcome value) { return ProtoOf(kOutcomes, value); }
v1::Precision ToProto(rating::Precision value) { return ProtoOf(kPrecisions, value); }
v1::FindingKind ToProto(rating::FindingKind value) { return ProtoOf(kFindingKinds, value); }
v1::WarningKind ToProto(rating::WarningKind value) { return ProtoOf(kWarningKinds, value); }

std::optional<rating::Polarity> FromProto(v1::Polarity value) { return DomainOf(kPolarities, value); }
std::optional<rating::Frequency> FromProto(v1::Frequency value) { return DomainOf(kFrequencies, value); }
std::optional<core::YearBasis> FromProto(v1::YearBasis value) { return DomainOf(kYearBases, value); }
std::optional<core::YearKind> FromProto(v1::ReportingYear value) { return DomainOf(kReportingYears, value); }
std::optional<rating::RollUpRule> FromProto(v1::RollUpRule value) { return DomainOf(kRollUpRules, value); }
std::optional<rating::Figure> FromProto(v1::Figure value) { return DomainOf(kFigures, value); }
std::optional<rating::CellKind> FromProto(v1::CellKind value) { return DomainOf(kCellKinds, value); }
std::optional<rating::CellState> FromProto(v1::CellState value) { return DomainOf(kCellStates, value); }
std::optional<rating::Movement> FromProto(v1::Movement value) { return DomainOf(kMovements, value); }
std::optional<rating::Performance> FromProto(v1::Performance value) { return DomainOf(kPerformances, value); }
std::optional<rating::Judgement> FromProto(v1::Judgement value) { return DomainOf(kJudgements, value); }
std::optional<rating::Outcome> FromProto(v1::Outcome value) { return DomainOf(kOutcomes, value); }
std::optional<rating::Precision> FromProto(v1::Precision value) { return DomainOf(kPrecisions, value); }
std::optional<rating::FindingKind> FromProto(v1::FindingKind value) { return DomainOf(kFindingKinds, value); }
std::optional<rating::WarningKind> FromProto(v1::WarningKind value) { return DomainOf(kWarningKinds, value); }

}  // namespace bellwether::codec
