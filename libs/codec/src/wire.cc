#include "bellwether/codec/wire.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/text.h"
#include "check.h"
#include "fields.h"

namespace bellwether::codec {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

constexpr size_t kFieldBytes = 64;  // About what a text, a number of a list or an unknown field takes.
constexpr char kRemedy[] = "serialise it with the published .proto files";

// Goes through a message and all inside it.
class Walk {
 public:
  // Only measures, until it is more than `enough`.
  Walk(std::string_view bytes, size_t enough) : bytes_(bytes), enough_(enough) {}
  // Looks for what is wrong. Texts that are not UTF-8 are overwritten in `mend`, which is a copy of the bytes.
  Walk(std::string_view bytes, std::string* mend) : bytes_(bytes), mend_(mend) {}

  void Message(const Descriptor& type, std::string_view bytes, const std::string& path, int depth) {
    footprint_ += SizeOf(type);
    Fields fields(bytes);
    std::vector<int> counts(static_cast<size_t>(type.field_count()), 0);
    while (const std::optional<Field> field = fields.Next()) {
      if (footprint_ > enough_) return;
      const FieldDescriptor* known = field->in_group ? nullptr : type.FindFieldByNumber(field->number);
      if (known == nullptr || field->type != WireType::kLength) {
        if (known == nullptr || known->is_repeated()) footprint_ += kFieldBytes + field->content.size();
        continue;
      }
      if (known->type() == FieldDescriptor::TYPE_MESSAGE) {
        const int count = counts[static_cast<size_t>(known->index())]++;
        if (depth == kDeepest) {
          Broken(type, path, field->content);
        } else {
          Message(*known->message_type(), field->content, mend_ == nullptr ? path : Under(path, *known, count),
                  depth + 1);
        }
        continue;
      }
      footprint_ += kFieldBytes + field->content.size() * (known->is_packable() ? 8 : 1);
      if (known->type() != FieldDescriptor::TYPE_STRING || mend_ == nullptr) continue;
      const int count = counts[static_cast<size_t>(known->index())]++;
      if (core::CharacterCount(field->content) < 0) Mend(Under(path, *known, count), field->content);
    }
    if (const auto fault = fields.fault()) Broken(type, path, bytes.substr(*fault));
  }

  size_t footprint() const { return footprint_; }
  bool broken() const { return !broken_.empty(); }
  // What is wrong: that it is no message, or its texts.
  Violations Take() { return broken() ? std::move(broken_) : std::move(texts_); }

 private:
  static size_t SizeOf(const Descriptor& type) {
    return MessageFactory::generated_factory()->GetPrototype(&type)->SpaceUsedLong() + sizeof(void*);
  }
  static std::string Under(const std::string& path, const FieldDescriptor& field, int count) {
    return Join(path, field.is_repeated() ? At(field.name(), count) : field.name());
  }

  void Mend(const std::string& path, std::string_view text) {
    if (texts_.size() < core::limits::kViolationsTold) {
      texts_.push_back(
          {path, Reason::kTextNotAllowed, absl::StrCat(Quoted(text), " is not UTF-8: send the text as UTF-8")});
    }
    const std::string mended = core::Shorten(text, std::numeric_limits<int>::max());  // As long as it was.
    mend_->replace(static_cast<size_t>(text.data() - bytes_.data()), text.size(), mended);
  }

  void Broken(const Descriptor& type, const std::string& path, std::string_view rest) {
    if (broken()) return;  // The innermost.
    broken_.push_back({path, Reason::kNotAMessage,
                       absl::StrCat("is no ", type.name(), ": what begins at byte ", rest.data() - bytes_.data(),
                                    " of ", bytes_.size(), " cannot be read: ", kRemedy)});
  }

  const std::string_view bytes_;
  std::string* const mend_ = nullptr;
  const size_t enough_ = SIZE_MAX;
  size_t footprint_ = 0;
  Violations texts_;
  Violations broken_;
};

bool Parse(std::string_view bytes, Message* message) {
  return message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

// Of bytes that cannot be read as they are. `mended`: those that can be read instead, if there are such.
Violations WhatIsWrong(const Descriptor& type, std::string_view bytes, std::string* mended) {
  std::string copy(bytes);
  Walk walk(bytes, &copy);
  walk.Message(type, bytes, "", 0);
  const bool broken = walk.broken();
  Violations wrong = walk.Take();
  if (wrong.empty()) {
    wrong.push_back({"", Reason::kNotAMessage, absl::StrCat("is no ", type.name(), ": ", kRemedy)});
  } else if (!broken && mended != nullptr) {
    *mended = std::move(copy);
  }
  return wrong;
}

}  // namespace

size_t Footprint(const Descriptor& type, std::string_view bytes, size_t enough) {
  Walk walk(bytes, enough);
  walk.Message(type, bytes, "", 0);
  return walk.footprint();
}

Violations ReadLeniently(std::string_view bytes, Message* message) {
  if (Parse(bytes, message)) return {};
  std::string mended;
  Violations wrong = WhatIsWrong(*message->GetDescriptor(), bytes, &mended);
  if (mended.empty() || !Parse(mended, message)) message->Clear();
  return wrong;
}

Violations ReadItemsLeniently(std::string_view bytes, int field, Message* batch, std::vector<WrongItem>* wrong) {
  if (Parse(bytes, batch)) return {};
  batch->Clear();
  const Descriptor& type = *batch->GetDescriptor();
  const FieldDescriptor* list = type.FindFieldByNumber(field);
  std::string rest;
  std::vector<std::string_view> items;
  Fields fields(bytes);
  while (const std::optional<Field> found = fields.Next()) {
    if (found->content_number() == field) {
      items.push_back(found->content);
    } else {
      rest += fields.BytesOf(*found);
    }
  }
  if (fields.fault().has_value()) {
    batch->Clear();
    return WhatIsWrong(type, bytes, nullptr);
  }
  Violations beside = ReadLeniently(rest, batch);
  for (size_t i = 0; i < items.size(); ++i) {
    Violations violations = ReadLeniently(items[i], batch->GetReflection()->AddMessage(batch, list));
    if (!violations.empty()) wrong->push_back({static_cast<int>(i), std::move(violations)});
  }
  // Something is wrong, whatever it is: nothing that protobuf does not take counts as taken.
  if (beside.empty() && wrong->empty()) beside = WhatIsWrong(type, bytes, nullptr);
  return beside;
}

}  // namespace bellwether::codec
