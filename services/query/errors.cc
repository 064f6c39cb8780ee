#include "services/query/errors.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/core/limits.h"

namespace bellwether::query {

grpc::Status ErrorOf(codec::Reason reason, std::string message, std::vector<rpc::FieldViolation> fields) {
  const codec::ReasonInfo& info = codec::InfoOf(reason);
  rpc::CallError error;
  error.code = info.code;
  error.reason = codec::NameOf(reason);
  error.message = std::move(message);
  error.fields = std::move(fields);
  if (info.error_class == codec::ErrorClass::kTryAgain) error.retry_after = absl::Seconds(1);
  return rpc::ToGrpcStatus(error);
}

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
