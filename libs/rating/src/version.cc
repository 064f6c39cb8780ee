#include "bellwether/rating/version.h"

namespace bellwether::rating {

int RulesVersion() { return 1; }

}  // namespace bellwether::rating
