// Keys of feeds that have neither a certificate nor a token: "bwk_" and 256 random bits. Only a key's SHA-256 is kept.
#ifndef BELLWETHER_ACCESS_KEY_H_
#define BELLWETHER_ACCESS_KEY_H_

#include <string>
#include <string_view>

namespace bellwether::access {

inline constexpr std::string_view kKeyPrefix = "bwk_";

// A new key, from the machine's source of secrets.
std::string NewKey();
// In 64 lower-case hexadecimal digits.
std::string Sha256Of(std::string_view text);

}  // namespace bellwether::access

#endif  // BELLWETHER_ACCESS_KEY_H_
