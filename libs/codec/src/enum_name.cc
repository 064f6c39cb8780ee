#include "bellwether/codec/enum_name.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"

namespace bellwether::codec {

std::string EnumPrefix(const google::protobuf::EnumDescriptor& type) {
  std::string prefix;
  for (const char c : type.name()) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c)) && !prefix.empty()) prefix += '_';
    prefix += absl::ascii_toupper(static_cast<unsigned char>(c));
  }
  return prefix + "_";
}

std::string ShortEnumName(const google::protobuf::EnumValueDescriptor& value) {
  const std::string prefix = EnumPrefix(*value.type());
  return absl::StrReplaceAll(absl::AsciiStrToLower(value.name().substr(prefix.size())), {{"_", "-"}});
}

}  // namespace bellwether::codec
