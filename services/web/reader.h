// Who reads a page: as a proxy in front says that has signed the reader in. Nobody else is believed.
#ifndef BELLWETHER_SERVICES_WEB_READER_H_
#define BELLWETHER_SERVICES_WEB_READER_H_

#include <compare>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/web/http_server.h"

namespace bellwether::web {

// One who reads. Two who are equal see the same.
struct Reader {
  std::string name;                 // Empty: nobody who is signed in.
  std::vector<std::string> groups;  // In order, each once.

  auto operator<=>(const Reader&) const = default;
};

struct ReaderOptions {
  std::string header;  // That names the reader. Empty: readers have no names, and see what the service may.
  std::string
      groups_header;  // That names its groups, with "," between, which no group's name holds. Empty: none are taken.
  // Whom it is believed: from these addresses, and with a line of this file in kSecretHeader. One of the two at least.
  std::vector<std::string> proxies;
  std::string secret_file;
};

// Thread-safe.
class Readers {
 public:
  // What the proxy shows that has a secret.
  static constexpr char kSecretHeader[] = "Bellwether-Proxy-Secret";
  // So that a guess is none.
  static constexpr size_t kLeastSecretCharacters = 32;

  // Reads the file of secrets, once. Error: InvalidArgument, what is wrong, after the flag's name.
  static absl::StatusOr<Readers> Make(ReaderOptions options);

  // Whether readers have names.
  bool known() const { return !options_.header.empty(); }
  // The headers that Of reads.
  std::vector<std::string> Headers() const;
  // Who asks. What somebody else than the proxy says of it is not heard: that is a reader without a name. Error:
  // InvalidArgument: what the proxy says cannot be taken.
  absl::StatusOr<Reader> Of(const Request& request) const;
  const std::string& header() const { return options_.header; }

 private:
  bool IsProxy(const Request& request) const;

  ReaderOptions options_;
  std::vector<std::string> digests_;  // Of the secrets, SHA-256.
};

}  // namespace bellwether::web

#endif  // BELLWETHER_SERVICES_WEB_READER_H_
