// Targets: which is in force for a cell, how far a figure misses it, and what status that gives. Pure.
#ifndef BELLWETHER_RATING_SRC_TARGET_H_
#define BELLWETHER_RATING_SRC_TARGET_H_

#include <optional>
#include <string>

#include "bellwether/rating/evaluate.h"

namespace bellwether::rating {

// Chooses the targets of one evaluation's cells, which mostly are the same: its ends and its band are worked out once.
class TargetChooser {
 public:
  // The target in force for a cell whose span ends in `month`; `in_force` stays absent if there is none. `of_sum`: the
  // cell is a quarter or a year to date of rule sum, which only a target that names its cell can rate. The state of a
  // cell with a figure: kRated if its target has an end; else kTracking, kUnderReview or kNotRated with the `reason`.
  CellState Choose(const Definition& definition, CellKind kind, bool of_sum, core::Month month,
                   std::optional<TargetInForce>* in_force, std::string* reason);

 private:
  TargetInForce last_;
};

// The target for current cells before the one in force; null: none.
const Target* TargetBefore(const Definition& definition, const Target& in_force);

// The single value that a target asks for in `month`: absent for ranges, tracking, under review, and a profile without
// the month.
std::optional<core::Decimal> ValueOf(const Target& target, core::Month month);

// How far `figure` misses the target: negative where it is better. Zero where the polarity's side of the target is
// open.
core::Rational ShortfallOf(Polarity polarity, const TargetInForce& target, const core::Rational& figure);

// Figure less target, signed; zero inside a range.
core::Rational VarianceOf(const TargetInForce& target, const core::Rational& figure);

// The shortfall up to which the bound holds, for a figure on the same side of the target as `figure`.
core::Rational LimitOf(const ShortfallBound& bound, Polarity polarity, const TargetInForce& target,
                       const core::Rational& figure);

// The first status that holds for a figure that can be rated, and its shortfall; none: {-1, -1}.
StatusPlace StatusOfFigure(const Scheme& scheme, Polarity polarity, const TargetInForce& target,
                           const core::Rational& figure, const core::Rational& shortfall);

// The Decimal that is exactly this, else rounded to two places more than the indicator's. Absent: too large.
std::optional<core::Decimal> ForDisplay(const core::Rational& exact, const Definition& definition);

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_SRC_TARGET_H_
