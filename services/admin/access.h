// What operators ask of access.yaml, without a service.
#ifndef BELLWETHER_SERVICES_ADMIN_ACCESS_H_
#define BELLWETHER_SERVICES_ADMIN_ACCESS_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bellwether::admin {

// Writes a new key and, for access.yaml, its digest.
void MakeKey(std::ostream& out);

// Writes what the file is. Error: InvalidArgument, everything that is wrong with it.
absl::Status CheckAccess(const std::string& file, std::ostream& out);

struct AccessQuestion {
  std::string file;
  std::string principal;
  std::string group;   // That a token of it names. Empty: none.
  std::string method;  // "GetReport", or an action: "record".
  std::string scope;   // "E06000061" or "E06000061/T11". Empty: none.
  std::string directorate;
  std::string service;
  std::string source;
};
// Writes the decision, with the line of the file that makes it. Whether it is allowed. Error: InvalidArgument: the
// file, or what is asked, is wrong.
absl::StatusOr<bool> ExplainAccess(const AccessQuestion& question, std::ostream& out);

}  // namespace bellwether::admin

#endif  // BELLWETHER_SERVICES_ADMIN_ACCESS_H_
