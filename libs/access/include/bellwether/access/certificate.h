// What stands in a certificate that somebody else has verified: TLS, or a proxy that ends it.
#ifndef BELLWETHER_ACCESS_CERTIFICATE_H_
#define BELLWETHER_ACCESS_CERTIFICATE_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/access/policy.h"

namespace bellwether::access {

// `escaped`: its PEM, where %XX stands for a byte, as nginx' $ssl_client_escaped_cert has it. Of what is shown only the
// names and the end are filled in. Error: InvalidArgument: it is no certificate.
absl::StatusOr<Shown> ShownIn(std::string_view escaped);
// When the first certificate of a PEM text ends. One that cannot be read has ended.
absl::Time EndOf(std::string_view pem);

}  // namespace bellwether::access

#endif  // BELLWETHER_ACCESS_CERTIFICATE_H_
