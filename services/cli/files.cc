#include "services/cli/files.h"

#include <openssl/sha.h>

#include <random>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "bellwether/core/files.h"
#include "bellwether/core/text.h"

namespace bellwether::cli {

absl::StatusOr<std::string> ReadInput(const std::string& name) {
  return name == "-" ? core::ReadStandardInput() : core::ReadFile(name);
}

std::string Digest(std::string_view content) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), 8));
}

std::string NewId(std::string_view prefix) {
  std::random_device random;
  return absl::StrCat(core::ToAbsl(prefix), "-", absl::FormatTime("%Y%m%dT%H%M%S", absl::Now(), absl::UTCTimeZone()),
                      "-", absl::StrFormat("%08x", random()));
}

}  // namespace bellwether::cli
