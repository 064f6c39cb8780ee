// Who calls, and what may they do: what the file access.yaml (bellwether/v1/access.proto) comes to. Default deny. No
// transport, no clock.
#ifndef BELLWETHER_ACCESS_POLICY_H_
#define BELLWETHER_ACCESS_POLICY_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/v1/access.pb.h"
#include "bellwether/yaml/message.h"

namespace bellwether::access {

using v1::Action;

// What a caller shows of itself.
struct Shown {
  // Of a client certificate that TLS has verified; all empty: none.
  std::vector<std::string> uris;
  std::vector<std::string> dns_names;
  std::string common_name;
  // "Bearer ..." of the metadata "authorization": a token or a key. Empty: none.
  std::string authorization;
  // Nobody on the way can read it.
  bool encrypted = false;
  absl::Time certificate_until = absl::InfiniteFuture();  // When the certificate ends.
};

// One who calls.
struct Principal {
  std::string name;                           // As grants, the log and the audit say.
  std::vector<std::string> groups;            // That its token names.
  absl::Time until = absl::InfiniteFuture();  // When its certificate or its token ends.
  bool reads_only = false;                    // Whatever else is granted: a service of pages calls for it.
};
// Of those who show nothing.
inline constexpr std::string_view kAnonymous = "anonymous";

// What something is done to. A part that is empty is none: a grant that lists values for it does not fit.
struct Scope {
  std::string_view council;
  std::string_view directorate;
  std::string_view service;
  std::string_view ref;
  std::string_view source;
};

struct Decision {
  bool allowed = false;
  // Which line of the file decides: "access.yaml, line 12, column 5: grants[2]". Where nothing allows it: that. Lives
  // as long as the policy.
  std::string_view by;
};

class TokenKeys;

// One state of the file. Immutable, and so thread-safe.
class Policy {
 public:
  // Reads the file; `keys` is the text of its JWKS file, where it names one. Error: InvalidArgument, every mistake in a
  // line, with its place.
  static absl::StatusOr<std::shared_ptr<const Policy>> Parse(std::string_view text, std::string_view keys);
  // Which JWKS file the text names. Empty: none, or the text cannot be read.
  static std::string KeysFileIn(std::string_view text);
  ~Policy();

  // Who it is. Error: Unauthenticated: what was shown is wrong, too old, of another issuer, or may not be shown here;
  // the message never holds it.
  absl::StatusOr<Principal> Identify(const Shown& shown, absl::Time now) const;
  // For whom it calls: itself, or the reader that it names, where it may read for others. `reader`: a serialised
  // v1::Reader; absent: none is named. Error: Unauthenticated: it may not, or what it says cannot be read.
  absl::StatusOr<Principal> ForWhom(const Principal& caller, const std::optional<std::string>& reader) const;

  Decision Decide(const Principal& principal, Action action, const Scope& scope) const;
  // Whether there is any scope in which it may.
  bool MaySomewhere(const Principal& principal, Action action) const;
  // Whether it may so in all of the council: no grant of it is narrower.
  bool MayInAllOf(const Principal& principal, Action action, std::string_view council) const;
  // Equal for two who may do the same, and for them alone.
  std::string RightsKeyOf(const Principal& principal) const;
  // The same in words, a line each: "record, correct: councils E06000061; sources revenues". A name that holds a comma
  // or the like stands in quotes.
  std::vector<std::string> RightsOf(const Principal& principal) const;

  const std::string& contact() const { return access_.contact(); }
  // Of each principal. None is 0: where the file says nothing, the default.
  const v1::AccessLimits& limits() const { return access_.limits(); }
  // The same in words, a line each: "1000 calls a second".
  std::vector<std::string> LimitsInWords() const;

 private:
  struct Rule {
    const v1::Grant* grant;
    std::vector<Action> actions;
    std::string place;
  };

  Policy();
  std::vector<std::string> Check(const yaml::YamlPlaces& places);
  static bool Gives(const Principal& principal, const Rule& rule, Action action);
  static std::vector<Action> ActionsOf(const Principal& principal, const Rule& rule);
  template <typename Found>
  void ForEach(const Principal& principal, Action action, const Found& found) const;
  absl::StatusOr<Principal> IdentifyBearer(std::string_view bearer, absl::Time now) const;

  v1::Access access_;
  std::vector<Rule> rules_;
  std::map<std::string, std::string, std::less<>> by_certificate_;
  std::map<std::string, std::string, std::less<>> by_key_;  // By SHA-256 in lower-case hexadecimal digits.
  std::map<std::string, std::string, std::less<>> by_subject_;
  std::map<std::string, std::string, std::less<>> by_reader_;
  std::unique_ptr<const TokenKeys> keys_;  // Null: no tokens are taken.
};

// "record", "read": as the file says.
std::string NameOf(Action action);

}  // namespace bellwether::access

#endif  // BELLWETHER_ACCESS_POLICY_H_
