// What comes from files, and ids for what is sent.
#ifndef BELLWETHER_SERVICES_CLI_FILES_H_
#define BELLWETHER_SERVICES_CLI_FILES_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace bellwether::cli {

// The whole file; "-" is standard input. Errors as of core::ReadFile.
absl::StatusOr<std::string> ReadInput(const std::string& name);
// The first 16 hexadecimal digits of the SHA-256 of the content.
std::string Digest(std::string_view content);
// An id that nothing else has: `prefix`, the time, and random digits.
std::string NewId(std::string_view prefix);

}  // namespace bellwether::cli

#endif  // BELLWETHER_SERVICES_CLI_FILES_H_
