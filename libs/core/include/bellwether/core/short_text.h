// Short texts in place: what is written by the million needs no allocation.
#ifndef BELLWETHER_CORE_SHORT_TEXT_H_
#define BELLWETHER_CORE_SHORT_TEXT_H_

#include <array>
#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>

namespace bellwether::core {

// A text of at most kMost bytes, written from its end to its beginning, as the digits of a number come. A value: copy
// it freely.
class ShortText {
 public:
  static constexpr size_t kMost = 24;

  std::string_view view() const { return {text_.data() + begin_, kMost - begin_}; }
  std::string ToString() const { return std::string(view()); }

  // Preconditions of these: there is room.
  void Prepend(char c) {
    assert(begin_ > 0);
    text_[--begin_] = c;
  }
  void Prepend(std::string_view text) {
    for (size_t i = text.size(); i-- > 0;) Prepend(text[i]);
  }
  // `number` in at least `digits` digits, with zeros before it.
  void PrependNumber(uint64_t number, int digits = 1) {
    for (; number > 0 || digits > 0; number /= 10, --digits) Prepend(static_cast<char>('0' + number % 10));
  }

 private:
  std::array<char, kMost> text_;  // From begin_ on.
  size_t begin_ = kMost;
};

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_SHORT_TEXT_H_
