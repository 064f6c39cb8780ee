#include "token_keys.h"

#include <cjose/cjose.h>
#include <gmock/gmock.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bellwether/testing/status_matchers.h"

namespace bellwether::access {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using ::testing::ElementsAre;
constexpr auto kStranger = absl::StatusCode::kUnauthenticated;
using JwkPtr = std::unique_ptr<cjose_jwk_t, JwkDeleter>;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

std::string Taken(char* text) {
  std::string copy(text);
  cjose_get_dealloc()(text);
  return copy;
}

// A provider with a key of each kind.
class TokenKeysTest : public ::testing::Test {
 protected:
  static JwkPtr Made(cjose_jwk_t* key, const std::string& kid) {
    cjose_err err{};
    cjose_jwk_set_kid(key, kid.data(), kid.size(), &err);
    return JwkPtr(key);
  }
  static std::string PublicOf(const JwkPtr& key) {
    cjose_err err{};
    return Taken(cjose_jwk_to_json(key.get(), false, &err));
  }
  static JwkPtr NewEc(const std::string& kid) {
    cjose_err err{};
    return Made(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &err), kid);
  }
  static JwkPtr NewRsa(const std::string& kid, size_t bits) {
    cjose_err err{};
    const uint8_t exponent[] = {1, 0, 1};
    return Made(cjose_jwk_create_RSA_random(bits, exponent, sizeof(exponent), &err), kid);
  }
  static std::string Sign(const JwkPtr& key, const char* algorithm, const std::string& kid, const std::string& claims,
                          bool critical = false) {
    cjose_err err{};
    cjose_header_t* header = cjose_header_new(&err);
    cjose_header_set(header, CJOSE_HDR_ALG, algorithm, &err);
    cjose_header_set(header, CJOSE_HDR_KID, kid.c_str(), &err);
    if (critical) cjose_header_set_raw(header, "crit", "[\"b64\"]", &err);
    cjose_jws_t* jws =
        cjose_jws_sign(key.get(), header, reinterpret_cast<const uint8_t*>(claims.data()), claims.size(), &err);
    EXPECT_NE(jws, nullptr) << err.message;
    const char* text = nullptr;
    cjose_jws_export(jws, &text, &err);
    std::string token(text);
    cjose_jws_release(jws);
    cjose_header_release(header);
    return token;
  }
  static std::string Claims(const std::string& more = "", const std::string& issuer = "https://id.example",
                            const std::string& audience = "\"bellwether\"", int64_t until = 1'700'000'300) {
    return absl::StrCat("{\"iss\":\"", issuer, "\",\"aud\":", audience, ",\"sub\":\"ada\",\"exp\":", until, more, "}");
  }

  absl::StatusOr<TokenClaims> Verify(const std::string& token, absl::Time now = kNow) const {
    return keys_->Verify(token, {"https://id.example", "bellwether", "groups"}, now);
  }

  static inline const JwkPtr ec_ = NewEc("ec");
  static inline const JwkPtr rsa_ = NewRsa("rsa", 2048);
  static inline const JwkPtr weak_ = NewRsa("weak", 1024);
  const std::unique_ptr<const TokenKeys> keys_ =
      *TokenKeys::Parse(absl::StrCat("{\"keys\":[", PublicOf(ec_), ",", PublicOf(rsa_), ",", PublicOf(weak_),
                                     R"(,{"kty":"oct","kid":"oct","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}]})"));
};

