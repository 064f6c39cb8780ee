#include "bellwether/yaml/message.h"

#include <google/protobuf/descriptor.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "bellwether/codec/enum_name.h"
#include "bellwether/core/error_list.h"
#include "bellwether/core/near.h"
#include "bellwether/core/text.h"
#include "bellwether/core/visible.h"

namespace bellwether::yaml {

using codec::EnumPrefix;
using codec::ShortEnumName;
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string PlaceOf(const YAML::Mark& mark) {
  return absl::StrCat("line ", mark.line + 1, ", column ", mark.column + 1);
}

// What aliases may make of a file, in names and values, and in bytes. A request holds 1 MiB: what is larger is refused
// anyway.
constexpr int kMostValues = 500'000;
constexpr size_t kMostBytes = 16 << 20;

class Reader {
 public:
  explicit Reader(YamlPlaces* places) : places_(places) {}

  void ReadMessage(const YAML::Node& node, const std::string& path, Message* message) {
    if (!Note(node, path)) return;
    if (!node.IsMap()) {
      return Wrong(
          node, path,
          OnlyCounts() ? "" : absl::StrCat("must be a map of names and values, of ", Names(*message->GetDescriptor())));
    }
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (!Take(entry.first, path)) return;
      const std::string name = entry.first.Scalar();
      const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(name);
      if (field == nullptr) {
        Wrong(entry.first, path,
              OnlyCounts() ? ""
                           : absl::StrCat("has no ", core::Quoted(name, 40), Meant(name, *message->GetDescriptor())));
      } else if (!seen.insert(name).second) {
        Wrong(entry.first, path, absl::StrCat("has \"", name, "\" twice"));
      } else if (const auto* oneof = field->real_containing_oneof();
                 oneof != nullptr && message->GetReflection()->HasOneof(*message, oneof)) {
        Wrong(entry.first, path, absl::StrCat("has \"", name, "\" beside another of which only one may stand"));
      } else {
        ReadField(entry.second, path.empty() ? name : absl::StrCat(path, ".", name), *field, message);
      }
    }
  }

  const core::ErrorList& errors() const { return errors_; }

 private:
  void ReadField(const YAML::Node& node, const std::string& path, const FieldDescriptor& field, Message* message) {
    if (!field.is_repeated()) return ReadValue(node, path, field, message);
    if (!Note(node, path)) return;
    if (!node.IsSequence()) return Wrong(node, path, "must be a list");
    for (size_t i = 0; i < node.size(); ++i) ReadValue(node[i], absl::StrCat(path, "[", i, "]"), field, message);
  }

  void ReadValue(const YAML::Node& node, const std::string& path, const FieldDescriptor& field, Message* message) {
    if (!Note(node, path)) return;
    const auto* reflection = message->GetReflection();
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Message* child =
          field.is_repeated() ? reflection->AddMessage(message, &field) : reflection->MutableMessage(message, &field);
      if (!IsDecimal(*field.message_type())) return ReadMessage(node, path, child);
      if (!node.IsScalar()) return Wrong(node, path, "must be a number");
      return child->GetReflection()->SetString(child, child->GetDescriptor()->FindFieldByName("value"), node.Scalar());
    }
    if (!node.IsScalar()) return Wrong(node, path, "must be a single value");
    const std::string& text = node.Scalar();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return field.is_repeated() ? reflection->AddString(message, &field, text)
                                   : reflection->SetString(message, &field, text);
      case FieldDescriptor::CPPTYPE_BOOL: {
        if (text != "true" && text != "false") return Wrong(node, path, "must be true or false");
        return reflection->SetBool(message, &field, text == "true");
      }
      case FieldDescriptor::CPPTYPE_UINT32: {
        uint32_t number = 0;
        if (!absl::SimpleAtoi(text, &number)) return Wrong(node, path, "must be a whole number");
        return reflection->SetUInt32(message, &field, number);
      }
      case FieldDescriptor::CPPTYPE_ENUM:
        return ReadEnum(node, path, field, message);
      default:
        return Wrong(node, path, "cannot be written in a file");
    }
  }

  void ReadEnum(const YAML::Node& node, const std::string& path, const FieldDescriptor& field, Message* message) {
    const EnumDescriptor& type = *field.enum_type();
    const std::string name = absl::AsciiStrToUpper(absl::StrReplaceAll(node.Scalar(), {{"-", "_"}, {" ", "_"}}));
    const EnumValueDescriptor* value = type.FindValueByName(EnumPrefix(type) + name);
    if (value == nullptr) value = type.FindValueByName(name);  // As the services' errors say it.
    if (value == nullptr || value->number() == 0) {
      return Wrong(node, path,
                   absl::StrCat("is ", core::Quoted(node.Scalar(), 40), ", which is none of ",
                                absl::StrJoin(EnumChoices(type), ", ")));
    }
    const auto* reflection = message->GetReflection();
    if (field.is_repeated()) {
      reflection->AddEnum(message, &field, value);
    } else {
      reflection->SetEnum(message, &field, value);
    }
  }

  // What was meant, or what there is.
  static std::string Meant(const std::string& name, const Descriptor& type) {
    for (int i = 0; i < type.field_count(); ++i) {
      if (core::IsNear(name, type.field(i)->name())) return absl::StrCat("; did you mean ", type.field(i)->name(), "?");
    }
    return absl::StrCat("; it has ", Names(type));
  }

  static std::string Names(const Descriptor& type) {
    std::vector<std::string> names;
    for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
    return absl::StrJoin(names, ", ");
  }

  // Counts what is read. False: no more of it is.
  bool Take(const YAML::Node& node, const std::string& path) {
    if (too_much_) return false;
    bytes_ += node.IsScalar() ? node.Scalar().size() : 0;
    too_much_ = ++values_ > kMostValues || bytes_ > kMostBytes;
    if (too_much_) {
      Wrong(node, path,
            absl::StrCat("makes more than ", kMostValues, " values or ", kMostBytes >> 20,
                         " MiB of the file: use fewer aliases, or several files"));
    }
    return !too_much_;
  }

  // The same; and where it stands.
  bool Note(const YAML::Node& node, const std::string& path) {
    if (!Take(node, path)) return false;
    if (places_ != nullptr) (*places_)[path] = PlaceOf(node.Mark());
    return true;
  }

  // Beyond those that are told, errors are only counted: aliases make half a million of them.
  bool OnlyCounts() const { return errors_.count() >= core::ErrorList::kLines; }

  void Wrong(const YAML::Node& node, const std::string& path, std::string_view what) {
    if (OnlyCounts()) return errors_.Add("");
    errors_.Add(absl::StrCat(PlaceOf(node.Mark()), ": ", path.empty() ? "the file" : path, " ", core::ToAbsl(what)));
  }

  YamlPlaces* places_;
  core::ErrorList errors_;
  int values_ = 0;
  size_t bytes_ = 0;
  bool too_much_ = false;
};

