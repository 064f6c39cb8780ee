// What an apply does to the wordings of a definition (Definition::earlier).
#ifndef BELLWETHER_RATING_WORDINGS_H_
#define BELLWETHER_RATING_WORDINGS_H_

#include <memory>
#include <vector>

#include "bellwether/rating/definition.h"

namespace bellwether::rating {

// The wordings of the definition in force, from a month on each, that Amended(in_force, applied) drops, or lets give
// way to what `applied` says of another month or of none. By month; what hangs on no month is as `applied` has it. Not
// those that say the same as it.
std::vector<std::shared_ptr<const Definition>> Replaced(const Definition& in_force, const Definition& applied);

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_WORDINGS_H_