TEST_F(TokenKeysTest, TakesThreeAlgorithms) {
  const std::string claims = Claims(R"(,"groups":["analysts","members"])");
  for (const std::string& token :
       {Sign(ec_, "ES256", "ec", claims), Sign(rsa_, "RS256", "rsa", claims), Sign(rsa_, "PS256", "rsa", claims)}) {
    const absl::StatusOr<TokenClaims> read = Verify(token);
    ASSERT_THAT(read.status(), IsOk());
    EXPECT_EQ(read->subject, "ada");
    EXPECT_THAT(read->groups, ElementsAre("analysts", "members"));
    EXPECT_EQ(read->until, absl::FromUnixSeconds(1'700'000'360));
  }
  EXPECT_THAT(Verify(Sign(ec_, "ES256", "ec", Claims("", "https://id.example", R"(["x","bellwether"])"))).status(),
              IsOk());
}

TEST_F(TokenKeysTest, RefusesWhatIsForgedOrMeantForOthers) {
  const std::string good = Sign(ec_, "ES256", "ec", Claims());
  const std::vector<std::string> parts = absl::StrSplit(good, '.');
  const auto base64 = [](const std::string& text) { return absl::WebSafeBase64Escape(text); };
  cjose_err err{};
  const std::string pem_as_secret = PublicOf(rsa_);
  const JwkPtr secret(
      cjose_jwk_create_oct_spec(reinterpret_cast<const uint8_t*>(pem_as_secret.data()), pem_as_secret.size(), &err));
  struct Row {
    std::string token;
    const char* wrong;
  };
  const Row rows[] = {
      {"", "is not a signed JWT"},
      {"a.b.c", "is not a signed JWT"},
      {std::string(1 << 20, 'a'), "is longer than 8192 bytes"},
      {base64(R"({"alg":"none","kid":"ec"})") + "." + parts[1] + ".", "is not a signed JWT|is signed in another way"},
      {Sign(secret, "HS256", "rsa", Claims()), "is signed in another way"},
      {Sign(rsa_, "RS384", "rsa", Claims()), "is signed in another way"},
      {Sign(ec_, "ES256", "ec", Claims(), true), "demands extensions"},
      {Sign(ec_, "ES256", "../../etc/passwd", Claims()), "names a key"},
      {Sign(NewEc("ec"), "ES256", "ec", Claims()), "is not signed by the key"},
      {Sign(weak_, "RS256", "weak", Claims()), "names a key"},
      {Sign(rsa_, "RS256", "ec", Claims()), "is not signed by the key"},
      {parts[0] + "." + base64(Claims(R"(,"groups":["operators"])")) + "." + parts[2], "is not signed by the key"},
      {Sign(ec_, "ES256", "ec", Claims("", "https://id.example.evil")), "another issuer"},
      {Sign(ec_, "ES256", "ec", Claims("", "https://id.example", "\"other\"")), "another audience"},
      {Sign(ec_, "ES256", "ec", Claims("", "https://id.example", "[]")), "another audience"},
      {Sign(ec_, "ES256", "ec", Claims("", "https://id.example", "\"bellwether\"", 1'699'999'940)), "has expired"},
      {Sign(ec_, "ES256", "ec", Claims(R"(,"nbf":1700000061)")), "is not valid yet"},
      {Sign(ec_, "ES256", "ec", R"({"iss":"https://id.example","aud":"bellwether","sub":"ada"})"), "when it ends"},
      {Sign(ec_, "ES256", "ec", R"({"iss":"https://id.example","aud":"bellwether","exp":1700000300})"), "whose it is"},
      {Sign(ec_, "ES256", "ec", "[1]"), "JSON object"},
  };
  for (const Row& row : rows) {
    const absl::Status s = Verify(row.token).status();
    EXPECT_EQ(s.code(), kStranger) << row.wrong;
    EXPECT_THAT(std::string(s.message()), ::testing::ContainsRegex(row.wrong));
  }
  EXPECT_THAT(Verify(good, absl::FromUnixSeconds(1'700'000'359)).status(), IsOk());
  EXPECT_THAT(Verify(good, absl::FromUnixSeconds(1'700'000'360)).status(), IsError(kStranger, "has expired"));
}

TEST_F(TokenKeysTest, RefusesAFileWithoutKeys) {
  constexpr auto kRefused = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(TokenKeys::Parse("").status(), IsError(kRefused, "is no JWKS"));
  EXPECT_THAT(TokenKeys::Parse("{\"keys\":{}}").status(), IsError(kRefused, "is no JWKS"));
  EXPECT_THAT(TokenKeys::Parse("{\"keys\":[]}").status(), IsError(kRefused, "holds no key"));
  EXPECT_THAT(TokenKeys::Parse("{\"keys\":[1]}").status(), IsError(kRefused, "keys[0] is no JSON object"));
  EXPECT_THAT(TokenKeys::Parse("{\"keys\":[{\"kty\":\"EC\"}]}").status(), IsError(kRefused, "has no \"kid\""));
  const std::string one = PublicOf(ec_);
  EXPECT_THAT(TokenKeys::Parse(absl::StrCat("{\"keys\":[", one, ",", one, "]}")).status(),
              IsError(kRefused, "of another"));
}

}  // namespace
}  // namespace bellwether::access
