#include "bellwether/access/policy.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bellwether/access/key.h"
#include "bellwether/codec/enum_name.h"
#include "bellwether/core/error_list.h"
#include "bellwether/core/ids.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/text.h"
#include "token_keys.h"

namespace bellwether::access {
namespace {

using Names = google::protobuf::RepeatedPtrField<std::string>;

constexpr size_t kNameCharacters = 128;
constexpr int kRoleCharacters = 64;
constexpr size_t kSha256Digits = 64;
constexpr uint32_t kCallsPerSecond = 1'000;
constexpr uint32_t kReadingsPerSecond = 50'000;
// What begins the names of those who show who they are and are not known by a name: none of the file can be one.
constexpr std::string_view kOfCertificate = "certificate/";
constexpr std::string_view kOfToken = "token/";
constexpr std::string_view kOfReader = "reader/";
constexpr std::string_view kBearer = "Bearer ";

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= kNameCharacters && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           std::string_view("-_.@/:").find(c) != std::string_view::npos;
  });
}

// What somebody is called who is not known: what it shows, as far as a name may hold it, and where it may not hold all
// of it, what tells it from others of the same look.
std::string NameOf(std::string_view kind, std::string_view shown) {
  std::string name = absl::StrCat(core::ToAbsl(kind), core::ToAbsl(shown));
  if (IsName(name)) return name;
  name.resize(std::min(name.size(), kNameCharacters / 2));
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !IsName(std::string_view(&c, 1)); }, '?');
  return absl::StrCat(name, "#", Sha256Of(shown).substr(0, 16));
}

bool StartsWith(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

template <typename List, typename Value>
bool Has(const List& list, const Value& value) {
  return std::any_of(list.begin(), list.end(), [&](const auto& one) { return one == value; });
}

// Whether a grant's list leaves it in.
bool Fits(const Names& listed, std::string_view value) { return listed.empty() || Has(listed, value); }

// Whether what is done has a source: a grant's sources bound nothing else.
bool HasSource(Action action) {
  switch (action) {
    case Action::ACTION_RECORD:
    case Action::ACTION_CORRECT:
    case Action::ACTION_WITHDRAW:
    case Action::ACTION_COMMENT:
      return true;
    default:
      return false;
  }
}

bool Fits(const v1::Grant& grant, Action action, const Scope& scope) {
  return Fits(grant.councils(), scope.council) && Fits(grant.directorates(), scope.directorate) &&
         Fits(grant.services(), scope.service) && Fits(grant.refs(), scope.ref) &&
         (!HasSource(action) || Fits(grant.sources(), scope.source));
}

// Whether no list can bound it.
bool IsOfTheWhole(Action action) {
  return action == Action::ACTION_OPERATE || action == Action::ACTION_ACT_FOR || action == Action::ACTION_READ_FOR;
}

bool IsReading(Action action) { return action == Action::ACTION_READ || action == Action::ACTION_READ_PROVISIONAL; }

void FillIn(v1::AccessLimits* limits) {
  namespace server = core::limits;
  const auto fill = [limits](uint32_t written, void (v1::AccessLimits::*set)(uint32_t), uint32_t otherwise) {
    if (written == 0) (limits->*set)(otherwise);
  };
  const auto share = [](int most) { return static_cast<uint32_t>(most * server::kPercentOfHost / 100); };
  fill(limits->calls_per_second(), &v1::AccessLimits::set_calls_per_second, kCallsPerSecond);
  fill(limits->readings_per_second(), &v1::AccessLimits::set_readings_per_second, kReadingsPerSecond);
  fill(limits->calls_under_way(), &v1::AccessLimits::set_calls_under_way, share(server::kCallsOfServer));
  fill(limits->open_streams(), &v1::AccessLimits::set_open_streams, share(server::kReadingStreams));
  fill(limits->open_watches(), &v1::AccessLimits::set_open_watches, share(server::kWatches));
}

// So that of a list in words each can be told from two.
std::string InList(const std::string& name) {
  const bool plain = std::none_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c)) ||
           std::string_view(",;\"\\").find(c) != std::string::npos;
  });
  return plain ? name : absl::StrCat("\"", absl::Utf8SafeCEscape(name), "\"");
}

