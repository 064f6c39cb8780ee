// A message as it lies in its bytes, field by field. Private to libs/codec.
#ifndef BELLWETHER_CODEC_SRC_FIELDS_H_
#define BELLWETHER_CODEC_SRC_FIELDS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bellwether::codec {

constexpr int kDeepest = 100;  // Messages and groups in each other, as protobuf's own readers.

enum class WireType : uint8_t { kVarint = 0, kEight = 1, kLength = 2, kBeginGroup = 3, kEndGroup = 4, kFour = 5 };

struct Field {
  size_t begin = 0;  // Of its tag.
  int number = 0;
  WireType type = WireType::kVarint;
  bool in_group = false;     // Or it is the bound of one: of no message that we know.
  std::string_view content;  // Of kLength.
  uint64_t varint = 0;       // Of kVarint.

  // Its number, where it is a message or a text of the message; else 0.
  int content_number() const { return type == WireType::kLength && !in_group ? number : 0; }
  // The same, where it is a number.
  int varint_number() const { return type == WireType::kVarint && !in_group ? number : 0; }
};

// The fields of a message one after another, as they lie in its bytes.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : bytes_(bytes) {}

  // Absent: the end, or what follows is no field.
  std::optional<Field> Next() {
    Field field;
    field.begin = at_;
    uint64_t varint = 0;
    if (at_ == bytes_.size() || !Varint(&varint)) return std::nullopt;
    const auto tag =
        static_cast<uint32_t>(varint);  // As protobuf: five bytes at most, and what they hold beyond is nothing.
    field.number = static_cast<int>(tag >> 3U);
    field.type = static_cast<WireType>(tag & 7U);
    field.in_group = groups_ > 0 || field.type == WireType::kBeginGroup;
    if (at_ - field.begin > 5 || field.number == 0) return Wrong(field.begin);
    uint64_t number = 0;
    switch (field.type) {
      case WireType::kVarint:
        if (!Varint(&field.varint)) return std::nullopt;
        return field;
      case WireType::kEight:
        return Skip(8, field);
      case WireType::kFour:
        return Skip(4, field);
      case WireType::kLength: {
        if (!Varint(&number)) return std::nullopt;
        if (number > bytes_.size() - at_) return Wrong(field.begin);
        field.content = bytes_.substr(at_, number);
        at_ += number;
        return field;
      }
      case WireType::kBeginGroup:
        if (++groups_ > kDeepest) return Wrong(field.begin);
        return field;
      case WireType::kEndGroup:
        if (groups_-- == 0) return Wrong(field.begin);
        return field;
    }
    return Wrong(field.begin);
  }

  // After Next gave nothing: everything was read.
  bool AtEnd() const { return !fault().has_value(); }
  // The same: the place of what is no field. Absent: everything was read.
  std::optional<size_t> fault() const {
    if (fault_.has_value() || (at_ == bytes_.size() && groups_ == 0)) return fault_;
    return bytes_.size();
  }
  std::string_view BytesOf(const Field& field) const { return bytes_.substr(field.begin, at_ - field.begin); }

 private:
  bool Varint(uint64_t* value) {
    const size_t begin = at_;
    for (unsigned shift = 0; at_ < bytes_.size() && shift < 70; shift += 7) {
      const auto byte = static_cast<uint8_t>(bytes_[at_++]);
      if (shift < 64) *value |= static_cast<uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) return true;
    }
    (void)Wrong(begin);
    return false;
  }
  std::optional<Field> Skip(size_t size, const Field& field) {
    if (size > bytes_.size() - at_) return Wrong(field.begin);
    at_ += size;
    return field;
  }
  std::optional<Field> Wrong(size_t at) {
    fault_ = at;
    return std::nullopt;
  }

  const std::string_view bytes_;
  size_t at_ = 0;
  int groups_ = 0;  // That are open.
  std::optional<size_t> fault_;
};

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_SRC_FIELDS_H_
