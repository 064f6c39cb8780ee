// What TLS files hold, and whether it can be used.
#ifndef BELLWETHER_RPC_TLS_MATERIAL_H_
#define BELLWETHER_RPC_TLS_MATERIAL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/rpc/tls.h"

namespace bellwether::rpc {

struct Material {
  std::string certificate;
  std::string key;
  std::string authority;  // Empty: none is wanted.
  absl::Time expiry;

  bool SameAs(const Material& other) const {
    return certificate == other.certificate && key == other.key && authority == other.authority;
  }
};

// Error: InvalidArgument, which file cannot be read.
absl::StatusOr<Material> ReadMaterial(const TlsFiles& files);
// OK if key and certificate belong together and can be used; sets `expiry`. Error: InvalidArgument.
absl::Status CheckMaterial(const TlsFiles& files, Material& material);
// Both.
absl::StatusOr<Material> GoodMaterial(const TlsFiles& files);

}  // namespace bellwether::rpc

#endif  // BELLWETHER_RPC_TLS_MATERIAL_H_
