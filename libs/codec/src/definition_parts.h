// The parts of a definition's reader. Private to libs/codec.
#ifndef BELLWETHER_CODEC_SRC_DEFINITION_PARTS_H_
#define BELLWETHER_CODEC_SRC_DEFINITION_PARTS_H_

#include <memory>
#include <string>

#include "bellwether/rating/definition.h"
#include "bellwether/v1/definition.pb.h"
#include "check.h"

namespace bellwether::codec {

rating::Range ReadRange(const v1::Range& proto, const std::string& path, Checker& check);
rating::Target ReadTarget(const v1::Target& proto, const std::string& path, const std::string& unit, Checker& check);
v1::Target TargetToProto(const rating::Target& target);

// Reads a definition in which nothing is left to defaults, apart from its scheme, which is `scheme`.
rating::Definition ReadDefinition(const v1::IndicatorDefinition& proto, std::shared_ptr<const rating::Scheme> scheme,
                                  Checker& check);

// Reads a complete one from its bytes, where its scheme is one that was read well lately: without reading that again,
// and the rest by `message`. Absent: it is not, or the bytes are not so simple; then FromProto of the message reads it.
std::optional<Parsed<rating::Definition>> ReadOfKeptScheme(std::string_view bytes, v1::IndicatorDefinition* message);

// What may not differ between a wording and an earlier one.
void CheckWordings(const rating::Definition& before, const rating::Definition& after, const std::string& place,
                   Checker& check);

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_SRC_DEFINITION_PARTS_H_
