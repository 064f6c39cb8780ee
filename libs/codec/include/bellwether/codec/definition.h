// Definitions: proto <-> domain.
#ifndef BELLWETHER_CODEC_DEFINITION_H_
#define BELLWETHER_CODEC_DEFINITION_H_

#include <memory>
#include <string>
#include <vector>

#include "bellwether/codec/violation.h"
#include "bellwether/rating/definition.h"
#include "bellwether/v1/definition.pb.h"

namespace bellwether::codec {

enum class WithScheme { kNo, kYes };

// Complete; the answers of QueryService leave the scheme out (they list the schemes).
v1::IndicatorDefinition ToProto(const rating::Definition& definition, WithScheme with_scheme);

// The same, without its scheme and its earlier wordings.
v1::IndicatorDefinition WordingToProto(const rating::Definition& definition);

// Reads a complete definition: its scheme is in it and nothing is left to defaults. Every limit and rule of
// definition.proto is checked but those that look at other definitions (see ResolveCatalogue).
Parsed<rating::Definition> FromProto(const v1::IndicatorDefinition& definition);

// Names of the proto's fields in which two complete definitions differ, in the proto's order. Empty: the same.
std::vector<std::string> ChangedFields(const rating::Definition& before, const rating::Definition& after);

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_DEFINITION_H_
