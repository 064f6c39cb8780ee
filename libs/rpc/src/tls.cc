#include "bellwether/rpc/tls.h"

#include <arpa/inet.h>
#include <grpcpp/security/credentials.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "bellwether/access/file.h"
#include "bellwether/core/address.h"
#include "bellwether/core/files.h"
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
  app.add_option("--access", options.access.file, "access.yaml: who may do what; watched")
      ->envname("BELLWETHER_ACCESS");
  app.add_flag("--everyone-may", options.access.everyone_may,
               "Serve off loopback without access.yaml: whoever reaches the port may do everything")
      ->envname("BELLWETHER_EVERYONE_MAY");
}

namespace {

std::vector<std::string> CheckAccess(const AccessOptions& access, std::string_view flag, std::string_view address) {
  if (access.file.empty()) {
    if (access.everyone_may || IsLoopback(address)) return {};
    return {
        absl::StrCat(core::ToAbsl(flag), ": \"", core::ToAbsl(address),
                     "\" can be reached from other machines: give --access, or --everyone-may where whoever reaches "
                     "the port may do everything")};
  }
  if (access.everyone_may) return {"--everyone-may: not together with --access"};
  const absl::Status s = access::ReadPolicy(access.file).status();
  return s.ok() ? std::vector<std::string>() : std::vector<std::string>{absl::StrCat("--access: ", s.message())};
}

std::vector<std::string> CheckTls(const ServerTlsOptions& options, std::string_view flag, std::string_view address) {
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

}  // namespace

std::vector<std::string> CheckListen(const ServerTlsOptions& options, std::string_view flag, std::string_view address) {
  if (std::string wrong = program::CheckAddress(flag, address); !wrong.empty()) return {wrong};
  std::vector<std::string> wrong = CheckTls(options, flag, address);
  for (std::string& more : CheckAccess(options.access, flag, address)) wrong.push_back(std::move(more));
  return wrong;
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
  CLI::Option* key = app.add_option("--key-file", options.key_file, "File with the key that shows who calls")
                         ->envname("BELLWETHER_KEY_FILE");
  app.add_option("--token-file", options.token_file, "File with the token (JWT) that shows who calls")
      ->envname("BELLWETHER_TOKEN_FILE")
      ->excludes(key);
}

namespace {

// The secret of a file, of which nothing is told. Empty: there is no file.
absl::StatusOr<std::string> ReadSecret(const std::string& file) {
  if (file.empty()) return std::string();
  absl::StatusOr<std::string> text = core::ReadFile(file);
  if (!text.ok()) return absl::InvalidArgumentError(text.status().message());
  const std::string secret(absl::StripAsciiWhitespace(*text));
  const bool one = !secret.empty() && std::all_of(secret.begin(), secret.end(), absl::ascii_isgraph);
  if (!one) return absl::InvalidArgumentError(absl::StrCat(file, ": must hold a key or a token and nothing else"));
  return secret;
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> ClientCredentials(const ClientTlsOptions& options,
                                                                            std::string_view address) {
  const absl::StatusOr<std::string> secret =
      ReadSecret(options.key_file.empty() ? options.token_file : options.key_file);
  if (!secret.ok()) return secret.status();
  if (!options.files.enabled()) {
    if (!secret->empty()) return absl::InvalidArgumentError("a key or token travels over TLS only: give --tls-ca");
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
  const std::shared_ptr<grpc::ChannelCredentials> tls = grpc::SslCredentials(ssl);
  if (secret->empty()) return tls;
  return grpc::CompositeChannelCredentials(tls, grpc::AccessTokenCredentials(*secret));
}

}  // namespace bellwether::rpc
