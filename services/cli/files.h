// Files in and out, and ids for what is sent.
#ifndef BELLWETHER_SERVICES_CLI_FILES_H_
#define BELLWETHER_SERVICES_CLI_FILES_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bellwether::cli {

// The whole file; "-" is standard input. Error: with the file's name and the reason.
absl::StatusOr<std::string> ReadFile(const std::string& name);
// Writes the whole file, through a new file beside it that takes its place.
absl::Status WriteFile(const std::string& name, std::string_view content);
// The first 16 hexadecimal digits of the SHA-256 of the content.
std::string Digest(std::string_view content);
// An id that nothing else has: `prefix`, the time, and random digits.
std::string NewId(std::string_view prefix);

}  // namespace bellwether::cli

#endif  // BELLWETHER_SERVICES_CLI_FILES_H_
