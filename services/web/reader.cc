#include "services/web/reader.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bellwether/core/files.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/text.h"
#include "bellwether/telemetry/log.h"
#include "bellwether/telemetry/metrics.h"

namespace bellwether::web {
namespace {

namespace limits = core::limits;

// Of both: beside what else a call has, gRPC's 8 KiB of metadata hold them in base64.
constexpr size_t kMostBytesInAll = 5'000;

// As the system writes it. Empty: it is none.
std::string AddressOf(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  std::array<char, INET6_ADDRSTRLEN> written{};
  for (const int family : {AF_INET, AF_INET6}) {
    if (inet_pton(family, text.c_str(), bytes.data()) == 1)
      return inet_ntop(family, bytes.data(), written.data(), written.size());
  }
  return "";
}

std::string Sha256(std::string_view text) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

bool IsHeader(const std::string& name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return absl::ascii_isalnum(c) || c == '-'; });
}

std::vector<std::string> ValuesOf(const Request& request, const std::string& header) {
  std::vector<std::string> values;
  for (const auto& [name, value] : request.headers) {
    if (absl::EqualsIgnoreCase(name, header)) values.emplace_back(absl::StripAsciiWhitespace(value));
  }
  return values;
}

absl::Status CheckTaken(std::string_view what, const std::string& text) {
  if (text.size() <= limits::kReaderBytes && core::CharacterCount(text) >= 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(core::ToAbsl(what), " is no UTF-8 of at most ", limits::kReaderBytes, " bytes"));
}

}  // namespace

absl::StatusOr<Readers> Readers::Make(ReaderOptions options) {
  Readers readers;
  if (options.header.empty()) {
    if (!options.groups_header.empty() || !options.proxies.empty() || !options.secret_file.empty())
      return absl::InvalidArgumentError(
          "--reader-header: is missing: which header names the reader that the other --reader flags are about");
    return readers;
  }
  for (const auto& [flag, header] :
       {std::pair("--reader-header", &options.header), std::pair("--reader-groups-header", &options.groups_header)}) {
    if (!header->empty() && (!IsHeader(*header) || absl::EqualsIgnoreCase(*header, kSecretHeader)))
      return absl::InvalidArgumentError(absl::StrCat(flag, ": \"", *header, "\" is no header that can name a reader"));
  }
  if (options.proxies.empty() && options.secret_file.empty())
    return absl::InvalidArgumentError(
        "--reader-header: whoever reaches the pages could name any reader: say from whom names are taken, by "
        "--reader-proxy or --reader-secret-file");
  for (std::string& proxy : options.proxies) {
    std::string address = AddressOf(proxy);
    if (address.empty())
      return absl::InvalidArgumentError(
          absl::StrCat("--reader-proxy: \"", proxy, "\" is no address, such as 127.0.0.1 or ::1"));
    proxy = std::move(address);
  }
  if (!options.secret_file.empty()) {
    absl::StatusOr<std::string> text = core::ReadFile(options.secret_file);
    if (!text.ok()) return absl::InvalidArgumentError(absl::StrCat("--reader-secret-file: ", text.status().message()));
    for (const auto& line : absl::StrSplit(*text, '\n')) {
      const absl::string_view secret = absl::StripAsciiWhitespace(line);
      if (secret.empty()) continue;
      if (secret.size() < kLeastSecretCharacters)
        return absl::InvalidArgumentError(absl::StrCat("--reader-secret-file: a secret has at least ",
                                                       kLeastSecretCharacters, " characters: openssl rand -hex 32"));
      readers.digests_.push_back(Sha256(std::string(secret)));
    }
    if (readers.digests_.empty())
      return absl::InvalidArgumentError(absl::StrCat("--reader-secret-file: ", options.secret_file, " is empty"));
  }
  readers.options_ = std::move(options);
  return readers;
}

std::vector<std::string> Readers::Headers() const {
  if (!known()) return {};
  return {options_.header, options_.groups_header, kSecretHeader};
}

bool Readers::IsProxy(const Request& request) const {
  const std::vector<std::string>& proxies = options_.proxies;
  if (!proxies.empty() && std::find(proxies.begin(), proxies.end(), request.peer) == proxies.end()) return false;
  if (digests_.empty()) return true;
  const std::vector<std::string> shown = ValuesOf(request, kSecretHeader);
  if (shown.size() != 1) return false;
  const std::string digest = Sha256(shown[0]);
  bool right = false;  // Each is looked at, so that time tells nothing.
  for (const std::string& own : digests_) right |= CRYPTO_memcmp(own.data(), digest.data(), digest.size()) == 0;
  return right;
}

absl::StatusOr<Reader> Readers::Of(const Request& request) const {
  Reader reader;
  if (!known()) return reader;
  const std::vector<std::string> names = ValuesOf(request, options_.header);
  if (!IsProxy(request)) {
    if (names.empty()) return reader;
    telemetry::CounterOf("bellwether_web_names_not_believed_total",
                         "Requests that named a reader, and did not come from the proxy that may")
        .Increment();
    static telemetry::LogLimit limit;
    if (limit.Take()) telemetry::LogWarning("a reader's name was not believed", {{"peer", request.peer}});
    return reader;
  }
  // Of two one is perhaps the caller's own.
  if (names.size() > 1) return absl::InvalidArgumentError(absl::StrCat(options_.header, " is there twice"));
  if (names.empty() || names[0].empty()) return reader;
  if (absl::Status s = CheckTaken("the name", names[0]); !s.ok()) return s;
  reader.name = names[0];
  const std::vector<std::string> groups = ValuesOf(request, options_.groups_header);
  if (groups.size() > 1) return absl::InvalidArgumentError(absl::StrCat(options_.groups_header, " is there twice"));
  for (const std::string& value : groups) {
    for (const auto& group : absl::StrSplit(value, ',')) {
      std::string text(absl::StripAsciiWhitespace(group));
      if (absl::Status s = CheckTaken("a group", text); !s.ok()) return s;
      if (!text.empty()) reader.groups.push_back(std::move(text));
    }
  }
  std::sort(reader.groups.begin(), reader.groups.end());
  reader.groups.erase(std::unique(reader.groups.begin(), reader.groups.end()), reader.groups.end());
  size_t bytes = reader.name.size();
  for (const std::string& group : reader.groups) bytes += group.size();
  if (reader.groups.size() > limits::kReaderGroups || bytes > kMostBytesInAll)
    return absl::InvalidArgumentError(absl::StrCat("there are more than ", limits::kReaderGroups,
                                                   " groups, or they have more than ", kMostBytesInAll, " bytes"));
  return reader;
}

}  // namespace bellwether::web
