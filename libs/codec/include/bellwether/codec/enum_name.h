// The short names of enum values: how files and people write them.
#ifndef BELLWETHER_CODEC_ENUM_NAME_H_
#define BELLWETHER_CODEC_ENUM_NAME_H_

#include <google/protobuf/descriptor.h>

#include <string>

namespace bellwether::codec {

// "POLARITY_" of Polarity: what the names of an enum's values begin with.
std::string EnumPrefix(const google::protobuf::EnumDescriptor& type);
// "higher" of POLARITY_HIGHER; '_' becomes '-'.
std::string ShortEnumName(const google::protobuf::EnumValueDescriptor& value);

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_ENUM_NAME_H_
