// The next rules version, for the test that puts one beside the other: linked before libs/rating's own.
#include "bellwether/rating/version.h"

namespace bellwether::rating {

int RulesVersion() { return 2; }

}  // namespace bellwether::rating
