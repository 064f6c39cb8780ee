// How servers and clients of gRPC meet: TLS from files, who may call, and the rule that neither is left out but on
// loopback.
#ifndef BELLWETHER_RPC_TLS_H_
#define BELLWETHER_RPC_TLS_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace CLI {
class App;
}
namespace grpc {
class ChannelCredentials;
class ServerCredentials;
}  // namespace grpc

namespace bellwether::rpc {

// PEM files. All empty: no TLS.
struct TlsFiles {
  std::string certificate;  // The own certificate and what leads to the authority.
  std::string key;          // Its private key.
  // Of a server: the authority of clients' certificates, which it then demands (mutual TLS), or with access.yaml asks
  // for. Of a client: the authority of the server's.
  std::string authority;

  bool enabled() const { return !certificate.empty() || !key.empty() || !authority.empty(); }
};

// Who may call a server.
struct AccessOptions {
  std::string file;           // access.yaml. Empty: whoever reaches the port may do everything.
  bool everyone_may = false;  // That is meant, off loopback too.
};

// A server's flags: --tls-certificate, --tls-key, --tls-client-ca, --insecure-plaintext, --access, --everyone-may.
struct ServerTlsOptions {
  TlsFiles files;
  bool insecure_plaintext = false;  // A proxy before the service does TLS.
  AccessOptions access{};
};
void AddTlsFlags(CLI::App& app, ServerTlsOptions& options);
// What is wrong with where and how a server shall listen, a line each: an address that is not HOST:PORT, files that
// cannot be read or do not belong together, a certificate that has expired, an address off loopback in plaintext, or
// without access.yaml.
// `flag` gave `address`.
std::vector<std::string> CheckListen(const ServerTlsOptions& options, std::string_view flag, std::string_view address);

// Whether HOST:PORT can be reached from this machine alone.
bool IsLoopback(std::string_view address);

// The certificate that a server shows, kept in step with its files: looked at every second, and taken over only when
// they fit together. It is kept in memory alone. Until then the last good ones are served (metrics:
// bellwether_tls_certificate_usable, bellwether_tls_certificate_expiry_timestamp_seconds). Thread-safe.
class ServerCertificate {
 public:
  // `demand`: where there is an authority, callers without a certificate are not taken. Error: InvalidArgument, what is
  // wrong with the files.
  static absl::StatusOr<std::unique_ptr<ServerCertificate>> Load(const TlsFiles& files, bool demand = true);
  virtual ~ServerCertificate() = default;
  // For servers that this object outlives.
  virtual std::shared_ptr<grpc::ServerCredentials> credentials() = 0;
};

// A client's flags: --tls-ca, --tls-certificate, --tls-key, --insecure-plaintext, --key-file, --token-file.
struct ClientTlsOptions {
  TlsFiles files;
  bool insecure_plaintext = false;
  // What shows who calls, beside a certificate, in a file with nothing else in it. At most one.
  std::string key_file{};
  std::string token_file{};
};
void AddClientTlsFlags(CLI::App& app, ClientTlsOptions& options);
// Error: InvalidArgument, such as an address off loopback without TLS, or a key or token without.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> ClientCredentials(const ClientTlsOptions& options,
                                                                            std::string_view address);

}  // namespace bellwether::rpc

#endif  // BELLWETHER_RPC_TLS_H_
