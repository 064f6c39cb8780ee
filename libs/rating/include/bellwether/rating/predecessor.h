// An indicator that continues another one under a new ref: the two as one series of figures (docs/rating.md,
// "Predecessors"). Pure.
#ifndef BELLWETHER_RATING_PREDECESSOR_H_
#define BELLWETHER_RATING_PREDECESSOR_H_

#include "bellwether/rating/definition.h"
#include "bellwether/rating/ledger.h"

namespace bellwether::rating {

// Whether `definition` names `before` as the one that it continues, and begins after it. So no chain of them ends where
// it began.
bool Follows(const Definition& definition, const Definition& before);

// Whether the definition says that the figures of the one that it continues go on in it: it says from which month on,
// and no break lies there.
bool TakesOver(const Definition& definition);

// Whether they do: it follows, takes over, and nothing makes another indicator of it (UndatedDifference).
bool GoesOn(const Definition& definition, const Definition& before);

// What an indicator's figures are rated from, as values.
struct Series {
  Definition definition;
  RecordedAt definition_recorded;
  Slots slots;

  Subject subject() const { return {&definition, definition_recorded, &slots}; }
};

// Both as one indicator, where GoesOn says so. What `before` says and has holds for the months before `own` begins, as
// an earlier wording does; a figure of such a month that was sent for `own` stands before it.
Series Joined(const Subject& own, const Subject& before);

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_PREDECESSOR_H_
