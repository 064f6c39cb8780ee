// A council's catalogue, resolved into complete definitions.
#ifndef BELLWETHER_CODEC_CATALOGUE_H_
#define BELLWETHER_CODEC_CATALOGUE_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bellwether/codec/violation.h"
#include "bellwether/rating/definition.h"
#include "bellwether/v1/definition.pb.h"

namespace bellwether::codec {

struct ResolvedIndicator {
  std::string ref;  // As written.
  std::shared_ptr<const rating::Definition>
      definition;         // With its earlier wordings. Null if anything is wrong with it, or with the catalogue.
  Violations violations;  // Paths from the indicator's definition.
  std::vector<std::shared_ptr<const rating::Definition>> replaced;  // See rating::Replaced.
};

struct ResolvedCatalogue {
  std::string council;
  // What is wrong with the council, the schemes, the defaults or the number of indicators: paths from the catalogue. As
  // long as there is anything, no indicator is resolved.
  Violations violations;
  std::vector<ResolvedIndicator> indicators;  // In the catalogue's order.

  // Everything that is wrong, paths from the catalogue: "schemes[0].statuses[2].any_of[0]", "indicators[3].polarity".
  Violations All() const;
};

// The council's definition of that ref that is in force already. Null: none.
using FindDefinition = std::function<std::shared_ptr<const rating::Definition>(std::string_view ref)>;

// Fills in defaults, scoped schemes and places in the report, resolves schemes into the definitions, makes of each what
// it amounts to beside the one in force (rating::Amended) and checks everything. `in_force` may be empty: nothing is.
ResolvedCatalogue ResolveCatalogue(const v1::Catalogue& catalogue, const FindDefinition& in_force);

// What to say of a definition whose predecessor's figures go on in the indicator `other` as well.
std::string TwoContinue(const rating::Definition& definition, std::string_view other);

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_CATALOGUE_H_
