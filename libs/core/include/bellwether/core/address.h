// "HOST:PORT", as every flag and setting of ours takes it.
#ifndef BELLWETHER_CORE_ADDRESS_H_
#define BELLWETHER_CORE_ADDRESS_H_

#include <optional>
#include <string>
#include <string_view>

namespace bellwether::core {

struct Address {
  std::string host;  // "127.0.0.1", "[::1]", "broker.example.org"; never empty.
  int port = 0;      // 0 to 65535.
};

// Absent where the text is not HOST:PORT, or the port is below `lowest_port` (1 where somebody is to be called).
std::optional<Address> ParseAddress(std::string_view text, int lowest_port = 0);

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_ADDRESS_H_
