#include "token_keys.h"

#include <cjose/cjose.h>
#include <openssl/err.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/core/text.h"

namespace bellwether::access {
namespace {

using Json = nlohmann::json;

constexpr size_t kMostBytes = 8 << 10;
constexpr absl::Duration kLeeway = absl::Seconds(60);
constexpr size_t kLeastRsaBits = 2048;
// Seconds since 1970 that an absl::Time holds in any case: the year 9999.
constexpr double kLastSecond = 253'402'300'799;

absl::Status Wrong(std::string_view rule) {
  return absl::UnauthenticatedError(absl::StrCat("the token ", core::ToAbsl(rule)));
}

struct JwsDeleter {
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
};

// The algorithms that are taken, and of which kind their keys are: the token chooses among those that fit its key.
std::optional<cjose_jwk_kty_t> KindFor(std::string_view algorithm) {
  if (algorithm == CJOSE_HDR_ALG_ES256) return CJOSE_JWK_KTY_EC;
  if (algorithm == CJOSE_HDR_ALG_RS256 || algorithm == CJOSE_HDR_ALG_PS256) return CJOSE_JWK_KTY_RSA;
  return std::nullopt;
}

std::string TextOf(const Json& object, const std::string& name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<std::string> TextsOf(const Json& object, const std::string& name) {
  const auto found = object.find(name);
  std::vector<std::string> texts;
  if (found == object.end()) return texts;
  if (found->is_string()) texts.push_back(found->get<std::string>());
  if (!found->is_array()) return texts;
  for (const Json& item : *found) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

std::optional<absl::Time> TimeOf(const Json& object, const std::string& name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  const double seconds = found->get<double>();
  if (!(seconds >= 0 && seconds <= kLastSecond)) return std::nullopt;
  return absl::FromUnixSeconds(static_cast<int64_t>(seconds));
}

// A provider's file may hold keys for other purposes, and of kinds that are not taken.
bool IsToVerifyWith(cjose_jwk_t* key) {
  cjose_err err{};
  const cjose_jwk_kty_t kind = cjose_jwk_get_kty(key, &err);
  if (kind == CJOSE_JWK_KTY_RSA) return cjose_jwk_get_keysize(key, &err) >= kLeastRsaBits;
  return kind == CJOSE_JWK_KTY_EC && cjose_jwk_EC_get_curve(key, &err) == CJOSE_JWK_EC_P_256;
}

}  // namespace

void JwkDeleter::operator()(cjose_jwk_t* key) const { cjose_jwk_release(key); }

absl::StatusOr<std::unique_ptr<const TokenKeys>> TokenKeys::Parse(std::string_view jwks) {
  const Json json = Json::parse(jwks, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("keys") || !json["keys"].is_array())
    return absl::InvalidArgumentError("is no JWKS: a JSON object with the list \"keys\"");
  std::unique_ptr<TokenKeys> keys(new TokenKeys());
  int place = 0;
  for (const Json& one : json["keys"]) {
    const std::string where = absl::StrCat("keys[", place++, "] ");
    if (!one.is_object()) return absl::InvalidArgumentError(absl::StrCat(where, "is no JSON object"));
    if (const std::string use = TextOf(one, "use"); !use.empty() && use != "sig") continue;  // To encrypt with.
    const std::string kid = TextOf(one, "kid");
    if (kid.empty()) return absl::InvalidArgumentError(absl::StrCat(where, "has no \"kid\""));
    const std::string text = one.dump();
    cjose_err err{};
    std::unique_ptr<cjose_jwk_t, JwkDeleter> key(cjose_jwk_import(text.data(), text.size(), &err));
    ERR_clear_error();
    if (key == nullptr || !IsToVerifyWith(key.get())) continue;
    if (!keys->keys_.emplace(kid, std::move(key)).second)
      return absl::InvalidArgumentError(absl::StrCat(where, "has the \"kid\" of another"));
  }
  if (keys->keys_.empty())
    return absl::InvalidArgumentError("holds no key to verify with: RSA of 2,048 bits or more, or EC on P-256");
  return keys;
}

absl::StatusOr<TokenClaims> TokenKeys::Verify(std::string_view token, const Expected& expected, absl::Time now) const {
  if (token.size() > kMostBytes) return Wrong(absl::StrCat("is longer than ", kMostBytes, " bytes"));
  cjose_err err{};
  const std::unique_ptr<cjose_jws_t, JwsDeleter> jws(cjose_jws_import(token.data(), token.size(), &err));
  if (jws == nullptr) return Wrong("is not a signed JWT in its compact form");
  cjose_header_t* header = cjose_jws_get_protected(jws.get());
  const auto text = [&](const char* name) {
    cjose_err none{};
    const char* value = cjose_header_get(header, name, &none);
    return value == nullptr ? std::string() : std::string(value);
  };
  const std::optional<cjose_jwk_kty_t> kind = KindFor(text(CJOSE_HDR_ALG));
  if (!kind) return Wrong("is signed in another way than ES256, RS256 or PS256");
  cjose_err none{};
  if (char* critical = cjose_header_get_raw(header, "crit", &none); critical != nullptr) {
    cjose_get_dealloc()(critical);
    return Wrong("demands extensions (\"crit\")");
  }
  const auto key = keys_.find(text(CJOSE_HDR_KID));
  if (key == keys_.end()) return Wrong("names a key (\"kid\") that the JWKS file does not hold");
  const bool good =
      cjose_jwk_get_kty(key->second.get(), &err) == *kind && cjose_jws_verify(jws.get(), key->second.get(), &err);
  ERR_clear_error();
  if (!good) return Wrong("is not signed by the key that it names");
  uint8_t* bytes = nullptr;
  size_t size = 0;
  if (!cjose_jws_get_plaintext(jws.get(), &bytes, &size, &err)) return Wrong("says nothing");
  const Json claims = Json::parse(bytes, bytes + size, nullptr, /*allow_exceptions=*/false);
  if (!claims.is_object()) return Wrong("does not hold a JSON object");
  if (TextOf(claims, "iss") != expected.issuer) return Wrong("is of another issuer");
  const std::vector<std::string> audience = TextsOf(claims, "aud");
  if (std::find(audience.begin(), audience.end(), expected.audience) == audience.end())
    return Wrong("is meant for another audience");
  const std::optional<absl::Time> until = TimeOf(claims, "exp");
  if (!until) return Wrong("does not say when it ends (\"exp\")");
  if (now >= *until + kLeeway) return Wrong("has expired");
  for (const char* name : {"nbf", "iat"}) {
    if (!claims.contains(name)) continue;
    const std::optional<absl::Time> from = TimeOf(claims, name);
    if (!from || now + kLeeway < *from) return Wrong("is not valid yet");
  }
  TokenClaims result;
  result.subject = TextOf(claims, "sub");
  if (result.subject.empty()) return Wrong("does not say whose it is (\"sub\")");
  result.groups = TextsOf(claims, expected.groups_claim);
  result.until = *until + kLeeway;
  return result;
}

}  // namespace bellwether::access
