// What the readers of messages share: a list of violations that grows while a message is read. Private to libs/codec.
#ifndef BELLWETHER_CODEC_SRC_CHECK_H_
#define BELLWETHER_CODEC_SRC_CHECK_H_

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "bellwether/codec/values.h"
#include "bellwether/codec/violation.h"
#include "bellwether/core/decimal.h"
#include "bellwether/core/period.h"
#include "google/protobuf/generated_enum_reflection.h"

namespace bellwether::codec {

// "a", "b" -> "a.b"; an empty path adds nothing.
std::string Join(const std::string& path, std::string_view field);
// "a", 3 -> "a[3]".
inline std::string At(const std::string& path, int index) { return absl::StrCat(path, "[", index, "]"); }
// For messages: in quotes, shortened, control characters and broken UTF-8 made visible.
std::string Quoted(std::string_view text);

// Where in a message something stands, put together only where a violation has to say so: most messages have none.
// Points into what it was made from.
class Path {
 public:
  Path(std::string_view text) : text_(text) {}    // NOLINT(google-explicit-constructor): is one.
  Path(const std::string& text) : text_(text) {}  // NOLINT(google-explicit-constructor)
  Path(const char* text) : text_(text) {}         // NOLINT(google-explicit-constructor)
  Path(const Path& above, std::string_view field) : above_(&above), text_(field) {}
  std::string ToString() const { return above_ == nullptr ? std::string(text_) : Join(above_->ToString(), text_); }

 private:
  const Path* above_ = nullptr;
  std::string_view text_;
};

enum class Lines { kOne, kMany };

class Checker {
 public:
  void Add(const Path& path, Reason reason, std::string message);
  void AddAll(Violations violations);
  bool ok() const { return violations_.empty(); }
  size_t count() const { return violations_.size(); }
  Violations Take() { return std::move(violations_); }

  // A text: UTF-8, no control characters (line breaks and tabs only with kMany), between `min` and `max` characters.
  void Text(const Path& path, std::string_view text, int max, int min = 0, Lines lines = Lines::kOne);
  void Council(const Path& path, std::string_view text);
  void Ref(const Path& path, std::string_view text);
  void RecordId(const Path& path, std::string_view text);
  void Slug(const Path& path, std::string_view text, int max);
  // A list of at most `max`. How many of it are to be read: what is beyond them is refused unread, since its cost is
  // not bounded.
  int Size(const Path& path, int size, int max);
  // A whole number within its range.
  void Within(const Path& path, uint32_t value, uint32_t low, uint32_t high);
  // A oneof's flag, which is always true when it is set.
  void AlwaysTrue(const Path& path, bool value);
  // A message field or oneof that must be set.
  void Required(const Path& path, std::string_view remedy);

  // Each adds a violation and gives something harmless if the text is wrong.
  core::Decimal Number(const Path& path, std::string_view text);
  core::Decimal Number(const Path& path, const v1::Decimal& decimal) { return Number(path, decimal.value()); }
  core::Decimal NotNegative(const Path& path, std::string_view text);
  core::Decimal NotNegative(const Path& path, const v1::Decimal& decimal) { return NotNegative(path, decimal.value()); }
  std::optional<core::Month> Month(const Path& path, const std::string& text);  // Absent if empty.
  core::Period Period(const Path& path, std::string_view text);
  // One that rating derived, which may lie beyond the years that a feed may write.
  core::Period DerivedPeriod(const Path& path, std::string_view text);

  // An enumeration that must be stated.
  template <typename P>
  auto Code(const Path& path, P value) {
    using Domain = typename decltype(FromProto(value))::value_type;
    const auto known = FromProto(value);
    if (!known.has_value()) UnknownCode(path, google::protobuf::GetEnumDescriptor<P>(), static_cast<int>(value));
    return known.value_or(Domain{});
  }

 private:
  core::Period PeriodOr(const Path& path, std::string_view text, const absl::StatusOr<core::Period>& period);
  void UnknownCode(const Path& path, const google::protobuf::EnumDescriptor* type, int value);
  Violations violations_;
};

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_SRC_CHECK_H_
