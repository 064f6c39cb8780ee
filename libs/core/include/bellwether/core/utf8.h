// Code points as UTF-8. Pure. Safe from any thread.
#ifndef BELLWETHER_CORE_UTF8_H_
#define BELLWETHER_CORE_UTF8_H_

#include <cstdint>
#include <string>

namespace bellwether::core {

// `point` is below U+110000, and no surrogate.
inline void AppendUtf8(uint32_t point, std::string* text) {
  if (point < 0x80) {
    *text += static_cast<char>(point);
    return;
  }
  const int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  constexpr uint32_t kFirst[] = {0, 0xC0, 0xE0, 0xF0};
  *text += static_cast<char>(kFirst[more] | point >> (6U * static_cast<uint32_t>(more)));
  for (int i = more - 1; i >= 0; --i)
    *text += static_cast<char>(0x80U | (point >> (6U * static_cast<uint32_t>(i)) & 0x3FU));
}

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_UTF8_H_
