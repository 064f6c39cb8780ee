#include "bellwether/rpc/tls.h"

#include <arpa/inet.h>
#include <grpcpp/security/credentials.h>

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "bellwether/core/address.h"
#include "bellwether/core/text.h"
#include "bellwether/program/flags.h"
#include "tls_material.h"

namespace bellwether::rpc {

void AddTlsFlags(CLI::App& app, ServerTlsOptions& options) {
  app.add_option("--tls-certificate", options.files.certificate, "PEM file: certificate of the server, and its chain")
      ->envname("BELLWETHER_TLS_CERTIFICATE");
  app.add_option("--tls-key", options.files.key, "PEM file: its private key")->envname("BELLWETHER_TLS_KEY");
  app.add_option("--tls-client-ca", options.files.authority,
                 "PEM file: authority of the clients' certificates, which are then demanded")
      ->envname("BELLWETHER_TLS_CLIENT_CA");
  app.add_flag("--insecure-plaintext", options.insecure_plaintext,
               "Serve without TLS off loopback, because a proxy before the service does it")
      ->envname("BELLWETHER_INSECURE_PLAINTEXT");
}

std::vector<std::string> CheckListen(const ServerTlsOptions& options, std::string_view flag, std::string_view address) {
  if (std::string wrong = program::CheckAddress(flag, address); !wrong.empty()) return {wrong};
  if (!options.files.enabled()) {
    if (options.insecure_plaintext || IsLoopback(address)) return {};
    return {absl::StrCat(core::ToAbsl(flag), ": \"", core::ToAbsl(address),
                         "\" can be reached from other machines: give --tls-certificate and --tls-key, or "
                         "--insecure-plaintext where a proxy does TLS")};
  }
  if (options.insecure_plaintext)
    return {"--insecure-plaintext: not together with --tls-certificate, --tls-key, --tls-client-ca"};
  const absl::StatusOr<Material> material = GoodMaterial(options.files);
  if (!material.ok()) return {absl::StrCat("TLS: ", material.status().message())};
  if (material->certificate.empty()) return {"--tls-client-ca: needs --tls-certificate and --tls-key"};
  return {};
}

bool IsLoopback(std::string_view address) {
  const std::optional<core::Address> parsed = core::ParseAddress(address);
  const std::string host = parsed ? parsed->host : std::string(address);
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
  return host == "localhost" || host == "[::1]";
}

void AddClientTlsFlags(CLI::App& app, ClientTlsOptions& options) {
  app.add_option("--tls-ca", options.files.authority, "PEM file: authority of the servers' certificates; turns TLS on")
      ->envname("BELLWETHER_TLS_CA");
  app.add_option("--tls-certificate", options.files.certificate, "PEM file: own certificate, where servers demand one")
      ->envname("BELLWETHER_TLS_CERTIFICATE");
  app.add_option("--tls-key", options.files.key, "PEM file: its private key")->envname("BELLWETHER_TLS_KEY");
  app.add_flag("--insecure-plaintext", options.insecure_plaintext, "Call without TLS off loopback")
      ->envname("BELLWETHER_INSECURE_PLAINTEXT");
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> ClientCredentials(const ClientTlsOptions& options,
                                                                            std::string_view address) {
  if (!options.files.enabled()) {
    if (options.insecure_plaintext || IsLoopback(address)) return grpc::InsecureChannelCredentials();
    return absl::InvalidArgumentError(absl::StrCat("\"", core::ToAbsl(address),
                                                   "\" is on another machine: give --tls-ca, or --insecure-plaintext "
                                                   "if readings may travel in the clear"));
  }
  const absl::StatusOr<Material> material = GoodMaterial(options.files);
  if (!material.ok()) return material.status();
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = material->authority;
  ssl.pem_cert_chain = material->certificate;
  ssl.pem_private_key = material->key;
  return grpc::SslCredentials(ssl);
}

}  // namespace bellwether::rpc
