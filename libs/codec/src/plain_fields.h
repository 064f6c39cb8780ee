// Messages as our own encoder writes them, read where they lie. Private to libs/codec.
#ifndef BELLWETHER_CODEC_SRC_PLAIN_FIELDS_H_
#define BELLWETHER_CODEC_SRC_PLAIN_FIELDS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bellwether::codec {

// The fields of a message that stand in rising order, each at most once: texts and messages of less than 16 KiB, and of
// numbers below 16. What is not so is not at its end once all fields were taken, and protobuf reads it.
class PlainFields {
 public:
  explicit PlainFields(std::string_view bytes) : rest_(bytes) {}

  // Absent: the field is not the next.
  std::optional<std::string_view> Take(int field) {
    constexpr unsigned kLengthDelimited = 2;
    if (rest_.size() < 2 || Byte(0) != (static_cast<unsigned>(field) << 3U | kLengthDelimited)) return std::nullopt;
    size_t size = Byte(1);
    size_t head = 2;
    if (size >= 0x80) {
      if (rest_.size() < 3 || Byte(2) >= 0x80) return std::nullopt;
      size = (size & 0x7FU) | static_cast<size_t>(Byte(2)) << 7U;
      head = 3;
    }
    if (size > rest_.size() - head) return std::nullopt;
    const std::string_view content = rest_.substr(head, size);
    rest_.remove_prefix(head + size);
    return content;
  }
  std::string_view Text(int field) { return Take(field).value_or(std::string_view()); }
  std::string_view rest() const { return rest_; }
  bool AtEnd() const { return rest_.empty(); }

 private:
  unsigned Byte(size_t at) const { return static_cast<uint8_t>(rest_[at]); }

  std::string_view rest_;
};

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_SRC_PLAIN_FIELDS_H_
