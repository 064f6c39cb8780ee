#include "services/admin/access.h"

#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "bellwether/access/file.h"
#include "bellwether/access/key.h"
#include "bellwether/core/ids.h"
#include "bellwether/core/text.h"
#include "bellwether/core/visible.h"
#include "bellwether/rpc/methods.h"

namespace bellwether::admin {
namespace {

using access::Action;

struct Asked {
  std::optional<Action> action;  // Absent: anybody may.
};

absl::StatusOr<Asked> ParseMethod(const std::string& text) {
  for (const rpc::MethodInfo& info : rpc::kMethods) {
    if (info.path == text || info.path.substr(info.path.rfind('/') + 1) == text) return Asked{info.needs};
  }
  for (int value = v1::Action_MIN + 1; value <= v1::Action_MAX; ++value) {
    if (v1::Action_IsValid(value) && access::NameOf(static_cast<Action>(value)) == text)
      return Asked{static_cast<Action>(value)};
  }
  return absl::InvalidArgumentError(
      absl::StrCat(core::Quoted(text, 60), " is neither a method, such as GetReport, nor an action, such as record"));
}

}  // namespace

void MakeKey(std::ostream& out) {
  const std::string key = access::NewKey();
  out << "key:        " << key << "\nkey_sha256: " << access::Sha256Of(key)
      << "\nGive the key to the feed, in a file that nobody else can read; put key_sha256 into access.yaml. It is "
         "shown this once.\n";
}

absl::Status CheckAccess(const std::string& file, std::ostream& out) {
  const auto policy = access::ReadPolicy(file);
  if (policy.ok()) out << core::Visible(file) << ": is good\n";
  return policy.status();
}

absl::StatusOr<bool> ExplainAccess(const AccessQuestion& question, std::ostream& out) {
  const absl::StatusOr<std::shared_ptr<const access::Policy>> policy = access::ReadPolicy(question.file);
  if (!policy.ok()) return policy.status();
  const absl::StatusOr<Asked> asked = ParseMethod(question.method);
  if (!asked.ok()) return asked.status();
  const size_t slash = question.scope.find('/');
  const std::string council = question.scope.substr(0, slash);
  const std::string ref = slash == std::string::npos ? "" : question.scope.substr(slash + 1);
  for (const absl::Status& s : {council.empty() ? absl::OkStatus() : core::CheckCouncil(council),
                                ref.empty() ? absl::OkStatus() : core::CheckRef(ref)}) {
    if (!s.ok()) return absl::InvalidArgumentError(absl::StrCat(core::Quoted(question.scope, 60), ": ", s.message()));
  }
  access::Principal principal;
  principal.name = question.principal;
  if (!question.group.empty()) principal.groups.push_back(question.group);
  access::Decision decision{true, "everybody may"};
  if (asked->action) {
    decision = (*policy)->Decide(principal, *asked->action,
                                 {council, question.directorate, question.service, ref, question.source});
  }
  out << (decision.allowed ? "allowed: " : "refused: ") << core::Visible(decision.by) << "\n";
  return decision.allowed;
}

}  // namespace bellwether::admin
