// Figures that cannot be right, or hardly: told when they come (docs/rating.md, "Warnings"). A warning refuses nothing
// and changes no figure. No rule names a ref. Pure.
#ifndef BELLWETHER_RATING_WARNINGS_H_
#define BELLWETHER_RATING_WARNINGS_H_

#include <string>
#include <vector>

#include "bellwether/core/period.h"
#include "bellwether/rating/definition.h"
#include "bellwether/rating/ledger.h"

namespace bellwether::rating {

struct Warning {
  WarningKind kind = WarningKind::kNumeratorAboveDenominator;
  std::string message;  // The figure, what speaks against it, and the remedy.
  friend bool operator==(const Warning&, const Warning&) = default;
};

// What speaks against a reading that came on the day `came`. It is held against its definition and, of `slots`, the
// earlier periods of its kind alone: whether it is among the slots itself makes no difference, and what comes later
// changes nothing. No slots: what the reading alone shows. At most one of a kind, none that the definition silences.
std::vector<Warning> WarningsOf(const Definition& definition, const Reading& reading, const Slots& slots,
                                core::Date came);

// The same of a comment: that no report shows words about such a period.
std::vector<Warning> WarningsOf(const Definition& definition, const Comment& comment);

// The day on which something was recorded: that of London in summer time, and an hour ahead of it in winter, so that
// nobody is told too long that a period is not over. Where it is not known when: the last of all days.
core::Date DayOf(const RecordedAt& recorded);

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_WARNINGS_H_
