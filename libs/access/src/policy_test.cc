#include "bellwether/access/policy.h"

#include <gmock/gmock.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "bellwether/access/certificate.h"
#include "bellwether/access/key.h"
#include "bellwether/testing/status_matchers.h"

namespace bellwether::access {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;
constexpr auto kRefused = absl::StatusCode::kInvalidArgument;
constexpr auto kStranger = absl::StatusCode::kUnauthenticated;

constexpr char kFile[] = R"(contact: performance@example.gov.uk
principals:
  - {name: revenues, certificate: spiffe://example.gov.uk/revenues}
  - {name: housing, certificate: housing.example.gov.uk}
  - {name: analyst, certificate: A. Nalyst}
roles:
  - {name: feed, actions: [record, withdraw, read]}
  - {name: analyst, actions: [record, correct, withdraw, comment, define, read]}
  - {name: reader, actions: [read]}
  - {name: operator, actions: [operate]}
grants:
  - {principals: [revenues], role: feed, councils: [E06000061], services: [Revenues], sources: [revenues-system]}
  - {principals: [analyst], role: analyst, councils: [E06000061]}
  - {principals: [anonymous], role: reader, councils: [E06000061], directorates: [Place]}
  - {principals: [housing], role: reader, refs: [T11]}
)";

std::shared_ptr<const Policy> Good(std::string_view text = kFile) {
  absl::StatusOr<std::shared_ptr<const Policy>> policy = Policy::Parse(text, "");
  EXPECT_THAT(policy.status(), IsOk());
  return *std::move(policy);
}

Principal Named(std::string name) { return {std::move(name), {}, absl::InfiniteFuture()}; }

TEST(PolicyTest, GrantsNothingThatIsNotSaid) {
  const auto policy = Good();
  const Scope own{"E06000061", "Resources", "Revenues", "T15", "revenues-system"};
  struct Row {
    const char* who;
    Action action;
    Scope scope;
    const char* by;  // Null: refused.
  };
  constexpr char kFeed[] = "access.yaml, line 12, column 5: grants[0]";
  const Row rows[] = {
      {"revenues", Action::ACTION_RECORD, own, kFeed},
      {"revenues", Action::ACTION_READ, {"E06000061", "Resources", "Revenues", "T15", ""}, kFeed},
      {"revenues", Action::ACTION_CORRECT, own, nullptr},
      {"revenues", Action::ACTION_RECORD, {"E06000061", "Resources", "Revenues", "T15", "other"}, nullptr},
      {"revenues", Action::ACTION_RECORD, {"E06000061", "Resources", "Revenues", "T15", ""}, nullptr},
      {"revenues", Action::ACTION_RECORD, {"E06000061", "Resources", "revenues", "T15", "revenues-system"}, nullptr},
      {"revenues", Action::ACTION_RECORD, {"E06000061", "Resources", "Rеvenues", "T15", "revenues-system"}, nullptr},
      {"revenues", Action::ACTION_RECORD, {"E06000062", "Resources", "Revenues", "T15", "revenues-system"}, nullptr},
      {"revenues", Action::ACTION_RECORD, {"E06000061", "", "", "T99", "revenues-system"}, nullptr},
      {"Revenues", Action::ACTION_RECORD, own, nullptr},
      {"analyst", Action::ACTION_DEFINE, own, "access.yaml, line 13, column 5: grants[1]"},
      {"analyst", Action::ACTION_OPERATE, {}, nullptr},
      {"anonymous",
       Action::ACTION_READ,
       {"E06000061", "Place", "", "T1", ""},
       "access.yaml, line 14, column 5: grants[2]"},
      {"anonymous", Action::ACTION_READ, {"E06000061", "People", "", "T2", ""}, nullptr},
      {"anonymous", Action::ACTION_RECORD, {"E06000061", "Place", "", "T1", ""}, nullptr},
      {"housing", Action::ACTION_READ, {"W06000001", "", "", "T11", ""}, "access.yaml, line 15, column 5: grants[3]"},
      {"housing", Action::ACTION_READ, {"W06000001", "", "", "T1", ""}, nullptr},
      {"", Action::ACTION_READ, {"E06000061", "Place", "", "T1", ""}, nullptr},
  };
  for (const Row& row : rows) {
    const Decision decision = policy->Decide(Named(row.who), row.action, row.scope);
    EXPECT_EQ(decision.allowed, row.by != nullptr) << row.who << " " << NameOf(row.action) << " " << row.scope.ref;
    EXPECT_EQ(decision.by, row.by == nullptr ? "no grant allows it" : row.by);
  }
  EXPECT_TRUE(policy->MaySomewhere(Named("revenues"), Action::ACTION_WITHDRAW));
  EXPECT_FALSE(policy->MaySomewhere(Named("revenues"), Action::ACTION_COMMENT));
  EXPECT_TRUE(policy->MayInAllOf(Named("analyst"), Action::ACTION_READ, "E06000061"));
  EXPECT_FALSE(policy->MayInAllOf(Named("analyst"), Action::ACTION_READ, "E06000062"));
  EXPECT_FALSE(policy->MayInAllOf(Named("revenues"), Action::ACTION_READ, "E06000061"));
  EXPECT_THAT(policy->RightsOf(Named("housing")), ElementsAre("read: refs T11"));
  EXPECT_NE(policy->RightsKeyOf(Named("housing")), policy->RightsKeyOf(Named("anonymous")));
  EXPECT_EQ(policy->RightsKeyOf(Named("nobody")), "");
}

TEST(PolicyTest, RightsInWordsAreTheSameForTheSameAlone) {
  std::set<std::string> all;
  for (const char* directorates :
       {"[A, B]", "['A, B']", "['A; refs B']", "['\"A, B\"']", "['A\\', B]", "[\"A\\nB\"]"}) {
    const auto policy = Policy::Parse(absl::StrCat("roles: [{name: r, actions: [read]}]\n"
                                                   "grants: [{principals: [anonymous], role: r, directorates: ",
                                                   directorates, "}]\n"),
                                      "");
    ASSERT_THAT(policy, IsOk());
    all.insert((*policy)->RightsOf(Named("anonymous")).at(0));
  }
  EXPECT_THAT(all, UnorderedElementsAre("read: directorates A, B", R"(read: directorates "A, B")",
                                        R"(read: directorates "A; refs B")", R"(read: directorates "\"A, B\"")",
                                        R"(read: directorates "A\\", B)", R"(read: directorates "A\nB")"));
}

