// Schemes and tolerances: proto <-> domain.
#ifndef BELLWETHER_CODEC_SCHEME_H_
#define BELLWETHER_CODEC_SCHEME_H_

#include "bellwether/codec/violation.h"
#include "bellwether/rating/scheme.h"
#include "bellwether/v1/scheme.pb.h"

namespace bellwether::codec {

v1::Tolerance ToProto(const rating::Tolerance& tolerance);
v1::Scheme ToProto(const rating::Scheme& scheme);

// Checks every rule of scheme.proto, and, where the scheme can be read at all, that its rules hold together
// (rating::FaultsOf), so that a figure that can be rated always gets a status.
Parsed<rating::Scheme> FromProto(const v1::Scheme& scheme);

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_SCHEME_H_
