#include "bellwether/access/key.h"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <array>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace bellwether::access {

std::string NewKey() {
  std::array<unsigned char, 32> bits{};
  if (RAND_bytes(bits.data(), static_cast<int>(bits.size())) != 1) std::abort();  // There is no key without secrets.
  return std::string(kKeyPrefix) +
         absl::WebSafeBase64Escape(absl::string_view(reinterpret_cast<const char*>(bits.data()), bits.size()));
}

std::string Sha256Of(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

}  // namespace bellwether::access