TEST(PolicyTest, LimitsThatAreNotWrittenAreTheDefaults) {
  EXPECT_THAT(Good()->LimitsInWords(), ElementsAre("1000 calls a second", "50000 readings a second",
                                                   "1875 calls under way", "96 open streams", "1500 open watches"));
  EXPECT_THAT(
      Good("limits: {calls_per_second: 7, open_watches: 3, open_streams: 2, calls_under_way: 9}\n")->LimitsInWords(),
      ElementsAre("7 calls a second", "50000 readings a second", "9 calls under way", "2 open streams",
                  "3 open watches"));
}

TEST(PolicyTest, KnowsWhoCalls) {
  const std::string key = NewKey();
  const auto policy = Good(
      absl::StrCat(kFile, "# a key more\n")
          .replace(std::string(kFile).find("  - {name: analyst, cert"), 0,
                   absl::StrCat("  - {name: feed, key_sha256: [", Sha256Of(NewKey()), ", ", Sha256Of(key), "]}\n")));
  const auto who = [&](const Shown& shown) {
    const absl::StatusOr<Principal> principal = policy->Identify(shown, absl::UnixEpoch());
    return principal.ok() ? principal->name : absl::StrCat("! ", principal.status().message());
  };
  EXPECT_EQ(who({}), "anonymous");
  EXPECT_EQ(who({{"spiffe://example.gov.uk/revenues"}, {"housing.example.gov.uk"}, "A. Nalyst", "", true}), "revenues");
  EXPECT_EQ(who({{"https://a", "spiffe://example.gov.uk/revenues"}, {}, "A. Nalyst", "", true}), "revenues");
  EXPECT_EQ(who({{}, {"housing.example.gov.uk"}, "A. Nalyst", "", true}), "housing");
  EXPECT_EQ(who({{}, {}, "A. Nalyst", "", true}), "analyst");
  EXPECT_EQ(who({{}, {}, "stranger", "", true}), "certificate/stranger");
  EXPECT_THAT(who({{}, {}, "revenues\n", "", true}), HasSubstr("certificate/revenues?#"));
  EXPECT_EQ(who({{}, {}, "", "Bearer " + key, true}), "feed");
  EXPECT_EQ(who({{}, {}, "A. Nalyst", "bearer " + key, true}), "feed");
  EXPECT_THAT(who({{}, {}, "A. Nalyst", "Bearer " + key, false}), HasSubstr("over TLS only"));
  EXPECT_THAT(who({{}, {}, "A. Nalyst", "Bearer " + NewKey(), true}), HasSubstr("the key is not known"));
  EXPECT_THAT(who({{}, {}, "A. Nalyst", "Basic abc", true}), HasSubstr("must be \"Bearer\""));
  EXPECT_THAT(who({{}, {}, "", "Bearer a.b.c", true}), HasSubstr("tokens are not taken here"));
  EXPECT_THAT(policy->Identify({{}, {}, "", "Bearer x", true}, absl::UnixEpoch()).status(), IsError(kStranger, ""));
}

