#include "target.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace bellwether::rating {
namespace {

bool Names(const Target& target, CellKind kind) {
  return std::find(target.cells.begin(), target.cells.end(), kind) != target.cells.end();
}

bool IsTracking(const Target& target) { return std::holds_alternative<TrackingOnly>(target.kind); }

// Of targets for one cell in one month the latest stands; of two from the same month the one that names the cell.
bool StandsBefore(const Target& a, const Target& b) {
  if (a.effective_from != b.effective_from) return a.effective_from > b.effective_from;
  return !a.cells.empty() && b.cells.empty();
}

// The latest target in force in `month` that names the cell or, if `general`, is for all cells.
const Target* LatestFor(const Definition& definition, CellKind kind, bool general, core::Month month) {
  const Target* latest = nullptr;
  for (const Target& target : definition.targets) {
    if (target.effective_from && *target.effective_from > month) continue;
    if (target.cells.empty() ? !general : !Names(target, kind)) continue;
    if (latest == nullptr || StandsBefore(target, *latest)) latest = &target;
  }
  return latest;
}

const Target* TargetFor(const Definition& definition, CellKind kind, bool of_sum, core::Month month) {
  const Target* target = LatestFor(definition, kind, /*general=*/true, month);
  // What is only tracked is tracked in all its cells. A month's target says nothing of a sum of months.
  if (of_sum && target != nullptr && target->cells.empty() && !IsTracking(*target)) {
    return LatestFor(definition, kind, /*general=*/false, month);
  }
  return target;
}

// Where one limit puts the tolerated band's edge: `side` is -1 below the target's low end, 1 above its high end.
std::optional<core::Rational> ToleratedEdge(const std::optional<ToleranceLimit>& limit,
                                            const std::optional<core::Decimal>& end, int side) {
  if (!limit) return std::nullopt;
  if (limit->kind == ToleranceLimit::Kind::kEdge) return limit->amount;
  if (!end) return std::nullopt;
  core::Rational amount = limit->amount;
  if (limit->kind == ToleranceLimit::Kind::kRelativePercent)
    amount = amount * core::Rational(*end).Abs() / core::Rational(100);
  return side < 0 ? core::Rational(*end) - amount : core::Rational(*end) + amount;
}

// False: a profile without a point for the month.
bool SetEnds(const Target& target, core::Month month, TargetInForce* in_force) {
  if (const auto* range = std::get_if<Range>(&target.kind)) {
    in_force->low = range->low;
    in_force->high = range->high;
    return true;
  }
  in_force->low = in_force->high = ValueOf(target, month);
  return in_force->low.has_value();
}

void SetTolerance(const Tolerance& tolerance, Polarity polarity, TargetInForce* target) {
  const bool low_is_worse = polarity == Polarity::kHigher || polarity == Polarity::kCloseTo;
  const bool high_is_worse = polarity == Polarity::kLower || polarity == Polarity::kCloseTo;
  target->tolerance_exclusive = tolerance.exclusive;
  if (tolerance.shortfall) {
    if (low_is_worse) target->tolerated_low = ToleratedEdge(tolerance.shortfall, target->low, -1);
    if (high_is_worse) target->tolerated_high = ToleratedEdge(tolerance.shortfall, target->high, 1);
  } else {
    target->tolerated_low = ToleratedEdge(tolerance.low, target->low, -1);
    target->tolerated_high = ToleratedEdge(tolerance.high, target->high, 1);
  }
}

// Whether a figure stands, or would miss its target, on the low side.
bool IsLowSide(Polarity polarity, const TargetInForce& target, const core::Rational& figure) {
  if (polarity == Polarity::kCloseTo) return target.low && figure < *target.low;
  return polarity == Polarity::kHigher;
}

bool Holds(const ShortfallBound& bound, Polarity polarity, const TargetInForce& target, const core::Rational& figure,
           const core::Rational& shortfall) {
  const bool exclusive = bound.kind == ShortfallBound::Kind::kTolerance ? target.tolerance_exclusive : bound.exclusive;
  if (bound.kind == ShortfallBound::Kind::kTarget) return exclusive ? shortfall.Sign() < 0 : shortfall.Sign() <= 0;
  const core::Rational limit = LimitOf(bound, polarity, target, figure);
  return exclusive ? shortfall < limit : shortfall <= limit;
}

}  // namespace

