#include "services/query/errors.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/core/limits.h"

namespace bellwether::query {

grpc::Status Failed(const absl::Status& status) {
  if (absl::IsCancelled(status)) return {grpc::StatusCode::CANCELLED, std::string(status.message())};
  return ErrorOf(codec::Reason::kInternal, std::string(status.message()));
}

grpc::Status RequestCheck::ToStatus() const {
  if (ok()) return grpc::Status::OK;
  std::string message = absl::StrCat(fields_.front().field, ": ", fields_.front().message);
  if (fields_.size() > 1) message = absl::StrCat(fields_.size(), " fields are wrong; the first: ", message);
  return ErrorOf(codec::Reason::kInvalidRequest, std::move(message), fields_);
}

}  // namespace bellwether::query
