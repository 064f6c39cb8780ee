// Which scores depend on which periods, and when figures are due.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "bellwether/rating/evaluate.h"
#include "roll_up.h"

namespace bellwether::rating {
namespace {

using Kind = core::Period::Kind;

bool IsOwn(const Definition& definition, const core::Period& period) {
  return PeriodContaining(definition, period.first()) == period;
}

// First month that a quarter's cell looks at.
core::Month QuarterStart(const Definition& definition, const core::Period& quarter) {
  if (!definition.quarter_running) return quarter.first();
  return std::min(quarter.first(), YearStart(definition, quarter.last()));
}

// Whether some quarter cell of the score of `period` looks at `changed`, a month or quarter that ends no later.
bool QuartersLookAt(const Definition& definition, const core::Period& period, const core::Period& changed) {
  const core::Month start = core::FirstMonthOfYear(period.last(), definition.reporting_year);
  for (int i = 0; i < 4; ++i) {
    const core::Period quarter = core::Period::QuarterOf(start + 3 * i, definition.reporting_year);
    if (quarter.last() > period.last()) break;
    const Definition& then = InForceIn(definition, quarter.last());
    const RollUpRule rule = then.quarter_rule;
    if (rule == RollUpRule::kNotShown) continue;
    if (quarter == changed) return true;
    if (definition.frequency != Frequency::kMonthly || rule == RollUpRule::kSupplied) continue;
    if (!NeedsAllParts(rule)) {
      if (changed.kind() == Kind::kMonth && changed.last() == quarter.last()) return true;
    } else if (changed.last() <= quarter.last() && changed.first() >= QuarterStart(then, quarter) &&
               (then.quarter_running || changed.kind() == Kind::kMonth)) {
      return true;
    }
  }
  return false;
}

// As above, for the year to date.
bool YearToDateLooksAt(const Definition& definition, const core::Period& period, const core::Period& changed) {
  const Definition& then = InForceIn(definition, period.last());
  if (!NeedsAllParts(then.year_to_date_rule)) return false;  // Only at its own last part.
  // The period in which the indicator begins is a part, though it begins before.
  return changed.last() >= YearStart(then, period.last()) &&
         changed.first() >= core::FirstMonthOfYear(period.last(), then.year_basis);
}

bool LooksAt(const Definition& definition, const core::Period& period, const core::Period& changed) {
  if (changed == period || changed == period.Previous()) return true;
  if (changed.kind() == Kind::kYearToDate) {
    return changed.last() == period.last() &&
           InForceIn(definition, period.last()).year_to_date_rule != RollUpRule::kNotShown;
  }
  if (changed.last() > period.last()) return false;
  if (definition.frequency == Frequency::kMonthly) {
    if (changed.kind() == Kind::kHalf || changed.kind() == Kind::kYear) return false;
  } else if (!IsOwn(definition, changed)) {
    return false;
  }
  return QuartersLookAt(definition, period, changed) || YearToDateLooksAt(definition, period, changed);
}

// A figure of a period that is not over is not that of the period.
bool IsInProgress(core::Date today, const Cell& cell) {
  if (!cell.value || today > cell.period.last().LastDay()) return false;
  return cell.state == CellState::kRated || cell.state == CellState::kNotRated;
}

void SettleCell(const Definition& definition, core::Date today, Cell& cell) {
  const Definition& then = InForceIn(definition, cell.period.last());
  if (IsInProgress(today, cell)) {
    cell.state = CellState::kInProgress;
    cell.status = std::string(StatusOfState(*then.scheme, CellState::kInProgress));
    cell.reason.clear();
    return;
  }
  // A reading that says that there is no figure has come: nothing more is due.
  if (cell.state != CellState::kMissing || cell.supplied || today > DueDate(definition, cell.period)) return;
  cell.state = CellState::kNotDue;
  cell.status = std::string(StatusOfState(*then.scheme, CellState::kNotDue));
}

void TakeDirectionAway(ScoreHead& score) {
  score.movement = Movement::kNone;
  score.performance = Performance::kNone;
  score.judgement = Judgement::kNotComparable;
  score.arrow.clear();
}

}  // namespace

std::vector<core::Period> ScoredPeriods(const Definition& definition, const Slots& slots) {
  std::vector<core::Period> periods;
  for (const auto& [period, slot] : slots) {
    if (IsOwn(definition, period)) periods.push_back(period);
  }
  return periods;
}

std::vector<core::Period> AffectedPeriods(const Definition& definition, const Slots& slots,
                                          const core::Period& changed) {
  // No score looks further back than the start of the year before its own.
  constexpr int kMonths = 24;
  std::vector<core::Period> affected;
  const core::Period first = PeriodContaining(definition, changed.last());
  for (auto it = slots.lower_bound(first);
       it != slots.end() && it->first.kind() == first.kind() && it->first.last() - changed.last() <= kMonths; ++it) {
    if (IsOwn(definition, it->first) && LooksAt(definition, it->first, changed)) affected.push_back(it->first);
  }
  return affected;
}

core::Date DueDate(const Definition& definition, const core::Period& period) {
  return period.last().LastDay() + InForceIn(definition, period.last()).days_until_due;
}

void WithAbsencesAsOf(const Definition& definition, core::Date today, Score& score) {
  SettleCell(definition, today, score.current);
  if (score.current.value && today <= score.period.last().LastDay()) TakeDirectionAway(score);
  SettleCell(definition, today, score.previous);
  for (Cell& quarter : score.quarters) SettleCell(definition, today, quarter);
  SettleCell(definition, today, score.year_to_date);
}

void WithAbsencesAsOf(const Definition& definition, core::Date today, Evaluation& evaluation) {
  const auto settle = [&](CellEvaluation& e) {
    SettleCell(definition, today, e.cell);
    if (e.cell.state != CellState::kNotDue && e.cell.state != CellState::kInProgress) return;
    const StatusPlace place = PlaceOfState(*e.definition->scheme, e.cell.state);
    e.status_index = place.status;
    e.condition_index = place.condition;
  };
  settle(evaluation.current);
  if (evaluation.current.cell.value && today <= evaluation.head.period.last().LastDay()) {
    TakeDirectionAway(evaluation.head);
    evaluation.direction = {};
    evaluation.direction.reason = absl::StrCat(evaluation.head.period.DisplayName(), " is not over");
  }
  settle(evaluation.previous);
  for (CellEvaluation& quarter : evaluation.quarters) settle(quarter);
  settle(evaluation.year_to_date);
}

}  // namespace bellwether::rating
