#include "services/cli/visible_message.h"

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "bellwether/core/visible.h"
#include "services/cli/terminal.h"

namespace bellwether::cli {

using google::protobuf::FieldDescriptor;

void MakeVisible(google::protobuf::Message* message, bool spelled) {
  const auto visible = [spelled](const std::string& text) {
    std::string shown = core::Visible(text, core::LineBreaks::kKept);
    return spelled ? Spelled(shown) : shown;
  };
  const auto* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool text = field->type() == FieldDescriptor::TYPE_STRING;
    if (!text && field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int size = field->is_repeated() ? reflection->FieldSize(*message, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (!text) {
        MakeVisible(field->is_repeated() ? reflection->MutableRepeatedMessage(message, field, i)
                                         : reflection->MutableMessage(message, field),
                    spelled);
      } else if (field->is_repeated()) {
        reflection->SetRepeatedString(message, field, i, visible(reflection->GetRepeatedString(*message, field, i)));
      } else {
        reflection->SetString(message, field, visible(reflection->GetString(*message, field)));
      }
    }
  }
}

}  // namespace bellwether::cli
