// The direction of travel between two cells. Pure.
#ifndef BELLWETHER_RATING_SRC_DIRECTION_H_
#define BELLWETHER_RATING_SRC_DIRECTION_H_

#include "bellwether/rating/evaluate.h"

namespace bellwether::rating {

// Judges the change from `previous` to `current`, cells of the indicator's own periods; sets the score's movement,
// performance, judgement and arrow.
DirectionEvaluation JudgeDirection(const Definition& definition, const CellEvaluation& previous,
                                   const CellEvaluation& current, ScoreHead& score);

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_SRC_DIRECTION_H_