TEST(PolicyTest, AServiceOfPagesReadsForItsReadersAndDoesNothingElse) {
  const auto policy = Good(R"(principals:
  - {name: pages, certificate: pages}
  - {name: ada, reader: ada@example.gov.uk}
  - {name: both, reader: ben, certificate: ben}
roles:
  - {name: pages, actions: [read-for]}
  - {name: analyst, actions: [record, read, read-provisional]}
  - {name: reader, actions: [read]}
  - {name: feed, actions: [record]}
grants:
  - {principals: [pages], role: pages}
  - {principals: [ada, both], role: analyst, councils: [E06000061]}
  - {principals: [both], role: feed, councils: [E06000062]}
  - {groups: [members], role: reader, councils: [E06000063]}
  - {principals: [anonymous], role: reader, councils: [E06000064]}
)");
  const auto said = [](std::string name, std::vector<std::string> groups = {}) {
    v1::Reader reader;
    reader.set_name(std::move(name));
    for (std::string& group : groups) reader.add_groups(std::move(group));
    return std::optional(reader.SerializeAsString());
  };
  const auto whom = [&](const std::string& caller, const std::optional<std::string>& reader) {
    const absl::StatusOr<Principal> principal = policy->ForWhom(Named(caller), reader);
    return principal.ok() ? principal->name : absl::StrCat("! ", principal.status().message());
  };
  EXPECT_EQ(whom("pages", said("ada@example.gov.uk")), "ada");
  EXPECT_EQ(whom("pages", said("Ada@example.gov.uk")), "reader/Ada@example.gov.uk");
  // No name that a reader may have is that of somebody else.
  for (const char* name : {"ada", "pages", "anonymous", "certificate/ben"})
    EXPECT_EQ(whom("pages", said(name)), absl::StrCat("reader/", name));
  EXPECT_THAT(whom("pages", said("ada@example.gov.uk\n")), HasSubstr("reader/ada@example.gov.uk?#"));
  EXPECT_EQ(whom("pages", said("")), "anonymous");
  EXPECT_EQ(whom("pages", std::nullopt), "anonymous");
  EXPECT_EQ(whom("ada", std::nullopt), "ada");
  for (const char* caller : {"ada", "anonymous", "certificate/pages"})
    EXPECT_THAT(whom(caller, said("")), HasSubstr("may not read for others"));
  for (const auto& [wrong, why] : std::vector<std::pair<std::optional<std::string>, std::string>>{
           {said("", {"members"}), "has groups, and no name"},
           {said(std::string(257, 'a')), "has a name or a group of more than 256 bytes"},
           {said("a", {std::string(257, 'a')}), "has a name or a group of more than 256 bytes"},
           {said("a", std::vector<std::string>(201)), "has more than 200 groups"},
           {"\x0A\xFF", "is no bellwether.v1.Reader"}})
    EXPECT_EQ(whom("pages", wrong), "! what pages says of its reader " + why);

  const auto allowed = [&](const Principal& principal, Action action, std::string_view council) {
    EXPECT_EQ(policy->MaySomewhere(principal, action) && policy->MayInAllOf(principal, action, council),
              policy->Decide(principal, action, {council, "", "", "", ""}).allowed);
    return policy->Decide(principal, action, {council, "", "", "", ""}).allowed;
  };
  const Principal ben = *policy->ForWhom(Named("pages"), said("ben", {"members"}));
  EXPECT_TRUE(allowed(ben, Action::ACTION_READ, "E06000061"));
  EXPECT_TRUE(allowed(ben, Action::ACTION_READ, "E06000063"));
  EXPECT_TRUE(allowed(ben, Action::ACTION_READ_PROVISIONAL, "E06000061"));
  EXPECT_FALSE(allowed(ben, Action::ACTION_READ_PROVISIONAL, "E06000063"));
  EXPECT_FALSE(allowed(ben, Action::ACTION_READ, "E06000062"));
  EXPECT_FALSE(allowed(ben, Action::ACTION_READ, "E06000064"));
  EXPECT_FALSE(allowed(ben, Action::ACTION_RECORD, "E06000061"));
  EXPECT_TRUE(allowed(Named("both"), Action::ACTION_RECORD, "E06000061"));
  EXPECT_THAT(policy->RightsOf(ben),
              ElementsAre("read, read-provisional: councils E06000061", "read: councils E06000063"));
  EXPECT_NE(policy->RightsKeyOf(ben), policy->RightsKeyOf(Named("both")));
  EXPECT_EQ(policy->RightsKeyOf(*policy->ForWhom(Named("pages"), said("", {}))),
            policy->RightsKeyOf(Named("anonymous")));
}

