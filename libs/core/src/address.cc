#include "bellwether/core/address.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "bellwether/core/text.h"

namespace bellwether::core {

std::optional<Address> ParseAddress(std::string_view text, int lowest_port) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::string_view digits = text.substr(colon + 1);
  Address address;
  // The library's parser would take blanks and signs.
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }) ||
      !absl::SimpleAtoi(ToAbsl(digits), &address.port) || address.port < lowest_port || address.port > 65535) {
    return std::nullopt;
  }
  address.host = text.substr(0, colon);
  return address;
}

}  // namespace bellwether::core
