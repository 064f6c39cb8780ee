#include "tls_material.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bellwether/core/files.h"

namespace bellwether::rpc {
namespace {

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

}  // namespace

absl::StatusOr<Material> ReadMaterial(const TlsFiles& files) {
  Material material;
  for (const auto& [path, text] :
       {std::pair(&files.certificate, &material.certificate), std::pair(&files.key, &material.key),
        std::pair(&files.authority, &material.authority)}) {
    if (path->empty()) continue;
    absl::StatusOr<std::string> read = core::ReadFile(*path);
    if (!read.ok()) return absl::InvalidArgumentError(read.status().message());
    if (read->empty()) return absl::InvalidArgumentError(absl::StrCat(*path, ": is empty"));
    *text = *std::move(read);
  }
  return material;
}

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

}  // namespace bellwether::rpc
