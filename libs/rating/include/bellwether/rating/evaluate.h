// Rates an indicator in a data period, and keeps what an explanation needs: the evaluation that rates also explains.
// Pure: a function of the definition and the slots; no clock, no I/O, no binary floating point.
#ifndef BELLWETHER_RATING_EVALUATE_H_
#define BELLWETHER_RATING_EVALUATE_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "bellwether/core/period.h"
#include "bellwether/core/rational.h"
#include "bellwether/rating/ledger.h"
#include "bellwether/rating/score.h"
#include "boost/container/static_vector.hpp"

namespace bellwether::rating {

// One part of a roll-up: a month, or a whole quarter's supplied figure.
struct Part {
  core::Period period;
  const Slot* slot = nullptr;  // Null or without a reading: it lacks. Points into the slots given to Evaluate.
  bool divided = false;        // It does not lie in the span alone and cannot be divided: it lacks.
  const Definition* definition = nullptr;  // That given to Evaluate: what holds in the part its reading is to fit.
  bool running = false;  // Its figure is the year so far: where it does not lack, it stands for all before it too.
};
// No span has more than a year's months.
using Parts = boost::container::static_vector<Part, 12>;

// The target in force for one cell, resolved: its worse and better side, and the tolerated band's edges.
struct TargetInForce {
  const Target* target = nullptr;
  std::optional<core::Decimal> low;  // Range: its ends. One value: both are it.
  std::optional<core::Decimal> high;
  std::optional<core::Rational> tolerated_low;  // Edge of the tolerated band; absent on a side without one.
  std::optional<core::Rational> tolerated_high;
  bool tolerance_exclusive = false;
};

// How one cell came to its state and status.
struct CellEvaluation {
  CellKind kind = CellKind::kCurrent;
  const Definition* definition = nullptr;  // The wording by which it is rated: that of its own period.
  Cell cell;
  const Slot* slot = nullptr;               // Of the cell's own period; null: none. Points as Part's does.
  RollUpRule rule = RollUpRule::kNotShown;  // Of quarters and year to date.
  Parts parts;                              // Of quarters and year to date, in order.
  std::optional<core::Rational> exact;      // Supplied or computed, unrounded.
  std::optional<core::Rational> compared;   // What was compared with the target: displayed or exact.
  std::optional<TargetInForce> target;
  std::optional<core::Rational> shortfall;  // Of `compared` from the target; negative: better.
  int status_index = -1;                    // In the scheme; -1: the state's own word.
  int condition_index = -1;                 // In that status.
};

// How the direction came about.
struct DirectionEvaluation {
  std::optional<core::Rational> before;  // The quantity compared: value or attainment in per cent.
  std::optional<core::Rational> now;
  std::optional<core::Rational> change_percent;  // Of |before|; absent where that is zero.
  bool on_target = false;
  int rule_index = -1;       // In the scheme's directions; -1: none.
  int allowance_index = -1;  // The allowance that held; -1: none was asked.
  std::string reason;        // Why it is not comparable.
};

struct Evaluation {
  ScoreHead head;
  CellEvaluation current;
  CellEvaluation previous;
  std::array<CellEvaluation, 4> quarters;
  CellEvaluation year_to_date;
  DirectionEvaluation direction;
};

// Rates `definition` in `period`, which is of its frequency, each cell by the wording in force for the cell's own
// period. Cells without a figure are kMissing (or kWithdrawn): what is not due yet depends on today, see
// WithAbsencesAsOf. The evaluation points into the definition and the slots.
//
// Roll-ups are those of docs/rating.md, and where that leaves something open:
//  - A month is a part only if it gives the figures that the rule needs; of a whole quarter that lacks a month its
//    supplied figure is taken, if that gives them. Each part counts once in a plain mean, whatever its length.
//  - 0 out of 0, or a mean over a weight of 0, is a part that adds nothing; a mean leaves it out. Of nothing else
//  nothing
//    is computable.
//  - If every part is absent for the same reason, so is the cell. For several, it is not computable, and each is named.
//  - A running quarter is the year so far at its last month, where the year basis begins (of the academic year: a
//    second quarter is September alone).
//  - A running figure, of months in which a `cumulative` rule held, stands for all months before it in a sum, a ratio
//  or
//    a weighted mean that begins with its year under a later rule. In no other span, nor in a plain mean, does it add
//    up with others; nor where the two rules of one wording contradict each other.
//  - The last part, of rules latest and cumulative, is shown as it shows itself, with its own decimals.
//  - Of a quarterly indicator the quarters are its readings, rated by the targets of its current cell; the year to date
//    is made of them. Half-yearly and yearly ones have no quarter cells; a year to date is made of the halves, or is
//    the year itself. A period in which the year begins cannot be divided, and lacks.
//  - Breaks in a series do not stop a roll-up: they say that figures do not compare, not that they do not add up. The
//    explanation says which lies within.
// A supplied figure that says "not available" leaves the cell absent, though its parts may give one.
Evaluation Evaluate(const Definition& definition, const RecordedAt& definition_recorded, const Slots& slots,
                    const core::Period& period);

// The evaluation's cells, under its head. Into an empty score: it is large, and is not moved once more.
void MoveInto(Evaluation&& evaluation, Score* score);
Score ScoreOf(Evaluation evaluation);

// ScoreOf(Evaluate(...)).
Score Rate(const Definition& definition, const RecordedAt& definition_recorded, const Slots& slots,
           const core::Period& period);

// The data periods that have a score in the log: those of the indicator's frequency with a slot.
std::vector<core::Period> ScoredPeriods(const Definition& definition, const Slots& slots);

// The scored periods whose score can depend on the slot of `changed`: its own, the next, its quarters and every later
// one of the years that it lies in.
std::vector<core::Period> AffectedPeriods(const Definition& definition, const Slots& slots,
                                          const core::Period& changed);

// Day on which the reading of `period` is due: `days_until_due` after its last day, and with its last part. It is
// missing from the day after.
core::Date DueDate(const Definition& definition, const core::Period& period);

// What depends on `today`, in every cell, with the scheme's status for it: kMissing is kNotDue where the figure is not
// due yet; a figure of a period that is not over is kInProgress, and has no direction.
void WithAbsencesAsOf(const Definition& definition, core::Date today, Score& score);
// The same, for the cells that an explanation is made from too.
void WithAbsencesAsOf(const Definition& definition, core::Date today, Evaluation& evaluation);

// The edges at which the status of a cell changes: at most one below and one above, the nearest on its side, in that
// order. None for a cell that is not rated.
struct Edge {
  core::Rational at;        // Of the compared quantity.
  core::Rational distance;  // at - compared.
  std::string status_beyond;
  bool inside = false;  // The edge itself belongs to the cell's status.
};
std::vector<Edge> EdgesOf(const CellEvaluation& cell);

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_EVALUATE_H_
