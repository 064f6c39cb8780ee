#include "bellwether/core/headers.h"

namespace bellwether::core {

std::optional<std::string_view> FindHeader(const Headers& headers, std::string_view name) {
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    if (header->name == name) return header->value;
  }
  return std::nullopt;
}

}  // namespace bellwether::core
