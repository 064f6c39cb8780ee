// Protobuf's wire format, written from back to front: the length of a message is known once the message stands there.
// Private to libs/codec.
#ifndef BELLWETHER_CODEC_SRC_WIRE_WRITER_H_
#define BELLWETHER_CODEC_SRC_WIRE_WRITER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace bellwether::codec {

// What is written last stands first: the fields of a message in falling order of their numbers give the bytes of
// protobuf's own deterministic encoding. Not thread-safe.
class WireWriter {
 public:
  WireWriter() = default;
  WireWriter(const WireWriter&) = delete;
  WireWriter& operator=(const WireWriter&) = delete;

  // A field of text or bytes, even if it is empty.
  void Bytes(int field, std::string_view bytes) {
    Raw(bytes);
    Head(field, bytes.size());
  }
  // A field without presence: the default, empty or 0, is not written.
  void Text(int field, std::string_view text) {
    if (!text.empty()) Bytes(field, text);
  }
  void Number(int field, int64_t number) {
    if (number == 0) return;
    Varint(static_cast<uint64_t>(number));
    Varint(static_cast<uint64_t>(field) << 3 | kVarint);
  }
  // A message, whose own fields `write` writes.
  template <typename F>
  void Message(int field, const F& write) {
    const size_t before = size();
    write();
    Head(field, size() - before);
  }

  std::string_view view() const { return {begin_, size()}; }

 private:
  static constexpr uint64_t kVarint = 0;
  static constexpr uint64_t kLengthDelimited = 2;
  static constexpr size_t kLongestVarint = 10;
  static constexpr size_t kSmall = 4096;

  size_t size() const { return static_cast<size_t>(end_ - begin_); }
  // Goes so far back. The caller fills it.
  char* Room(size_t bytes) {
    if (static_cast<size_t>(begin_ - front_) < bytes) Grow(bytes);
    return begin_ -= bytes;
  }
  void Grow(size_t bytes) {
    const size_t used = size();
    std::vector<char> larger(2 * (used + bytes));
    front_ = larger.data();
    std::memcpy(front_ + larger.size() - used, begin_, used);
    large_ = std::move(larger);
    end_ = front_ + large_.size();
    begin_ = end_ - used;
  }
  void Raw(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(Room(bytes.size()), bytes.data(), bytes.size());
  }
  void Varint(uint64_t value) {
    if (value < 0x80) {
      *Room(1) = static_cast<char>(value);
      return;
    }
    std::array<char, kLongestVarint> bytes;
    size_t count = 0;
    for (; value >= 0x80; value >>= 7) bytes[count++] = static_cast<char>(value | 0x80);
    bytes[count++] = static_cast<char>(value);
    std::memcpy(Room(count), bytes.data(), count);
  }
  void Head(int field, size_t length) {
    const uint64_t tag = static_cast<uint64_t>(field) << 3 | kLengthDelimited;
    if (length < 0x80 && tag < 0x80) {  // Nearly all are.
      char* const room = Room(2);
      room[0] = static_cast<char>(tag);
      room[1] = static_cast<char>(length);
      return;
    }
    Varint(length);
    Varint(tag);
  }

  std::array<char, kSmall> small_;  // Most records and updates fit; no allocation for them.
  std::vector<char> large_;
  char* front_ = small_.data();  // Of the one that is written into.
  char* end_ = small_.data() + kSmall;
  char* begin_ = end_;  // Of what is written.
};

}  // namespace bellwether::codec

#endif  // BELLWETHER_CODEC_SRC_WIRE_WRITER_H_
