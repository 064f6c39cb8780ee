// UTF-8 text, and the adaptor between the two string views of this platform.
#ifndef BELLWETHER_CORE_TEXT_H_
#define BELLWETHER_CORE_TEXT_H_

#include <string>
#include <string_view>

#include "absl/strings/string_view.h"

namespace bellwether::core {

// Debian's Abseil has a string_view of its own.
inline absl::string_view ToAbsl(std::string_view s) { return absl::string_view(s.data(), s.size()); }

// How many code points; -1 if it is not UTF-8.
int CharacterCount(std::string_view text);
// Whether it holds a control character: below U+0020, or U+007F to U+009F. Line feed, carriage return and tab are none
// where line breaks are allowed.
bool HasControlCharacters(std::string_view text, bool allow_line_breaks);
// The first `characters` code points of valid UTF-8, with "..." where something was cut.
std::string Shorten(std::string_view text, int characters);
// The text in quotes, for an error message: shortened to so many code points, and Visible (visible.h), so that no
// terminal or log that shows the message is steered by it.
std::string Quoted(std::string_view text, int characters);
// "72835" -> "72,835", for people.
std::string WithThousands(std::string_view number);

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_TEXT_H_
