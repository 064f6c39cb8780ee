#include "bellwether/rpc/status.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/text.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "words.h"

namespace bellwether::rpc {
namespace {

// Trailers hold 8 KiB in all, and the details travel in base64 beside the message.
constexpr size_t kDetailBytes = 5000;
// Where trying again helps, after how long.
constexpr absl::Duration kRetryAfter = absl::Seconds(1);

// Shortened, and without control characters: what is told goes to terminals and logs.
std::string Plain(std::string_view text, int characters) {
  const std::string quoted = core::Quoted(text, characters);
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

grpc::Status ToGrpcStatus(const CallError& error) {
  google::rpc::Status status;
  status.set_code(static_cast<int>(error.code));
  google::rpc::ErrorInfo info;
  info.set_reason(error.reason);
  info.set_domain("bellwether");
  for (const auto& [name, value] : error.metadata) (*info.mutable_metadata())[name] = Plain(value, 200);
  google::rpc::BadRequest bad_request;
  size_t told = 0;
  for (const codec::Violation& violation : error.fields) {
    if (told == core::limits::kViolationsTold || bad_request.ByteSizeLong() + violation.message.size() > kDetailBytes)
      break;
    auto& field = *bad_request.add_field_violations();
    field.set_field(Plain(violation.field, 200));
    field.set_description(Plain(violation.message, 400));
    ++told;
  }
  std::string message = Plain(error.message, 500);
  if (told < error.fields.size()) absl::StrAppend(&message, " (", error.fields.size() - told, kMoreAreWrong);
  status.set_message(message);
  status.add_details()->PackFrom(info);
  if (told > 0) status.add_details()->PackFrom(bad_request);
  if (error.retry_after) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(*error.retry_after));
    retry.mutable_retry_delay()->set_nanos(
        static_cast<int32_t>(absl::ToInt64Nanoseconds(*error.retry_after) % 1'000'000'000));
    status.add_details()->PackFrom(retry);
  }
  return grpc::Status(static_cast<grpc::StatusCode>(error.code), message, status.SerializeAsString());
}

grpc::Status ErrorOf(codec::Reason reason, std::string message, codec::Violations fields) {
  const codec::ReasonInfo& info = codec::InfoOf(reason);
  CallError error;
  error.code = info.code;
  error.reason = info.name;
  error.message = std::move(message);
  error.fields = std::move(fields);
  if (info.error_class == codec::ErrorClass::kTryAgain) error.retry_after = kRetryAfter;
  return ToGrpcStatus(error);
}

grpc::Status Failed(codec::Reason reason, const std::string& detail) {
  const std::string sentence(codec::InfoOf(reason).sentence);
  return ErrorOf(reason, detail.empty() ? sentence : absl::StrCat(sentence, " (", detail, ")"));
}

grpc::Status Refused(codec::Violations violations) {
  if (violations.empty()) return grpc::Status::OK;
  const codec::Violation& first = violations.front();
  const codec::Reason reason = violations.size() > 1 ? codec::Reason::kInvalidRequest : first.reason;
  std::string message = first.field.empty() ? first.message : absl::StrCat(first.field, ": ", first.message);
  if (violations.size() > 1) message = absl::StrCat(violations.size(), " fields are wrong", kTheFirst, message);
  return ErrorOf(reason, std::move(message), std::move(violations));
}

}  // namespace bellwether::rpc
