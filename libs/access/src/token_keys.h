// The public keys of an identity provider, and what tokens they have signed.
#ifndef BELLWETHER_ACCESS_TOKEN_KEYS_H_
#define BELLWETHER_ACCESS_TOKEN_KEYS_H_

#include <cjose/jwk.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace bellwether::access {

struct JwkDeleter {
  void operator()(cjose_jwk_t* key) const;
};

// What a token says of its holder.
struct TokenClaims {
  std::string subject;
  std::vector<std::string> groups;
  absl::Time until;  // Leeway included.
};

// Immutable, and so thread-safe.
class TokenKeys {
 public:
  // From a JWKS. Error: InvalidArgument, what is wrong with it, such as a key that is none to verify with.
  static absl::StatusOr<std::unique_ptr<const TokenKeys>> Parse(std::string_view jwks);

  struct Expected {
    std::string issuer;
    std::string audience;
    std::string groups_claim;
  };
  // Error: Unauthenticated, which rule the token breaks; never what it says.
  absl::StatusOr<TokenClaims> Verify(std::string_view token, const Expected& expected, absl::Time now) const;

 private:
  TokenKeys() = default;
  // By "kid".
  std::map<std::string, std::unique_ptr<cjose_jwk_t, JwkDeleter>, std::less<>> keys_;
};

}  // namespace bellwether::access

#endif  // BELLWETHER_ACCESS_TOKEN_KEYS_H_