// The name of a certificate: SPIFFE, else another URI, else DNS, else the common name.
std::string_view NameIn(const Shown& shown) {
  constexpr std::string_view kSpiffe = "spiffe://";
  for (const std::string& uri : shown.uris) {
    if (StartsWith(uri, kSpiffe)) return uri;
  }
  if (!shown.uris.empty()) return shown.uris.front();
  if (!shown.dns_names.empty()) return shown.dns_names.front();
  return shown.common_name;
}

}  // namespace

std::string NameOf(Action action) { return codec::ShortEnumName(*v1::Action_descriptor()->FindValueByNumber(action)); }

Policy::Policy() = default;
Policy::~Policy() = default;

std::string Policy::KeysFileIn(std::string_view text) {
  v1::Access access;
  return yaml::YamlToMessage(text, &access, nullptr).ok() ? access.tokens().keys() : "";
}

absl::StatusOr<std::shared_ptr<const Policy>> Policy::Parse(std::string_view text, std::string_view keys) {
  const std::shared_ptr<Policy> policy(new Policy());
  yaml::YamlPlaces places;
  if (absl::Status s = yaml::YamlToMessage(text, &policy->access_, &places); !s.ok()) return s;
  core::ErrorList errors;
  for (const std::string& wrong : policy->Check(places)) errors.Add(wrong);
  if (policy->access_.has_tokens()) {
    absl::StatusOr<std::unique_ptr<const TokenKeys>> read = TokenKeys::Parse(keys);
    if (read.ok()) {
      policy->keys_ = *std::move(read);
    } else {
      errors.Add(absl::StrCat(places["tokens.keys"], ": tokens.keys: the file ", read.status().message()));
    }
  }
  if (!errors.empty()) return absl::InvalidArgumentError(errors.Text());
  FillIn(policy->access_.mutable_limits());
  return std::shared_ptr<const Policy>(policy);
}