TEST(PolicyTest, ACertificateIsGoodUntilItsEnd) {
  const auto policy = Good();
  Shown shown{{}, {"housing.example.gov.uk"}, "", "", true};
  shown.certificate_until = absl::FromUnixSeconds(1'700'000'000);
  const absl::StatusOr<Principal> before = policy->Identify(shown, absl::FromUnixSeconds(1'699'999'999));
  ASSERT_THAT(before.status(), IsOk());
  EXPECT_EQ(before->until, shown.certificate_until);
  EXPECT_THAT(policy->Identify(shown, shown.certificate_until).status(), IsError(kStranger, "certificate has expired"));
  // Nor is one who shows it together with something else taken for somebody else.
  shown.authorization = "Bearer " + NewKey();
  EXPECT_THAT(policy->Identify(shown, shown.certificate_until).status(), IsError(kStranger, "certificate has expired"));
}

// As `openssl ca -enddate 270102030405Z` makes one.
constexpr char kCertificate[] = R"(-----BEGIN CERTIFICATE-----
MIIBjzCCATSgAwIBAgIBATAKBggqhkjOPQQDAjANMQswCQYDVQQDDAJjYTAeFw0y
NjExMzAwNzUyMjdaFw0yNzAxMDIwMzA0MDVaMBExDzANBgNVBAMMBkEgRmVlZDBZ
MBMGByqGSM49AgEGCCqGSM49AwEHA0IABJd7K4fXG6UjYnUv/KuHhOE/6D2zWVlu
CMGOZb51AImQ52KpKSo7ofcs7832YU/omC3+opDmQZserLzCF6FFhVGjgYAwfjA8
BgNVHREENTAzhhxzcGlmZmU6Ly9leGFtcGxlLmdvdi51ay9mZWVkghNmZWVkLmV4
YW1wbGUuZ292LnVrMB0GA1UdDgQWBBSsO8t+h5zIt+3wdT+UuvWIPgau1jAfBgNV
HSMEGDAWgBSggeTER9mAGnQ2lZkklv6ewyED8zAKBggqhkjOPQQDAgNJADBGAiEA
9SobYLc956KQwP5AxkdMO0N/FVgJPAvwUolOTk+XaJ8CIQDCq/HeOGmNkjqCiZ0L
mFG2V06ZF/hJphqGUOSKblO+FA==
-----END CERTIFICATE-----
)";

TEST(CertificateTest, SaysWhoAndUntilWhen) {
  EXPECT_EQ(EndOf("no certificate"), absl::InfinitePast());
  EXPECT_THAT(ShownIn("%41no certificate").status(), IsError(kRefused, "is no certificate"));
  const absl::StatusOr<Shown> shown = ShownIn(kCertificate);
  ASSERT_THAT(shown.status(), IsOk());
  EXPECT_THAT(shown->uris, ElementsAre("spiffe://example.gov.uk/feed"));
  EXPECT_THAT(shown->dns_names, ElementsAre("feed.example.gov.uk"));
  EXPECT_EQ(shown->common_name, "A Feed");
  EXPECT_EQ(absl::FormatTime(shown->certificate_until, absl::UTCTimeZone()), "2027-01-02T03:04:05+00:00");
}

TEST(PolicyTest, RefusesAWrongFileWithEveryPlace) {
  struct Row {
    const char* text;
    const char* wrong;
  };
  const Row rows[] = {
      {"principles: []\n", "line 1, column 1"},
      {"principals:\n  - {name: 'a b', subject: x}\n", "line 2, column 12: principals[0].name must be"},
      {"principals:\n  - {name: a}\n", "line 2, column 5: principals[0] shows nothing"},
      {"principals:\n  - {name: token/x, certificate: c}\n", "begins as the names of those"},
      {"principals:\n  - {name: a, certificate: c}\n  - {name: A, certificate: d}\n",
       "line 3, column 12: principals[1].name is there"},
      {"principals:\n  - {name: a, certificate: c}\n  - {name: b, certificate: c}\n", "certificate is another's"},
      {"principals:\n  - {name: a, key_sha256: [abc]}\n", "must be 64 hexadecimal digits"},
      {"principals:\n  - {name: Anonymous, certificate: c}\n", "is there already"},
      {"principals:\n  - {name: a, subject: s}\n", "needs tokens"},
      {"roles:\n  - {name: r, actions: [read, own]}\n", "line 2"},
      {"roles:\n  - {name: r}\n", "actions is missing"},
      {"grants:\n  - {principals: [x], role: r}\n", "principals[0] is not known: \"x\""},
      {"grants:\n  - {role: r}\n", "is nobody's"},
      {"roles: [{name: r, actions: [record]}]\ngrants:\n  - {principals: [anonymous], role: r}\n",
       "anonymous may do no more"},
      {"roles: [{name: r, actions: [read]}]\ngrants:\n  - {principals: [anonymous], role: r, councils: [E0600/0061]}\n",
       "ONS code"},
      {"tokens: {issuer: a, audience: b, keys: c}\n", "tokens.keys: the file is no JWKS"},
      {"roles: [{name: r, actions: [read]}]\ngrants:\n  - {principals: [anonymous], role: r, councils: []}\n",
       "grants[0].councils is empty"},
      {"roles: [{name: r, actions: [read]}]\ngrants:\n  - {principals: [anonymous], role: r, services: ['']}\n",
       "holds an empty text"},
      {"principals: [{name: a, certificate: c}]\nroles: [{name: r, actions: [operate]}]\ngrants:\n  - {principals: "
       "[a], role: r, refs: [T1]}\n",
       "bounds operate"},
      {"principals: [{name: a, certificate: c}]\nroles: [{name: r, actions: [read-for]}]\ngrants:\n  - {principals: "
       "[a], role: r, councils: [E06000061]}\n",
       "bounds read-for"},
      {"principals:\n  - {name: reader/x, certificate: c}\n", "begins as the names of those"},
      {"principals:\n  - {name: a, reader: x}\n  - {name: b, reader: x}\n", "reader is another's"},
      {"roles: [{name: r, actions: [read]}]\ngrants:\n  - {groups: [g], role: r}\n", "a role with read-for"},
  };
  for (const Row& row : rows)
    EXPECT_THAT(Policy::Parse(row.text, "").status(), IsError(kRefused, row.wrong)) << row.text;
  const absl::Status two = Policy::Parse("roles:\n  - {name: R}\n", "").status();
  EXPECT_THAT(two, IsError(kRefused, "name must be 1 to 64"));
  EXPECT_THAT(two, IsError(kRefused, "actions is missing"));
}

TEST(KeyTest, IsLongRandomAndKeptAsItsDigest) {
  const std::string key = NewKey();
  EXPECT_EQ(key.substr(0, 4), "bwk_");
  EXPECT_GE(key.size(), 4 + 43U);
  EXPECT_NE(key, NewKey());
  EXPECT_EQ(Sha256Of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace bellwether::access
