#include "services/query/errors.h"

namespace bellwether::query {

grpc::Status Failed(const absl::Status& status) {
  if (absl::IsCancelled(status)) return {grpc::StatusCode::CANCELLED, std::string(status.message())};
  return ErrorOf(codec::Reason::kInternal, std::string(status.message()));
}

}  // namespace bellwether::query