std::vector<std::string> Policy::Check(const yaml::YamlPlaces& places) {
  std::vector<std::string> wrong;
  const auto place = [&](std::string path) {
    auto found = places.find(path);
    while (found == places.end() && path.rfind('.') != std::string::npos) {
      path.resize(path.rfind('.'));
      found = places.find(path);
    }
    return found == places.end() ? std::string("the file") : found->second;
  };
  const auto add = [&](const std::string& path, std::string_view rule) {
    wrong.push_back(absl::StrCat(place(path), ": ", path, " ", core::ToAbsl(rule)));
  };
  if (access_.has_tokens()) {
    if (access_.tokens().issuer().empty()) add("tokens.issuer", "is missing");
    if (access_.tokens().audience().empty()) add("tokens.audience", "is missing");
    if (access_.tokens().keys().empty()) add("tokens.keys", "is missing: the JWKS file of the issuer");
    if (access_.tokens().groups_claim().empty()) access_.mutable_tokens()->set_groups_claim("groups");
  }
  std::set<std::string> names = {std::string(kAnonymous)};
  std::set<std::string> lower = {std::string(kAnonymous)};
  for (int i = 0; i < access_.principals_size(); ++i) {
    v1::KnownPrincipal& known = *access_.mutable_principals(i);
    const std::string path = absl::StrCat("principals[", i, "]");
    if (!IsName(known.name())) {
      add(path + ".name", "must be 1 to 128 letters, digits and \"-_.@/:\"");
    } else if (StartsWith(known.name(), kOfCertificate) || StartsWith(known.name(), kOfToken) ||
               StartsWith(known.name(), kOfReader)) {
      add(path + ".name", "begins as the names of those who are not known");
    } else if (!lower.insert(absl::AsciiStrToLower(known.name())).second) {
      add(path + ".name", "is there already, but perhaps for its case");
    }
    names.insert(known.name());
    if (known.certificate().empty() && known.key_sha256().empty() && known.subject().empty() && known.reader().empty())
      add(path, "shows nothing: give certificate, key_sha256, subject or reader");
    if (!known.certificate().empty() && !by_certificate_.emplace(known.certificate(), known.name()).second)
      add(path + ".certificate", "is another's already");
    if (!known.subject().empty() && !by_subject_.emplace(known.subject(), known.name()).second)
      add(path + ".subject", "is another's already");
    if (known.reader().size() > core::limits::kReaderBytes)
      add(path + ".reader", absl::StrCat("is longer than ", core::limits::kReaderBytes, " bytes"));
    if (!known.reader().empty() && !by_reader_.emplace(known.reader(), known.name()).second)
      add(path + ".reader", "is another's already");
    if (!known.subject().empty() && !access_.has_tokens()) add(path + ".subject", "needs tokens: whose are taken");
    for (int k = 0; k < known.key_sha256_size(); ++k) {
      std::string& digest = *known.mutable_key_sha256(k);
      absl::AsciiStrToLower(&digest);
      const std::string key_path = absl::StrCat(path, ".key_sha256[", k, "]");
      if (digest.size() != kSha256Digits || !std::all_of(digest.begin(), digest.end(), absl::ascii_isxdigit)) {
        add(key_path, "must be 64 hexadecimal digits: the SHA-256 of a key, as bellwether-admin key new prints it");
      } else if (!by_key_.emplace(digest, known.name()).second) {
        add(key_path, "is there already");
      }
    }
  }
  std::map<std::string, const v1::Role*> roles;
  for (int i = 0; i < access_.roles_size(); ++i) {
    const v1::Role& role = access_.roles(i);
    const std::string path = absl::StrCat("roles[", i, "]");
    if (!core::CheckSlug(role.name(), kRoleCharacters).ok())
      add(path + ".name", "must be 1 to 64 characters of a-z, 0-9, \"-\"");
    if (!roles.emplace(role.name(), &role).second) add(path + ".name", "is there already");
    if (role.actions().empty()) add(path + ".actions", "is missing");
  }
  const bool has_readers = std::any_of(access_.roles().begin(), access_.roles().end(), [](const v1::Role& role) {
    return Has(role.actions(), Action::ACTION_READ_FOR);
  });
  for (int i = 0; i < access_.grants_size(); ++i) {
    const v1::Grant& grant = access_.grants(i);
    const std::string path = absl::StrCat("grants[", i, "]");
    Rule rule{&grant, {}, absl::StrCat("access.yaml, ", place(path), ": ", path)};
    if (grant.principals().empty() && grant.groups().empty()) add(path, "is nobody's: give principals or groups");
    if (!grant.groups().empty() && !access_.has_tokens() && !has_readers)
      add(path + ".groups", "needs tokens: whose are taken; or a role with read-for");
    for (int p = 0; p < grant.principals_size(); ++p) {
      if (names.count(grant.principals(p)) == 0)
        add(absl::StrCat(path, ".principals[", p, "]"),
            absl::StrCat("is not known: ", core::Quoted(grant.principals(p), 60)));
    }
    for (int c = 0; c < grant.councils_size(); ++c) {
      if (!core::CheckCouncil(grant.councils(c)).ok())
        add(absl::StrCat(path, ".councils[", c, "]"), "must be an ONS code: a letter of E, W, S, N and eight digits");
    }
    for (int r = 0; r < grant.refs_size(); ++r) {
      if (!core::CheckRef(grant.refs(r)).ok())
        add(absl::StrCat(path, ".refs[", r, "]"), "must be 1 to 32 letters, digits, \".\", \"-\", \"_\"");
    }
    const std::pair<const char*, const Names*> lists[] = {
        {"principals", &grant.principals()}, {"groups", &grant.groups()},
        {"councils", &grant.councils()},     {"directorates", &grant.directorates()},
        {"services", &grant.services()},     {"refs", &grant.refs()},
        {"sources", &grant.sources()}};
    bool bounded = false;
    for (const auto& [name, values] : lists) {
      const std::string list = absl::StrCat(path, ".", name);
      // Who takes the last of them out does not mean all.
      if (values->empty() && places.count(list) > 0) add(list, "is empty: leave it out where it is to bound nothing");
      if (Has(*values, "")) add(list, "holds an empty text");
      if (name != lists[0].first && name != lists[1].first) bounded = bounded || !values->empty();
    }
    const auto role = roles.find(grant.role());
    if (role != roles.end() && bounded) {
      for (const int action : role->second->actions()) {
        if (!IsOfTheWhole(static_cast<Action>(action))) continue;
        add(path, absl::StrCat("bounds ", access::NameOf(static_cast<Action>(action)),
                               ", which is of the whole: grant it without lists"));
      }
    }
    if (role == roles.end()) {
      add(path + ".role", absl::StrCat("is not one of roles: ", core::Quoted(grant.role(), 60)));
    } else {
      for (const int action : role->second->actions()) rule.actions.push_back(static_cast<Action>(action));
      if (Has(grant.principals(), kAnonymous) && !std::all_of(rule.actions.begin(), rule.actions.end(), IsReading)) {
        add(path + ".role", "allows more than read, and anonymous may do no more");
      }
    }
    rules_.push_back(std::move(rule));
  }
  return wrong;
}

