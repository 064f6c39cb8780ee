// The names in a certificate that somebody else has verified, such as a proxy that ends TLS.
#ifndef BELLWETHER_ACCESS_CERTIFICATE_H_
#define BELLWETHER_ACCESS_CERTIFICATE_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "bellwether/access/policy.h"

namespace bellwether::access {

// `escaped`: its PEM, where %XX stands for a byte, as nginx' $ssl_client_escaped_cert has it. Of what is shown only the
// names are filled in. Error: InvalidArgument: it is no certificate.
absl::StatusOr<Shown> NamesIn(std::string_view escaped);

}  // namespace bellwether::access

#endif  // BELLWETHER_ACCESS_CERTIFICATE_H_
