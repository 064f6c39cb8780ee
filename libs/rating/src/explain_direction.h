// The words for a direction of travel. Pure.
#ifndef BELLWETHER_RATING_SRC_EXPLAIN_DIRECTION_H_
#define BELLWETHER_RATING_SRC_EXPLAIN_DIRECTION_H_

#include "bellwether/rating/explain.h"

namespace bellwether::rating {

DirectionExplanation ExplainDirection(const Evaluation& evaluation);

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_SRC_EXPLAIN_DIRECTION_H_