absl::StatusOr<Principal> Policy::ForWhom(const Principal& caller, const std::optional<std::string>& reader) const {
  if (!MaySomewhere(caller, Action::ACTION_READ_FOR)) {
    if (!reader.has_value()) return caller;
    return absl::UnauthenticatedError(
        absl::StrCat(caller.name, " may not read for others: it names a reader, and needs the right read-for"));
  }
  v1::Reader said;
  const auto wrong = [&caller](const auto&... why) {
    return absl::UnauthenticatedError(absl::StrCat("what ", caller.name, " says of its reader ", why...));
  };
  const auto fits = [](const std::string& text) { return text.size() <= core::limits::kReaderBytes; };
  if (!said.ParseFromString(reader.value_or(""))) return wrong("is no bellwether.v1.Reader");
  if (!fits(said.name()) || !std::all_of(said.groups().begin(), said.groups().end(), fits))
    return wrong("has a name or a group of more than ", core::limits::kReaderBytes, " bytes");
  if (said.groups_size() > core::limits::kReaderGroups)
    return wrong("has more than ", core::limits::kReaderGroups, " groups");
  if (said.name().empty() && said.groups_size() > 0) return wrong("has groups, and no name");
  Principal principal;
  principal.reads_only = true;
  principal.until = caller.until;
  if (said.name().empty()) {
    principal.name = kAnonymous;
    return principal;
  }
  const auto known = by_reader_.find(said.name());
  principal.name = known == by_reader_.end() ? NameOf(kOfReader, said.name()) : known->second;
  principal.groups.assign(said.groups().begin(), said.groups().end());
  return principal;
}

absl::StatusOr<Principal> Policy::Identify(const Shown& shown, absl::Time now) const {
  // TLS has looked when the connection began.
  if (now >= shown.certificate_until) return absl::UnauthenticatedError("the certificate has expired");
  if (!shown.authorization.empty()) {
    // Whoever shows something wrong is not taken for somebody else.
    if (!absl::StartsWithIgnoreCase(shown.authorization, core::ToAbsl(kBearer)))
      return absl::UnauthenticatedError("authorization: must be \"Bearer\" and a token or a key");
    if (!shown.encrypted)
      return absl::UnauthenticatedError(
          "authorization: tokens and keys are taken over TLS only, and this one has to be exchanged now");
    absl::StatusOr<Principal> bearer =
        IdentifyBearer(std::string_view(shown.authorization).substr(kBearer.size()), now);
    if (bearer.ok()) bearer->until = std::min(bearer->until, shown.certificate_until);
    return bearer;
  }
  Principal principal;
  principal.until = shown.certificate_until;
  const std::string_view certificate = NameIn(shown);
  const auto known = by_certificate_.find(certificate);
  if (certificate.empty()) {
    principal.name = kAnonymous;
  } else {
    principal.name = known == by_certificate_.end() ? NameOf(kOfCertificate, certificate) : known->second;
  }
  return principal;
}

absl::StatusOr<Principal> Policy::IdentifyBearer(std::string_view bearer, absl::Time now) const {
  Principal principal;
  if (StartsWith(bearer, kKeyPrefix)) {
    const auto known = by_key_.find(Sha256Of(bearer));
    if (known == by_key_.end()) return absl::UnauthenticatedError("the key is not known, or not any more");
    principal.name = known->second;
    return principal;
  }
  if (keys_ == nullptr) return absl::UnauthenticatedError("tokens are not taken here: access.yaml names no issuer");
  const v1::TokenIssuer& tokens = access_.tokens();
  absl::StatusOr<TokenClaims> claims =
      keys_->Verify(bearer, {tokens.issuer(), tokens.audience(), tokens.groups_claim()}, now);
  if (!claims.ok()) return claims.status();
  const auto known = by_subject_.find(claims->subject);
  principal.name = known == by_subject_.end() ? NameOf(kOfToken, claims->subject) : known->second;
  principal.groups = std::move(claims->groups);
  principal.until = claims->until;
  return principal;
}

