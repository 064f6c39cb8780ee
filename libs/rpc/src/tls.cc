#include "bellwether/rpc/tls.h"

#include <arpa/inet.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bellwether/core/text.h"
#include "bellwether/rpc/service_main.h"
#include "bellwether/telemetry/metrics.h"

namespace bellwether::rpc {
namespace {

namespace fs = std::filesystem;

constexpr absl::Duration kInterval = absl::Seconds(1);

struct OpenSslDeleter {
  void operator()(BIO* p) const { BIO_free(p); }
  void operator()(X509* p) const { X509_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
};
template <typename T>
using OpenSslPtr = std::unique_ptr<T, OpenSslDeleter>;

OpenSslPtr<BIO> BioOf(const std::string& text) {
  return OpenSslPtr<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

OpenSslPtr<X509> FirstCertificate(const std::string& pem) {
  const OpenSslPtr<BIO> bio = BioOf(pem);
  OpenSslPtr<X509> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

absl::Time ExpiryOf(const X509& certificate) {
  std::tm tm{};
  ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &tm);
  return absl::FromCivil(
      absl::CivilSecond(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec),
      absl::UTCTimeZone());
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.good() && !file.eof()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", std::strerror(errno)));
  if (text.empty()) return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read, or is empty"));
  return text;
}

// What the files hold.
struct Material {
  std::string certificate;
  std::string key;
  std::string authority;  // Empty: none is wanted.
  absl::Time expiry;

  bool SameAs(const Material& other) const {
    return certificate == other.certificate && key == other.key && authority == other.authority;
  }
};

absl::StatusOr<Material> ReadMaterial(const TlsFiles& files) {
  Material material;
  for (const auto& [path, text] :
       {std::pair(&files.certificate, &material.certificate), std::pair(&files.key, &material.key),
        std::pair(&files.authority, &material.authority)}) {
    if (path->empty()) continue;
    absl::StatusOr<std::string> read = ReadFile(*path);
    if (!read.ok()) return read.status();
    *text = *std::move(read);
  }
  return material;
}

// OK if key and certificate belong together and can be used; sets `expiry`.
absl::Status CheckMaterial(const TlsFiles& files, Material& material) {
  if (material.certificate.empty() != material.key.empty()) {
    return absl::InvalidArgumentError("--tls-certificate and --tls-key: give both");
  }
  if (!material.authority.empty() && FirstCertificate(material.authority) == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(files.authority, ": holds no PEM certificate"));
  }
  if (material.certificate.empty()) return absl::OkStatus();
  const OpenSslPtr<X509> certificate = FirstCertificate(material.certificate);
  if (certificate == nullptr)
    return absl::InvalidArgumentError(absl::StrCat(files.certificate, ": holds no PEM certificate"));
  const OpenSslPtr<BIO> bio = BioOf(material.key);
  const OpenSslPtr<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  const bool fits = key != nullptr && X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (key == nullptr) return absl::InvalidArgumentError(absl::StrCat(files.key, ": holds no PEM private key"));
  if (!fits) {
    return absl::InvalidArgumentError(
        absl::StrCat(files.key, ": is not the private key of the certificate in ", files.certificate));
  }
  material.expiry = ExpiryOf(*certificate);
  if (material.expiry <= absl::Now()) {
    return absl::InvalidArgumentError(
        absl::StrCat(files.certificate, ": expired at ", absl::FormatTime(material.expiry)));
  }
  return absl::OkStatus();
}

absl::StatusOr<Material> GoodMaterial(const TlsFiles& files) {
  absl::StatusOr<Material> material = ReadMaterial(files);
  if (!material.ok()) return material;
  if (absl::Status s = CheckMaterial(files, *material); !s.ok()) return s;
  return material;
}

// gRPC's own file watcher takes whatever it finds, and one key that does not fit stops every handshake. So it watches
// a private folder into which only what fits is put, all of it at once.
class StagedCertificate : public ServerCertificate {
 public:
  explicit StagedCertificate(TlsFiles files)
      : files_(std::move(files)),
        expiry_(telemetry::GaugeOf("bellwether_tls_certificate_expiry_timestamp_seconds",
                                   "When the certificate that is served expires")),
        usable_(telemetry::GaugeOf("bellwether_tls_certificate_usable",
                                   "0: the certificate files do not fit together, the last good ones are served")) {}

  ~StagedCertificate() override {
    if (thread_.joinable()) {
      {
        const absl::MutexLock lock(&mutex_);
        stop_ = true;
      }
      thread_.join();
    }
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }

