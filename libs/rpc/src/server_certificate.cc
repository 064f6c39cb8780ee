#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpcpp/security/server_credentials.h>
#include <spdlog/spdlog.h>

#include <list>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/rpc/tls.h"
#include "bellwether/telemetry/metrics.h"
#include "tls_material.h"

namespace bellwether::rpc {
namespace {

constexpr absl::Duration kInterval = absl::Seconds(1);

// gRPC's C++ library can exchange a certificate only through files that it watches; its C library asks for it at each
// handshake, so that the key is nowhere but in memory and in the operator's own file.
class AskedCredentials : public grpc::ServerCredentials {
 public:
  // Takes `credentials` over.
  explicit AskedCredentials(grpc_server_credentials* credentials) : credentials_(credentials) {}
  ~AskedCredentials() override { grpc_server_credentials_release(credentials_); }
  AskedCredentials(const AskedCredentials&) = delete;
  AskedCredentials& operator=(const AskedCredentials&) = delete;
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}  // There is none.

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  grpc_server_credentials* const credentials_;
};

class WatchedCertificate : public ServerCertificate {
 public:
  WatchedCertificate(TlsFiles files, bool demand)
      : files_(std::move(files)),
        demand_(demand),
        expiry_(telemetry::GaugeOf("bellwether_tls_certificate_expiry_timestamp_seconds",
                                   "When the certificate that is served expires")),
        usable_(telemetry::GaugeOf("bellwether_tls_certificate_usable",
                                   "0: the certificate files do not fit together, the last good ones are served")) {}

  ~WatchedCertificate() override {
    if (!thread_.joinable()) return;
    {
      const core::MutexLock lock(mutex_);
      stop_ = true;
      stopped_.NotifyAll();
    }
    thread_.join();
  }

  absl::Status Begin() {
    absl::StatusOr<Material> material = GoodMaterial(files_);
    if (!material.ok()) return material.status();
    if (material->certificate.empty()) return absl::InvalidArgumentError("--tls-client-ca: needs --tls-certificate");
    Serve(*std::move(material));
    thread_ = std::thread([this] { Watch(); });
    return absl::OkStatus();
  }

  std::shared_ptr<grpc::ServerCredentials> credentials() override {
    Asker* asker = nullptr;
    {
      const core::MutexLock lock(mutex_);
      asker = &askers_.emplace_back(Asker{this});
    }
    return std::make_shared<AskedCredentials>(
        grpc_ssl_server_credentials_create_with_options(grpc_ssl_server_credentials_create_options_using_config_fetcher(
            files_.authority.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
            : demand_                ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                     : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY,
            &WatchedCertificate::Ask, asker)));
  }

 private:
  // A server that asks, and which version it was given.
  struct Asker {
    WatchedCertificate* certificate;
    int version = 0;
  };

  // At the beginning of each handshake.
  static grpc_ssl_certificate_config_reload_status Ask(void* who, grpc_ssl_server_certificate_config** answer) {
    Asker& asker = *static_cast<Asker*>(who);
    WatchedCertificate& self = *asker.certificate;
    const core::MutexLock lock(self.mutex_);
    if (asker.version == self.version_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    const grpc_ssl_pem_key_cert_pair pair = {self.served_.key.c_str(), self.served_.certificate.c_str()};
    // gRPC 1.51.1 insists on an authority even where no caller is asked for a certificate: it is not looked at then.
    const std::string& authority = self.served_.authority.empty() ? self.served_.certificate : self.served_.authority;
    *answer = grpc_ssl_server_certificate_config_create(authority.c_str(), &pair, 1);
    asker.version = self.version_;
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  void Serve(Material material) {
    expiry_.Set(absl::ToDoubleSeconds(material.expiry - absl::UnixEpoch()));
    usable_.Set(1);
    const core::MutexLock lock(mutex_);
    served_ = std::move(material);
    ++version_;
  }

  bool IsServed(const Material& material) {
    const core::MutexLock lock(mutex_);
    return material.SameAs(served_);
  }

  void Watch() {
    std::string trouble;
    while (true) {
      {
        const core::MutexLock lock(mutex_);
        if (stopped_.WaitUntil(mutex_, core::SteadyTime::Now() + kInterval,
                               [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_; }))
          return;
      }
      absl::StatusOr<Material> material = ReadMaterial(files_);
      absl::Status s = material.status();
      if (s.ok() && IsServed(*material)) {
        trouble.clear();
        usable_.Set(1);
        continue;
      }
      if (s.ok()) s = CheckMaterial(files_, *material);
      if (s.ok()) {
        const absl::Time expiry = material->expiry;
        Serve(*std::move(material));
        spdlog::info("TLS: the certificate was replaced; the new one expires at {}",
                     absl::FormatTime(expiry, absl::UTCTimeZone()));
      } else if (trouble != s.message()) {  // While files are being exchanged this may be so for a moment.
        spdlog::warn("TLS: the new files are not taken, the last good ones are served: {}", std::string(s.message()));
        usable_.Set(0);
      }
      trouble = std::string(s.message());
    }
  }

  const TlsFiles files_;
  const bool demand_;
  prometheus::Gauge& expiry_;
  prometheus::Gauge& usable_;
  core::Mutex mutex_;
  Material served_ ABSL_GUARDED_BY(mutex_);
  int version_ ABSL_GUARDED_BY(mutex_) = 0;
  std::list<Asker> askers_ ABSL_GUARDED_BY(mutex_);  // What they hold as well.
  core::CondVar stopped_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ServerCertificate>> ServerCertificate::Load(const TlsFiles& files, bool demand) {
  auto certificate = std::make_unique<WatchedCertificate>(files, demand);
  if (absl::Status s = certificate->Begin(); !s.ok()) return s;
  return certificate;
}

}  // namespace bellwether::rpc
