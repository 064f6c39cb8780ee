// What rating gives: one indicator in one data period, complete for a report row (bellwether/v1/score.proto).
#ifndef BELLWETHER_RATING_SCORE_H_
#define BELLWETHER_RATING_SCORE_H_

#include <optional>
#include <string>
#include <vector>

#include "bellwether/core/decimal.h"
#include "bellwether/core/period.h"
#include "bellwether/rating/definition.h"
#include "bellwether/rating/reading.h"

namespace bellwether::rating {

struct Cell {
  core::Period period;
  CellState state = CellState::kNotShown;
  std::string status;                     // Scheme's status id, else the state's word; empty: not shown.
  std::optional<core::Decimal> value;     // What the report shows: as supplied, else as computed.
  std::optional<core::Decimal> computed;  // What the parts give, rounded; see Evaluate.
  std::optional<Measurement> supplied;    // The reading in force for this very period.
  OtherMeasures other;
  std::optional<core::Decimal> computed_numerator;    // Sum of numerators, or of means x weights where it is a Decimal.
  std::optional<core::Decimal> computed_denominator;  // Sum of denominators or weights.
  std::string reason;
  char observation_status = 'A';
  std::string published_arrow;
  std::string published_status;
  std::string scheme_id;  // By which the status is given, where that is not the score's: other rules held then.
  friend bool operator==(const Cell&, const Cell&) = default;
};

// What a score says beside its cells.
struct ScoreHead {
  core::Period period;
  Movement movement = Movement::kNone;
  Performance performance = Performance::kNone;
  Judgement judgement = Judgement::kNotComparable;
  std::string arrow;
  std::optional<core::Decimal> target;
  std::optional<Range> target_range;
  std::optional<core::Decimal> annual_target;
  std::optional<core::Decimal> previous_target;
  std::optional<Range> tolerated;  // Outer edges of the tolerated band, rounded to a Decimal only where not finite.
  std::optional<core::Decimal> variance;
  std::string scheme_id;
  RecordedAt newest;  // Of the newest record on which the score depends, the definition's included.
  friend bool operator==(const ScoreHead&, const ScoreHead&) = default;
};

struct Score : ScoreHead {
  Cell current;
  Cell previous;
  std::vector<Cell> quarters;  // Four, of the reporting year in which the data period ends.
  Cell year_to_date;
  std::string reading_id;  // Of the reading in force for the data period; empty: none.
  friend bool operator==(const Score&, const Score&) = default;
};

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_SCORE_H_
