// The code points of UTF-8, one by one.
#ifndef BELLWETHER_CORE_CODE_POINTS_H_
#define BELLWETHER_CORE_CODE_POINTS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bellwether::core {

// Length of the code point at the start of `text`, or 0 if that is not UTF-8 (RFC 3629: no overlong form, no
// surrogate).
inline size_t CodePointLength(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const auto continues = [&](size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!continues(1) || !continues(2)) return 0;
    if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F)) return 0;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    if ((lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F)) return 0;
    return 4;
  }
  return 0;
}

// The code point of the `length` bytes at the start of `text`.
inline char32_t CodePointAt(std::string_view text, size_t length) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  if (length == 1) return byte(0);
  char32_t code = byte(0) & (0xFFU >> (length + 1));
  for (size_t i = 1; i < length; ++i) code = code << 6 | (byte(i) & 0x3FU);
  return code;
}

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_CODE_POINTS_H_
