#include "bellwether/core/text.h"

#include <cstdint>

namespace bellwether::core {
namespace {

// Length of the code point at the start of `text`, or 0 if that is not UTF-8 (RFC 3629: no overlong form, no
// surrogate).
size_t CodePointLength(std::string_view text) {
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

}  // namespace

int CharacterCount(std::string_view text) {
  int count = 0;
  while (!text.empty()) {
    const size_t length = CodePointLength(text);
    if (length == 0) return -1;
    text.remove_prefix(length);
    ++count;
  }
  return count;
}

bool HasControlCharacters(std::string_view text, bool allow_line_breaks) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (allow_line_breaks && (c == '\n' || c == '\t' || c == '\r')) continue;
    const auto byte = static_cast<uint8_t>(c);
    if (byte < 0x20 || byte == 0x7F) return true;
    // U+0080 to U+009F: some terminals obey them.
    if (byte != 0xC2 || i + 1 == text.size()) continue;
    const auto next = static_cast<uint8_t>(text[i + 1]);
    if (next >= 0x80 && next < 0xA0) return true;
  }
  return false;
}

std::string Shorten(std::string_view text, int characters) {
  std::string result;
  for (int n = 0; !text.empty(); ++n) {
    if (n == characters) return result + "...";
    const size_t length = CodePointLength(text);
    if (length == 0) {
      result += "?";  // Not UTF-8: whatever shows this must not choke on it.
      text.remove_prefix(1);
      continue;
    }
    result += text.substr(0, length);
    text.remove_prefix(length);
  }
  return result;
}

std::string Quoted(std::string_view text, int characters) {
  const std::string shown = Shorten(text, characters);
  std::string result = "\"";
  for (std::string_view rest = shown; !rest.empty();) {
    const std::string_view character = rest.substr(0, CodePointLength(rest));
    result += HasControlCharacters(character, /*allow_line_breaks=*/false) ? "?" : character;
    rest.remove_prefix(character.size());
  }
  return result + '"';
}

std::string WithThousands(std::string_view number) {
  std::string result(number);
  size_t end = result.find('.');
  if (end == std::string::npos) end = result.size();
  const size_t begin = !result.empty() && result[0] == '-' ? 1 : 0;
  for (size_t i = end; i > begin + 3; i -= 3) result.insert(i - 3, 1, ',');
  return result;
}

}  // namespace bellwether::core
