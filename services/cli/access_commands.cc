// whoami.
#include "bellwether/core/visible.h"
#include "services/cli/commands.h"

namespace bellwether::cli {

ExitCode WhoAmI(Context& context) {
  v1::WhoAmIResponse response;
  const grpc::Status s = context.client->query().WhoAmI(context.client->Context().get(), {}, &response);
  if (!s.ok()) return context.client->Report(s, *context.err);
  std::ostream& out = *context.out;
  if (response.principal().empty()) {
    out << "The services do not ask who calls: whoever reaches them may do everything.\n";
    return kDone;
  }
  out << "You are " << core::Visible(response.principal());
  if (response.rights().empty()) {
    out << ", and may do nothing.\n";
  } else {
    out << ". You may:\n";
    for (const std::string& right : response.rights()) out << "  " << core::Visible(right) << "\n";
  }
  if (response.limits_size() > 0) out << "Of each service you may have:\n";
  for (const std::string& limit : response.limits()) out << "  " << core::Visible(limit) << "\n";
  if (!response.contact().empty()) out << "For more, ask " << core::Visible(response.contact()) << ".\n";
  return kDone;
}

}  // namespace bellwether::cli
