#include "bellwether/rating/shared_schemes.h"

#include <utility>

namespace bellwether::rating {

std::shared_ptr<const Definition> SharedSchemes::Share(std::shared_ptr<const Definition> definition) {
  if (!definition->earlier.empty()) {
    auto shared = std::make_shared<Definition>(*definition);
    for (auto& earlier : shared->earlier) earlier = Share(std::move(earlier));
    definition = std::move(shared);
  }
  const std::shared_ptr<const Scheme>& own = definition->scheme;
  std::shared_ptr<const Scheme>& known = by_id_[own->id];
  if (known == nullptr || (known != own && *known != *own)) known = own;
  if (known == own) return definition;
  auto shared = std::make_shared<Definition>(*definition);
  shared->scheme = known;
  return shared;
}

}  // namespace bellwether::rating
