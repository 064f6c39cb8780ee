#include "direction.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "roll_up.h"
#include "target.h"

namespace bellwether::rating {
namespace {

const core::Rational& Hundred() {
  static const auto& hundred = *new core::Rational(100);
  return hundred;
}

// Why a cell has nothing to compare.
std::string WhyNothing(const CellEvaluation& e) {
  const auto name = [&] { return e.cell.period.DisplayName(); };  // Seldom wanted.
  switch (e.cell.state) {
    case CellState::kMissing:
      if (e.cell.supplied) return absl::StrCat("the figure of ", name(), " is not available");
      return name() + " has no reading";
    case CellState::kNotDue:
      return name() + " has no reading";
    case CellState::kWithdrawn:
      return absl::StrCat("the reading of ", name(), " was withdrawn");
    case CellState::kNotApplicable:
      return absl::StrCat("the figure of ", name(), " is not applicable");
    case CellState::kSuppressed:
      return absl::StrCat("the figure of ", name(), " is suppressed");
    case CellState::kNotCollected:
      return absl::StrCat("the figure of ", name(), " was not collected");
    case CellState::kNotComputable:
      return absl::StrCat("the figure of ", name(), " cannot be computed");
    case CellState::kNotShown:
      if (e.definition->retired_from && e.cell.period.first() >= *e.definition->retired_from)
        return absl::StrCat("the indicator was retired before ", name(), " was over");
      return absl::StrCat("the indicator began after ", name(),
                          e.definition->predecessor.empty()
                              ? ""
                              : absl::StrCat(", and does not compare with ", e.definition->predecessor));
    case CellState::kInProgress:
    case CellState::kRated:
    case CellState::kUnderReview:
    case CellState::kTracking:
    case CellState::kNotRated:
      break;
  }
  return name() + " has no figure";
}

// What is compared: the value, or the share of its target that it attains in per cent, as computed.
std::optional<core::Rational> Quantity(const Definition& definition, const CellEvaluation& e, std::string* reason) {
  if (!e.compared) {
    *reason = WhyNothing(e);
    return std::nullopt;
  }
  if (definition.direction_basis == DirectionBasis::kValue) return e.compared;
  const core::Month month = e.cell.period.last();
  std::optional<core::Decimal> target;
  if (e.target && e.target->target != nullptr) target = ValueOf(*e.target->target, month);
  if (!target) {
    *reason = absl::StrCat("there is no target value for ", month.DisplayName(), " of which a share could be attained");
    return std::nullopt;
  }
  if (target->IsZero() || target->IsNegative()) {
    *reason =
        absl::StrCat("the target for ", month.DisplayName(), " is not above zero, so no share of it can be attained");
    return std::nullopt;
  }
  return *e.compared * Hundred() / *target;
}

// A first month of a new series after which `current` lies, and `previous` does not wholly lie.
const core::Month* BreakBetween(const Definition& definition, const core::Period& previous,
                                const core::Period& current) {
  const auto found = std::find_if(definition.breaks.begin(), definition.breaks.end(),
                                  [&](core::Month b) { return b > previous.first() && b <= current.last(); });
  return found == definition.breaks.end() ? nullptr : &*found;
}

// A running figure of one year beside one of another, of which another share of the year has passed. What is compared
// by its attainment compares: a profile knows the month.
bool BeginsAgain(const Definition& definition, const core::Period& previous, const core::Period& current) {
  if (!IsRunning(definition) || definition.direction_basis == DirectionBasis::kAttainment) return false;
  const core::Month before = YearStart(definition, previous.last());
  const core::Month now = YearStart(definition, current.last());
  return before != now && previous.last() - before != current.last() - now;
}

Performance PerformanceOf(const Definition& definition, Movement movement, const CellEvaluation& previous,
                          const CellEvaluation& current, const DirectionEvaluation& d) {
  switch (definition.polarity) {
    case Polarity::kHigher:
    case Polarity::kLower:
      if (movement == Movement::kSame) return Performance::kSame;
      return (movement == Movement::kUp) == (definition.polarity == Polarity::kHigher) ? Performance::kImproved
                                                                                       : Performance::kDeclined;
    case Polarity::kCloseTo: {
      std::optional<core::Rational> before;
      std::optional<core::Rational> now;
      if (definition.direction_basis == DirectionBasis::kAttainment) {
        before = (*d.before - Hundred()).Abs();
        now = (*d.now - Hundred()).Abs();
      } else {
        before = previous.shortfall;
        now = current.shortfall;
      }
      if (!before || !now) break;  // Without a target nothing is close to it.
      const auto order = *now <=> *before;
      return order < 0 ? Performance::kImproved : order > 0 ? Performance::kDeclined : Performance::kSame;
    }
    case Polarity::kNone:
      break;
  }
  return movement == Movement::kSame ? Performance::kSame : Performance::kChanged;
}

bool Holds(const Allowance& allowance, const DirectionEvaluation& d) {
  if (allowance.kind == Allowance::Kind::kOnTarget) return d.on_target;
  const core::Rational change = (*d.now - *d.before).Abs();
  const core::Rational limit = d.before->Abs() * allowance.percent / Hundred();
  return allowance.exclusive ? change < limit : change <= limit;
}

// Whether the line holds; sets which of its allowances does.
bool Holds(const DirectionRule& rule, const Definition& definition, const ScoreHead& score, DirectionEvaluation& d) {
  if (!TakesChange(rule, definition.polarity, score.movement, score.performance)) return false;
  if (rule.any_of.empty()) return true;
  for (size_t i = 0; i < rule.any_of.size(); ++i) {
    if (!Holds(rule.any_of[i], d)) continue;
    d.allowance_index = static_cast<int>(i);
    return true;
  }
  return false;
}

// Where the key has no line for it.
Judgement PlainJudgement(Performance performance) {
  switch (performance) {
    case Performance::kImproved:
      return Judgement::kImproved;
    case Performance::kSame:
      return Judgement::kSame;
    case Performance::kDeclined:
      return Judgement::kWorse;
    case Performance::kChanged:
      return Judgement::kChanged;
    case Performance::kNone:
      break;
  }
  return Judgement::kNotComparable;
}

}  // namespace

DirectionEvaluation JudgeDirection(const Definition& definition, const CellEvaluation& previous,
                                   const CellEvaluation& current, ScoreHead& score) {
  DirectionEvaluation d;
  d.now = Quantity(definition, current, &d.reason);
  if (!d.now) return d;
  d.on_target = current.shortfall && current.shortfall->Sign() <= 0;
  d.before = Quantity(definition, previous, &d.reason);
  if (!d.before) return d;
  if (const core::Month* start = BreakBetween(definition, previous.cell.period, current.cell.period)) {
    d.reason = absl::StrCat("a new series began in ", start->DisplayName(), ": figures before it do not compare");
    return d;
  }
  if (current.cell.observation_status == kBreak) {
    d.reason = absl::StrCat("by its source a new series begins with ", current.cell.period.DisplayName(),
                            ": figures before it do not compare");
    return d;
  }
  if (IsRunning(*previous.definition) != IsRunning(*current.definition)) {
    const bool ran = IsRunning(*previous.definition);
    d.reason = absl::StrCat("the figure of ", (ran ? previous : current).cell.period.DisplayName(),
                            " is the year so far, and that of ", (ran ? current : previous).cell.period.DisplayName(),
                            " is not, so they do not compare");
    return d;
  }
  if (BeginsAgain(definition, previous.cell.period, current.cell.period)) {
    d.reason = absl::StrCat("a running figure begins again in ",
                            YearStart(definition, current.cell.period.last()).DisplayName(), ", so ",
                            previous.cell.period.DisplayName(), " does not compare");
    return d;
  }
  const core::Rational change = *d.now - *d.before;
  const int sign = change.Sign();
  score.movement = sign > 0 ? Movement::kUp : sign < 0 ? Movement::kDown : Movement::kSame;
  score.performance = PerformanceOf(definition, score.movement, previous, current, d);
  if (!d.before->IsZero()) d.change_percent = change * Hundred() / d.before->Abs();

  const std::vector<DirectionRule>& rules = definition.scheme->directions;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (!Holds(rules[i], definition, score, d)) continue;
    d.rule_index = static_cast<int>(i);
    score.judgement = rules[i].judgement;
    score.arrow = rules[i].arrow;
    return d;
  }
  score.judgement = PlainJudgement(score.performance);
  return d;
}

}  // namespace bellwether::rating
