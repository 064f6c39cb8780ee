// Definitions that name the same scheme share it: decoded, each has a copy of its own, and every rating looks at one.
#ifndef BELLWETHER_RATING_SHARED_SCHEMES_H_
#define BELLWETHER_RATING_SHARED_SCHEMES_H_

#include <map>
#include <memory>
#include <string>

#include "bellwether/rating/definition.h"

namespace bellwether::rating {

// Not thread-safe.
class SharedSchemes {
 public:
  // An equal definition, with the scheme that the one before it of the same id has, if the schemes are equal.
  std::shared_ptr<const Definition> Share(std::shared_ptr<const Definition> definition);

 private:
  std::map<std::string, std::shared_ptr<const Scheme>> by_id_;  // The one that came last.
};

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_SHARED_SCHEMES_H_
