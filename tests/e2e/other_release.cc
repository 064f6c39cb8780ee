// Another release of the same code, for the test that replaces one by the other: linked before libs/program's own
// version.
#include "absl/strings/str_cat.h"
#include "bellwether/program/version.h"
#include "bellwether/rating/version.h"

namespace bellwether::program {

std::string_view Version() { return "0.0.1-other"; }
std::string_view Commit() { return "other"; }
std::string VersionText() { return absl::StrCat("0.0.1-other (commit other, rules ", rating::RulesVersion(), ")"); }

}  // namespace bellwether::program
