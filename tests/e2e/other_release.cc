// Another release of the same code, for the test that replaces one by the other: linked before libs/rpc's own version.
#include "absl/strings/str_cat.h"
#include "bellwether/rating/version.h"
#include "bellwether/rpc/version.h"

namespace bellwether::rpc {

std::string_view Version() { return "0.0.1-other"; }
std::string_view Commit() { return "other"; }
std::string VersionText() { return absl::StrCat("0.0.1-other (commit other, rules ", rating::RulesVersion(), ")"); }

}  // namespace bellwether::rpc
