#include "bellwether/core/visible.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/str_format.h"
#include "code_points.h"

namespace bellwether::core {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// What a terminal obeys, or does not show: C0, DEL and C1; marks of direction; separators of lines; spaces without
// width and invisible operators; marks of annotation; tags.
constexpr std::array kHidden = {
    Range{0x00, 0x1F},     Range{0x7F, 0x9F},     Range{0xAD, 0xAD},      Range{0x61C, 0x61C},   Range{0x180E, 0x180E},
    Range{0x200B, 0x200B}, Range{0x200E, 0x200F}, Range{0x2028, 0x202E},  Range{0x2060, 0x206F}, Range{0xFEFF, 0xFEFF},
    Range{0xFFF9, 0xFFFB}, Range{0xFFFE, 0xFFFF}, Range{0xE0000, 0xE00FF}};
// What joins or varies the character before it.
constexpr std::array kJoining = {Range{0x200C, 0x200D}, Range{0xFE00, 0xFE0F}, Range{0xE0100, 0xE01EF}};

template <size_t n>
bool IsIn(const std::array<Range, n>& ranges, char32_t code) {
  return std::any_of(ranges.begin(), ranges.end(), [&](Range r) { return r.first <= code && code <= r.last; });
}

}  // namespace

std::string Visible(std::string_view text, LineBreaks line_breaks) {
  const bool kept = line_breaks == LineBreaks::kKept;
  std::string shown;
  shown.reserve(text.size());
  bool joinable = false;  // The character before is one that joiners have a business with.
  while (!text.empty()) {
    const size_t length = CodePointLength(text);
    if (length == 0) {
      shown += absl::StrFormat("<0x%02X>", static_cast<uint8_t>(text[0]));
      text.remove_prefix(1);
      joinable = false;
      continue;
    }
    const char32_t code = CodePointAt(text, length);
    const bool before_line_feed = code == '\r' && text.size() > 1 && text[1] == '\n';
    const bool joining = IsIn(kJoining, code);
    if (kept && (code == '\n' || code == '\t')) {
      shown += code == '\n' ? '\n' : ' ';
    } else if (IsIn(kHidden, code) || (joining && !joinable)) {
      if (!kept || !before_line_feed) shown += absl::StrFormat("<U+%04X>", static_cast<uint32_t>(code));
    } else {
      shown += text.substr(0, length);
    }
    joinable = joining ? joinable : length > 1 && !IsIn(kHidden, code);
    text.remove_prefix(length);
  }
  return shown;
}

}  // namespace bellwether::core