bool Policy::Gives(const Principal& principal, const Rule& rule, Action action) {
  return std::any_of(rule.actions.begin(), rule.actions.end(), [&](Action given) {
    return (action == Action::ACTION_UNSPECIFIED || given == action) && (!principal.reads_only || IsReading(given));
  });
}

// What of the rule's actions is the principal's.
std::vector<Action> Policy::ActionsOf(const Principal& principal, const Rule& rule) {
  std::vector<Action> actions = rule.actions;
  if (principal.reads_only) std::erase_if(actions, [](Action action) { return !IsReading(action); });
  return actions;
}

// Calls `found` with each rule that gives the principal the action, until it says true. ACTION_UNSPECIFIED: any.
template <typename Found>
void Policy::ForEach(const Principal& principal, Action action, const Found& found) const {
  for (const Rule& rule : rules_) {
    const bool own = Has(rule.grant->principals(), principal.name) ||
                     std::any_of(principal.groups.begin(), principal.groups.end(),
                                 [&](const std::string& group) { return Has(rule.grant->groups(), group); });
    if (own && Gives(principal, rule, action) && found(rule)) return;
  }
}

Decision Policy::Decide(const Principal& principal, Action action, const Scope& scope) const {
  Decision decision{false, "no grant allows it"};
  ForEach(principal, action, [&](const Rule& rule) {
    if (Fits(*rule.grant, action, scope)) decision = {true, rule.place};
    return decision.allowed;
  });
  return decision;
}

bool Policy::MaySomewhere(const Principal& principal, Action action) const {
  bool may = false;
  ForEach(principal, action, [&](const Rule&) { return may = true; });
  return may;
}

bool Policy::MayInAllOf(const Principal& principal, Action action, std::string_view council) const {
  bool may = false;
  ForEach(principal, action, [&](const Rule& rule) {
    const v1::Grant& grant = *rule.grant;
    may = Fits(grant.councils(), council) && grant.directorates().empty() && grant.services().empty() &&
          grant.refs().empty() && (grant.sources().empty() || !HasSource(action));
    return may;
  });
  return may;
}

std::string Policy::RightsKeyOf(const Principal& principal) const {
  std::string key;
  ForEach(principal, Action::ACTION_UNSPECIFIED, [&](const Rule& rule) {
    v1::Grant bounds = *rule.grant;  // Whose it is says nothing of what it allows; a role's name neither.
    bounds.clear_principals();
    bounds.clear_groups();
    bounds.clear_role();
    v1::Role role;
    for (const Action action : ActionsOf(principal, rule)) role.add_actions(action);
    for (const std::string& part : {bounds.SerializeAsString(), role.SerializeAsString()})
      absl::StrAppend(&key, part.size(), ":", part);
    return false;
  });
  return key;
}

std::vector<std::string> Policy::RightsOf(const Principal& principal) const {
  std::vector<std::string> rights;
  ForEach(principal, Action::ACTION_UNSPECIFIED, [&](const Rule& rule) {
    std::vector<std::string> parts;
    const auto add = [&](absl::string_view what, const Names& names) {
      const auto append = [](std::string* out, const std::string& name) { out->append(InList(name)); };
      if (!names.empty()) parts.push_back(absl::StrCat(what, " ", absl::StrJoin(names, ", ", append)));
    };
    add("councils", rule.grant->councils());
    add("directorates", rule.grant->directorates());
    add("services", rule.grant->services());
    add("refs", rule.grant->refs());
    add("sources", rule.grant->sources());
    std::vector<std::string> actions;
    for (const Action action : ActionsOf(principal, rule)) actions.push_back(NameOf(action));
    rights.push_back(
        absl::StrCat(absl::StrJoin(actions, ", "), ": ", parts.empty() ? "everywhere" : absl::StrJoin(parts, "; ")));
    return false;
  });
  return rights;
}

std::vector<std::string> Policy::LimitsInWords() const {
  const v1::AccessLimits& most = limits();
  return {absl::StrCat(most.calls_per_second(), " calls a second"),
          absl::StrCat(most.readings_per_second(), " readings a second"),
          absl::StrCat(most.calls_under_way(), " calls under way"), absl::StrCat(most.open_streams(), " open streams"),
          absl::StrCat(most.open_watches(), " open watches")};
}

}  // namespace bellwether::access
