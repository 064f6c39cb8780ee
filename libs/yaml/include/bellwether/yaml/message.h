// YAML as a protobuf message: field names as in the protos, enum values by their short lower-case names ("higher" for
// POLARITY_HIGHER), decimals as plain scalars that keep their precision, errors with line and column.
#ifndef BELLWETHER_YAML_MESSAGE_H_
#define BELLWETHER_YAML_MESSAGE_H_

#include <google/protobuf/message.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace bellwether::yaml {

// Where the fields of a message stand in the file: path such as "indicators[3].targets[0].value" to "line 41, column
// 9".
using YamlPlaces = std::map<std::string, std::string>;

// Reads `text` into `message`. Every error at once, as an ErrorList tells them, each with line and column: bad YAML,
// unknown and repeated names, values of the wrong kind, aliases that make much out of little. `places` may be null.
absl::Status YamlToMessage(std::string_view text, google::protobuf::Message* message, YamlPlaces* places);

// The message as YAML that YamlToMessage reads back.
std::string MessageToYaml(const google::protobuf::Message& message);
// The same in one line: "{value: 90, tolerance: {shortfall: {relative_percent: 5}}}".
std::string MessageToYamlLine(const google::protobuf::Message& message);

// A decimal is written as a scalar: its message is only how it travels.
bool IsDecimal(const google::protobuf::Descriptor& type);

// The values of an enum that may be written, short: all but the zero value, which stands for "not stated".
std::vector<std::string> EnumChoices(const google::protobuf::EnumDescriptor& type);

}  // namespace bellwether::yaml

#endif  // BELLWETHER_YAML_MESSAGE_H_
