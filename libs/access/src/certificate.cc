#include "bellwether/access/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "bellwether/core/text.h"

namespace bellwether::access {
namespace {

struct Deleter {
  void operator()(BIO* p) const { BIO_free(p); }
  void operator()(X509* p) const { X509_free(p); }
  void operator()(GENERAL_NAMES* p) const { GENERAL_NAMES_free(p); }
};
template <typename T>
using Ptr = std::unique_ptr<T, Deleter>;

std::string Unescaped(std::string_view escaped) {
  std::string text;
  for (size_t i = 0; i < escaped.size(); ++i) {
    const bool is_byte = escaped[i] == '%' && i + 2 < escaped.size() &&
                         absl::ascii_isxdigit(static_cast<unsigned char>(escaped[i + 1])) &&
                         absl::ascii_isxdigit(static_cast<unsigned char>(escaped[i + 2]));
    if (is_byte) {
      text += absl::HexStringToBytes(core::ToAbsl(escaped.substr(i + 1, 2)));
      i += 2;
    } else {
      text += escaped[i];
    }
  }
  return text;
}

std::string TextOf(const ASN1_STRING* string) {
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                     static_cast<size_t>(ASN1_STRING_length(string)));
}

Ptr<X509> Read(std::string_view pem) {
  const Ptr<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Ptr<X509> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

absl::Time EndOf(const X509& certificate) {
  std::tm tm{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &tm) != 1) return absl::InfinitePast();
  return absl::FromTM(tm, absl::UTCTimeZone());
}

}  // namespace

absl::Time EndOf(std::string_view pem) {
  const Ptr<X509> certificate = Read(pem);
  return certificate == nullptr ? absl::InfinitePast() : EndOf(*certificate);
}

absl::StatusOr<Shown> ShownIn(std::string_view escaped) {
  const Ptr<X509> certificate = Read(Unescaped(escaped));
  if (certificate == nullptr) return absl::InvalidArgumentError("is no certificate");
  Shown shown;
  shown.certificate_until = EndOf(*certificate);
  const Ptr<GENERAL_NAMES> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_URI) shown.uris.push_back(TextOf(name->d.uniformResourceIdentifier));
    if (name->type == GEN_DNS) shown.dns_names.push_back(TextOf(name->d.dNSName));
  }
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  if (const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1); at >= 0) {
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (size > 0) shown.common_name.assign(reinterpret_cast<const char*>(utf8), static_cast<size_t>(size));
    OPENSSL_free(utf8);
  }
  return shown;
}

}  // namespace bellwether::access
