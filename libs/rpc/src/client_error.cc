#include "bellwether/rpc/client_error.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bellwether/core/visible.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "words.h"

namespace bellwether::rpc {
namespace {

const char* CodeName(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::INVALID_ARGUMENT:
      return "refused";
    case grpc::StatusCode::NOT_FOUND:
      return "not found";
    case grpc::StatusCode::FAILED_PRECONDITION:
      return "not possible as things stand";
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return "too much at once";
    case grpc::StatusCode::UNAVAILABLE:
      return "cannot be reached";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return "did not answer in time";
    case grpc::StatusCode::INTERNAL:
      return "the service failed";
    default:
      return "failed";
  }
}

template <typename Detail>
bool Find(const google::rpc::Status& status, Detail* detail) {
  for (const auto& any : status.details()) {
    if (any.Is<Detail>()) return any.UnpackTo(detail);
  }
  return false;
}

}  // namespace

std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  return details.ParseFromString(status.error_details()) && Find(details, &info) ? info.reason() : "";
}

codec::Violations FieldsOf(const grpc::Status& status) {
  codec::Violations fields;
  google::rpc::Status details;
  google::rpc::BadRequest bad_request;
  if (details.ParseFromString(status.error_details()) && Find(details, &bad_request)) {
    for (const auto& field : bad_request.field_violations())
      fields.push_back(
          {core::Visible(field.field()), codec::Reason::kInvalidRequest, core::Visible(field.description())});
  }
  return fields;
}

std::vector<std::string> DescribeError(const grpc::Status& status) {
  const std::string reason = ReasonOf(status);
  const codec::Violations fields = FieldsOf(status);
  std::string message = core::Visible(status.error_message());
  if (const size_t first = message.find(kTheFirst); first != std::string::npos && fields.size() > 1) {
    // Each is told below. What was left out is counted at the end.
    const size_t rest = absl::EndsWith(message, kMoreAreWrong) ? message.rfind(" (") : message.size();
    message.erase(first, rest - first);
  }
  std::vector<std::string> lines = {absl::StrCat(CodeName(status.error_code()), ": ", message,
                                                 reason.empty() ? "" : absl::StrCat(" [", reason, "]"))};
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return lines;
  for (const codec::Violation& field : fields) lines.push_back(absl::StrCat("  ", field.field, ": ", field.message));
  google::rpc::RetryInfo retry;
  if (Find(details, &retry))
    lines.push_back(
        absl::StrCat("  trying again in ", std::max<int64_t>(1, retry.retry_delay().seconds()), " s is safe"));
  return lines;
}

}  // namespace bellwether::rpc
