// The JSON Schemas of files that people write, for their editors.
#ifndef BELLWETHER_YAML_SCHEMA_H_
#define BELLWETHER_YAML_SCHEMA_H_

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>

namespace bellwether::yaml {

// Of a message as message.h reads it, bellwether.v1.Catalogue or bellwether.v1.Access, with what the contract says of
// each field. It finds what a file shows by itself: names, kinds, lengths, patterns, what must be stated. What hangs on
// something else, the check finds.
std::string SchemaOf(const google::protobuf::Descriptor& type, std::string_view title);

}  // namespace bellwether::yaml

#endif  // BELLWETHER_YAML_SCHEMA_H_
