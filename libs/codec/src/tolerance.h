// Reads a tolerance, for schemes and targets. Private to libs/codec.
#ifndef BELLWETHER_CODEC_SRC_TOLERANCE_H_
#define BELLWETHER_CODEC_SRC_TOLERANCE_H_

#include <string>

#include "bellwether/rating/scheme.h"
#include "bellwether/v1/scheme.pb.h"
#include "check.h"

namespace bellwether::codec {

rating::Tolerance ReadTolerance(const v1::Tolerance& proto, const std::string& path, Checker& check);

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_SRC_TOLERANCE_H_
