#include "bellwether/core/text.h"

#include <algorithm>
#include <cstdint>

#include "bellwether/core/visible.h"
#include "code_points.h"

namespace bellwether::core {

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
  size_t end = 0;
  for (int n = 0; end < text.size() && n < characters; ++n) {
    end += std::max<size_t>(CodePointLength(text.substr(end)), 1);
  }
  return '"' + Visible(text.substr(0, end)) + (end < text.size() ? "...\"" : "\"");
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