void Emit(const Message& message, YAML::Emitter* out);

void EmitValue(const Message& message, const FieldDescriptor& field, int index, YAML::Emitter* out) {
  const auto* reflection = message.GetReflection();
  const bool repeated = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const Message& child =
          repeated ? reflection->GetRepeatedMessage(message, &field, index) : reflection->GetMessage(message, &field);
      if (!IsDecimal(*field.message_type())) return Emit(child, out);
      *out << child.GetReflection()->GetString(child, child.GetDescriptor()->FindFieldByName("value"));
      return;
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text =
          repeated ? reflection->GetRepeatedString(message, &field, index) : reflection->GetString(message, &field);
      if (text.find('\n') != std::string::npos) *out << YAML::DoubleQuoted;
      *out << text;
      return;
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      *out << reflection->GetBool(message, &field);
      return;
    case FieldDescriptor::CPPTYPE_UINT32:
      *out << reflection->GetUInt32(message, &field);
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      *out << ShortEnumName(
          *(repeated ? reflection->GetRepeatedEnum(message, &field, index) : reflection->GetEnum(message, &field)));
      return;
    default:
      return;
  }
}

void Emit(const Message& message, YAML::Emitter* out) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  *out << YAML::BeginMap;
  for (const FieldDescriptor* field : fields) {
    *out << YAML::Key << field->name() << YAML::Value;
    if (field->is_repeated()) {
      *out << YAML::BeginSeq;
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) EmitValue(message, *field, i, out);
      *out << YAML::EndSeq;
    } else {
      EmitValue(message, *field, -1, out);
    }
  }
  *out << YAML::EndMap;
}

}  // namespace

bool IsDecimal(const Descriptor& type) { return type.full_name() == "bellwether.v1.Decimal"; }

std::vector<std::string> EnumChoices(const EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) names.push_back(ShortEnumName(*type.value(i)));
  }
  return names;
}

absl::Status YamlToMessage(std::string_view text, Message* message, YamlPlaces* places) {
  try {
    const YAML::Node node = YAML::Load(std::string(text));
    if (!node.IsDefined() || node.IsNull()) return absl::InvalidArgumentError("the file is empty");
    Reader reader(places);
    reader.ReadMessage(node, "", message);
    return reader.errors().empty() ? absl::OkStatus() : absl::InvalidArgumentError(reader.errors().Text());
  } catch (const YAML::Exception& e) {  // The library's way to say that the text is not YAML.
    // Its words are about YAML's grammar, and these two are nearly always a text that wants quotes.
    const std::string remedy =
        e.msg == "unknown token"       ? ": a text that begins with %, @ or ` wants quotes, \"% of calls\""
        : e.msg == "illegal map value" ? ": a text that holds a colon and a space wants quotes, \"Calls: answered\""
                                       : "";
    return absl::InvalidArgumentError(
        absl::StrCat(PlaceOf(e.mark), ": ", core::Visible(core::Shorten(e.msg, 200)), remedy));
  }
}

std::string MessageToYaml(const Message& message) {
  YAML::Emitter out;
  out.SetIndent(2);
  Emit(message, &out);
  return std::string(out.c_str()) + "\n";
}

std::string MessageToYamlLine(const Message& message) {
  YAML::Emitter out;
  out.SetMapFormat(YAML::Flow);
  out.SetSeqFormat(YAML::Flow);
  Emit(message, &out);
  return out.c_str();
}

}  // namespace bellwether::yaml