CellState TargetChooser::Choose(const Definition& definition, CellKind kind, bool of_sum, core::Month month,
                                std::optional<TargetInForce>* in_force, std::string* reason) {
  if (std::all_of(definition.targets.begin(), definition.targets.end(), IsTracking)) return CellState::kTracking;
  const Target* target = TargetFor(definition, kind == CellKind::kPrevious ? CellKind::kCurrent : kind, of_sum, month);
  if (target == nullptr) {
    *reason = of_sum ? "a sum of months has no target of its own"
                     : absl::StrCat("no target is in force in ", month.DisplayName());
    return CellState::kNotRated;
  }
  if (target == last_.target && !std::holds_alternative<Profile>(target->kind)) {
    *in_force = last_;
  } else {
    in_force->emplace().target = target;
    if (IsTracking(*target)) return CellState::kTracking;
    if (std::holds_alternative<UnderReview>(target->kind)) return CellState::kUnderReview;
    if (!SetEnds(*target, month, &**in_force)) {
      *reason = absl::StrCat("the target's profile has no point for ", month.DisplayName());
      return CellState::kNotRated;
    }
    const std::optional<Tolerance>& tolerance =
        target->tolerance ? target->tolerance : definition.scheme->default_tolerance;
    if (tolerance) SetTolerance(*tolerance, definition.polarity, &**in_force);
    last_ = **in_force;
  }
  if (definition.polarity == Polarity::kNone) {
    *reason = "neither higher nor lower is better, so the target can be neither met nor missed";
    return CellState::kNotRated;
  }
  return CellState::kRated;
}

const Target* TargetBefore(const Definition& definition, const Target& in_force) {
  const Target* before = nullptr;
  for (const Target& target : definition.targets) {
    if (!target.cells.empty() && !Names(target, CellKind::kCurrent)) continue;
    if (target.effective_from >= in_force.effective_from) continue;
    if (before == nullptr || StandsBefore(target, *before)) before = &target;
  }
  return before;
}

std::optional<core::Decimal> ValueOf(const Target& target, core::Month month) {
  if (const auto* value = std::get_if<core::Decimal>(&target.kind)) return *value;
  if (const auto* share = std::get_if<MonthlyShare>(&target.kind)) return share->value;
  if (const auto* profile = std::get_if<Profile>(&target.kind)) {
    const auto point = std::find_if(profile->points.begin(), profile->points.end(),
                                    [&](const ProfilePoint& p) { return p.month == month; });
    if (point != profile->points.end()) return point->value;
  }
  return std::nullopt;
}

core::Rational ShortfallOf(Polarity polarity, const TargetInForce& target, const core::Rational& figure) {
  switch (polarity) {
    case Polarity::kHigher:
      return target.low ? *target.low - figure : core::Rational();
    case Polarity::kLower:
      return target.high ? figure - *target.high : core::Rational();
    case Polarity::kCloseTo:
      return VarianceOf(target, figure).Abs();
    case Polarity::kNone:
      break;
  }
  return core::Rational();
}

core::Rational VarianceOf(const TargetInForce& target, const core::Rational& figure) {
  if (target.low && figure < *target.low) return figure - *target.low;
  if (target.high && figure > *target.high) return figure - *target.high;
  return core::Rational();
}

core::Rational LimitOf(const ShortfallBound& bound, Polarity polarity, const TargetInForce& target,
                       const core::Rational& figure) {
  const bool low_side = IsLowSide(polarity, target, figure);
  const std::optional<core::Decimal>& end = low_side ? target.low : target.high;
  switch (bound.kind) {
    case ShortfallBound::Kind::kTarget:
      break;
    case ShortfallBound::Kind::kTolerance: {
      const std::optional<core::Rational>& edge = low_side ? target.tolerated_low : target.tolerated_high;
      if (!edge || !end) break;
      // An edge on the better side of the target leaves nothing to tolerate.
      return core::Max(low_side ? *end - *edge : *edge - *end, core::Rational());
    }
    case ShortfallBound::Kind::kRelativePercent:
      if (!end) break;
      return core::Rational(*end).Abs() * bound.amount / core::Rational(100);
    case ShortfallBound::Kind::kAbsolute:
      return bound.amount;
  }
  return core::Rational();
}

StatusPlace StatusOfFigure(const Scheme& scheme, Polarity polarity, const TargetInForce& target,
                           const core::Rational& figure, const core::Rational& shortfall) {
  for (size_t i = 0; i < scheme.statuses.size(); ++i) {
    const std::vector<StatusCondition>& any_of = scheme.statuses[i].any_of;
    for (size_t j = 0; j < any_of.size(); ++j) {
      const auto* bound = std::get_if<ShortfallBound>(&any_of[j]);
      const bool holds = bound != nullptr ? Holds(*bound, polarity, target, figure, shortfall)
                                          : std::holds_alternative<Otherwise>(any_of[j]);
      if (holds) return {static_cast<int>(i), static_cast<int>(j)};
    }
  }
  return {};
}

std::optional<core::Decimal> ForDisplay(const core::Rational& exact, const Definition& definition) {
  if (std::optional<core::Decimal> decimal = exact.ToDecimal()) return decimal;
  const auto rounded = exact.Round(std::min(core::Decimal::kMaxScale, definition.decimal_places + 2));
  return rounded.ok() ? std::optional(*rounded) : std::nullopt;
}

}  // namespace bellwether::rating
