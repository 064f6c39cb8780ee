// Text that others chose, as a terminal or a log may be given it.
#ifndef BELLWETHER_CORE_VISIBLE_H_
#define BELLWETHER_CORE_VISIBLE_H_

#include <string>
#include <string_view>

namespace bellwether::core {

enum class LineBreaks { kShown, kKept };
// Whatever would steer a terminal, turn the order of what is read, or be there unseen stands there in words, and is not
// obeyed: "<U+001B>" for a control character, a mark of direction, or a character without width; "<0xFF>" for a byte
// that is not UTF-8. Joiners and variation selectors stay where they join: behind a character beyond ASCII, as in
// emoji. With `kKept` line feeds stay, with or without a carriage return before them, and a tab is a space.
std::string Visible(std::string_view text, LineBreaks line_breaks = LineBreaks::kShown);

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_VISIBLE_H_
