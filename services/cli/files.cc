#include "services/cli/files.h"

#include <openssl/sha.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "bellwether/core/text.h"

namespace bellwether::cli {

absl::StatusOr<std::string> ReadFile(const std::string& name) {
  if (name == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream in(name, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat(name, ": ", std::strerror(errno)));
  std::string content(std::istreambuf_iterator<char>(in), {});
  if (in.bad()) return absl::UnavailableError(absl::StrCat(name, ": ", std::strerror(errno)));
  return content;
}

absl::Status WriteFile(const std::string& name, std::string_view content) {
  const std::string part = name + ".part";
  std::ofstream out(part, std::ios::binary | std::ios::trunc);
  out << content;
  out.close();
  if (!out || std::rename(part.c_str(), name.c_str()) != 0) {
    return absl::UnavailableError(absl::StrCat(name, ": ", std::strerror(errno)));
  }
  return absl::OkStatus();
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
