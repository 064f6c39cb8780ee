// Roll-ups: which parts a quarter or a year to date has, and what they give (docs/rating.md, "Roll-ups"). Pure.
//
// Breaks in a series do not stop a roll-up: they say that figures do not compare, not that they do not add up. Its
// explanation says so (BreakWithin).
#ifndef BELLWETHER_RATING_SRC_ROLL_UP_H_
#define BELLWETHER_RATING_SRC_ROLL_UP_H_

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

#include "bellwether/rating/evaluate.h"

namespace bellwether::rating {

// Finds slots and remembers the newest record met, so that a score knows on what it depends.
class SlotFinder {
 public:
  // `definition`: with its earlier wordings. `last`: of the months that will be looked for.
  SlotFinder(const Definition& definition, const Slots& slots, const RecordedAt& definition_recorded, core::Month last);

  const Definition& definition() const { return definition_; }

  // Null: the period never had a reading in force.
  const Slot* Find(const core::Period& period) {
    const Slot* slot = period.kind() == core::Period::Kind::kMonth ? FindMonth(period) : FindLonger(period);
    if (slot != nullptr && slot->recorded.offset > newest_.offset) newest_ = slot->recorded;
    return slot;
  }

  // Whether there is nothing longer to be found.
  bool HasOnlyMonths() const { return only_months_; }

  const RecordedAt& newest() const { return newest_; }

 private:
  // If every month had a slot, they would stand as far apart as in time: a month stands there, or later by those that
  // have none.
  const Slot* FindMonth(const core::Period& month) const {
    const std::ptrdiff_t at = std::max<std::ptrdiff_t>(count_ - 1 - (last_ - month.first()), 0);
    for (auto it = slots_.begin() + at; it != slots_.begin() + count_ && it->first <= month; ++it) {
      if (it->first == month) return &it->second;
    }
    return nullptr;
  }
  const Slot* FindLonger(const core::Period& period) const;

  const Definition& definition_;
  const Slots& slots_;
  const bool only_months_;
  const core::Month last_;
  const std::ptrdiff_t count_;  // Of slots of months up to the last.
  RecordedAt newest_;
};

// Whether a rule takes more than the last part of a span.
inline bool NeedsAllParts(RollUpRule rule) {
  switch (rule) {
    case RollUpRule::kSum:
    case RollUpRule::kRatio:
    case RollUpRule::kWeightedMean:
    case RollUpRule::kMean:
      return true;
    case RollUpRule::kLatest:
    case RollUpRule::kCumulative:
    case RollUpRule::kSupplied:
    case RollUpRule::kNotShown:
      return false;
  }
  return false;
}

// First month of the year to date that ends in `last`.
core::Month YearStart(const Definition& definition, core::Month last);

// Whether a reading is the year so far, and begins again with each year; that of a whole year is no other than its own.
// `definition`: what is in force for it.
inline bool IsRunning(const Definition& definition) {
  return definition.frequency != Frequency::kYearly && (definition.quarter_rule == RollUpRule::kCumulative ||
                                                        definition.year_to_date_rule == RollUpRule::kCumulative);
}

// Appends the parts of a quarter of a monthly indicator.
void AppendPartsOfQuarter(const Definition& definition, SlotFinder& finder, const core::Period& quarter, Parts* parts);

// Appends the parts of the year to date that ends with `period`, which is of the indicator's frequency.
void AppendPartsOfYearToDate(const Definition& definition, SlotFinder& finder, const core::Period& period,
                             Parts* parts);

// First month of a new series, the last one, before which and from which on there are parts. `definition`: what is in
// force for the span. Absent: none.
std::optional<core::Month> BreakWithin(const Definition& definition, const Parts& parts);

// The observation status of the part of whose figure its source is least sure: forecast, provisional, estimated, of low
// reliability, imputed, unvalidated. 'A': it is sure of all.
char LeastSure(const Parts& parts);

// What the parts of a span give.
struct RolledUp {
  CellState state = CellState::kNotComputable;  // kRated: there is a figure. Else the absence, or kNotComputable.
  std::string reason;                           // Of kNotComputable: which part lacks, and what.
  std::optional<core::Rational> exact;
  std::optional<core::Decimal> displayed;  // Rounded to the indicator's decimals, or those of the finest part.
  std::optional<core::Decimal> numerator;
  std::optional<core::Decimal> denominator;
};
// `definition`: what is in force for the span.
RolledUp RollUp(const Definition& definition, RollUpRule rule, const Parts& parts);

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_SRC_ROLL_UP_H_