  absl::Status Begin() {
    absl::StatusOr<Material> material = GoodMaterial(files_);
    if (!material.ok()) return material.status();
    if (material->certificate.empty()) return absl::InvalidArgumentError("--tls-client-ca: needs --tls-certificate");
    std::string pattern = (fs::temp_directory_path() / "bellwether-tls-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr)  // For this user alone.
      return absl::InvalidArgumentError(
          absl::StrCat("TLS: no folder in ", fs::temp_directory_path().string(), ": ", std::strerror(errno)));
    folder_ = pattern;
    if (absl::Status s = Publish(*std::move(material)); !s.ok()) return s;
    thread_ = std::thread([this] { Watch(); });
    return absl::OkStatus();
  }

  std::shared_ptr<grpc::ServerCredentials> credentials() const override {
    using grpc::experimental::FileWatcherCertificateProvider;
    const fs::path current = folder_ / "current";
    const bool mutual = !files_.authority.empty();
    const auto provider =
        mutual ? std::make_shared<FileWatcherCertificateProvider>(current / "key.pem", current / "certificate.pem",
                                                                  current / "authority.pem", 1)
               : std::make_shared<FileWatcherCertificateProvider>(current / "key.pem", current / "certificate.pem", 1);
    grpc::experimental::TlsServerCredentialsOptions options(provider);
    options.watch_identity_key_cert_pairs();
    if (mutual) options.watch_root_certs();
    options.set_cert_request_type(mutual ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                         : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
    return grpc::experimental::TlsServerCredentials(options);
  }

 private:
  absl::Status Publish(Material material) {
    const std::string version = absl::StrCat("v", ++versions_);
    std::error_code error;
    fs::create_directory(folder_ / version, error);
    for (const auto& [name, text] :
         {std::pair("key.pem", &material.key), std::pair("certificate.pem", &material.certificate),
          std::pair("authority.pem", &material.authority)}) {
      std::ofstream file(folder_ / version / name, std::ios::binary);
      file << *text;
      file.close();
      if (!file) return absl::InvalidArgumentError(absl::StrCat("TLS: cannot write in ", folder_.string()));
    }
    fs::create_symlink(version, folder_ / "next", error);
    if (!error) fs::rename(folder_ / "next", folder_ / "current", error);
    if (error) return absl::InvalidArgumentError(absl::StrCat("TLS: ", folder_.string(), ": ", error.message()));
    std::error_code ignored;  // The version before may be just being read.
    if (versions_ > 2) fs::remove_all(folder_ / absl::StrCat("v", versions_ - 2), ignored);
    expiry_.Set(absl::ToDoubleSeconds(material.expiry - absl::UnixEpoch()));
    usable_.Set(1);
    served_ = std::move(material);
    return absl::OkStatus();
  }

  void Watch() {
    std::string trouble;
    while (true) {
      {
        const absl::MutexLock lock(&mutex_);
        if (mutex_.AwaitWithTimeout(absl::Condition(&stop_), kInterval)) return;
      }
      absl::StatusOr<Material> material = ReadMaterial(files_);
      absl::Status s = material.status();
      if (s.ok() && material->SameAs(served_)) {
        trouble.clear();
        usable_.Set(1);
        continue;
      }
      if (s.ok()) s = CheckMaterial(files_, *material);
      if (s.ok()) s = Publish(*std::move(material));
      if (s.ok()) {
        spdlog::info("TLS: the certificate was replaced; the new one expires at {}",
                     absl::FormatTime(served_.expiry, absl::UTCTimeZone()));
      } else if (trouble != s.message()) {  // While files are being exchanged this may be so for a moment.
        spdlog::warn("TLS: the new files are not taken, the last good ones are served: {}", std::string(s.message()));
        usable_.Set(0);
      }
      trouble = std::string(s.message());
    }
  }

  const TlsFiles files_;
  prometheus::Gauge& expiry_;
  prometheus::Gauge& usable_;
  fs::path folder_;
  int versions_ = 0;
  Material served_;
  absl::Mutex mutex_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace

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
  if (std::string wrong = CheckAddress(flag, address); !wrong.empty()) return {wrong};
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
  const std::string host(address.substr(0, address.rfind(':')));
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
  return host == "localhost" || host == "[::1]";
}

absl::StatusOr<std::unique_ptr<ServerCertificate>> ServerCertificate::Load(const TlsFiles& files) {
  auto certificate = std::make_unique<StagedCertificate>(files);
  if (absl::Status s = certificate->Begin(); !s.ok()) return s;
  return certificate;
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
