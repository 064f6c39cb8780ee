#include "services/web/connect.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "bellwether/core/text.h"
#include "bellwether/core/visible.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace bellwether::web {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

struct Code {
  grpc::StatusCode code;
  const char* name;
  int http;
};
// As the protocol has them.
constexpr std::array kCodes = {Code{grpc::StatusCode::CANCELLED, "canceled", 499},
                               Code{grpc::StatusCode::UNKNOWN, "unknown", 500},
                               Code{grpc::StatusCode::INVALID_ARGUMENT, "invalid_argument", 400},
                               Code{grpc::StatusCode::DEADLINE_EXCEEDED, "deadline_exceeded", 504},
                               Code{grpc::StatusCode::NOT_FOUND, "not_found", 404},
                               Code{grpc::StatusCode::ALREADY_EXISTS, "already_exists", 409},
                               Code{grpc::StatusCode::PERMISSION_DENIED, "permission_denied", 403},
                               Code{grpc::StatusCode::RESOURCE_EXHAUSTED, "resource_exhausted", 429},
                               Code{grpc::StatusCode::FAILED_PRECONDITION, "failed_precondition", 400},
                               Code{grpc::StatusCode::ABORTED, "aborted", 409},
                               Code{grpc::StatusCode::OUT_OF_RANGE, "out_of_range", 400},
                               Code{grpc::StatusCode::UNIMPLEMENTED, "unimplemented", 501},
                               Code{grpc::StatusCode::INTERNAL, "internal", 500},
                               Code{grpc::StatusCode::UNAVAILABLE, "unavailable", 503},
                               Code{grpc::StatusCode::DATA_LOSS, "data_loss", 500},
                               Code{grpc::StatusCode::UNAUTHENTICATED, "unauthenticated", 401}};

}  // namespace

Response ConnectError(const grpc::Status& status) {
  Code code = kCodes[1];
  for (const Code& c : kCodes) {
    if (c.code == status.error_code()) code = c;
  }
  // What gRPC itself says names machines that are none of the caller's business.
  const bool of_services = !status.error_details().empty() || status.error_code() != grpc::StatusCode::UNAVAILABLE;
  nlohmann::json error = {{"code", code.name},
                          {"message", of_services ? core::Visible(status.error_message())
                                                  : "the service behind this one does not answer: try again"}};
  int64_t retry_seconds = 0;
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    for (const auto& any : details.details()) {
      std::string value = absl::Base64Escape(any.value());
      while (!value.empty() && value.back() == '=') value.pop_back();
      nlohmann::json detail = {{"type", any.type_url().substr(any.type_url().rfind('/') + 1)}, {"value", value}};
      google::rpc::RetryInfo retry;
      if (any.UnpackTo(&retry))
        retry_seconds = retry.retry_delay().seconds() + (retry.retry_delay().nanos() > 0 ? 1 : 0);
      // For people: what programs read is the value.
      google::rpc::ErrorInfo info;
      google::rpc::BadRequest fields;
      if (any.UnpackTo(&info)) detail["debug"] = {{"reason", info.reason()}};
      if (any.UnpackTo(&fields)) {
        for (const auto& field : fields.field_violations())
          detail["debug"][core::Visible(field.field())] = core::Visible(field.description());
      }
      error["details"].push_back(detail);
    }
  }
  Response response;
  response.status = code.http;
  response.type = "application/json";
  response.body = error.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  if (code.http == 503) response.headers = {{"Retry-After", "5"}};
  if (code.http == 429) response.headers = {{"Retry-After", absl::StrCat(std::max<int64_t>(1, retry_seconds))}};
  return response;
}

namespace {

Response Refused(int status, grpc::StatusCode code, const std::string& message) {
  Response response = ConnectError(grpc::Status(code, message));
  response.status = status;
  return response;
}

std::unique_ptr<Message> New(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<Message>(google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

}  // namespace

std::optional<Response> ReadConnect(const Request& request, ConnectCall* call) {
  const std::string name(absl::StripPrefix(request.path, kConnectPath));
  const google::protobuf::ServiceDescriptor* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName("bellwether.v1.QueryService");
  const MethodDescriptor* method = service->FindMethodByName(name);
  if (method == nullptr || method->server_streaming()) {
    return Refused(404, grpc::StatusCode::UNIMPLEMENTED,
                   absl::StrCat("QueryService has no unary method ", core::Quoted(name, 60)));
  }
  const std::string type = absl::AsciiStrToLower(request.content_type.substr(0, request.content_type.find(';')));
  if (absl::StripAsciiWhitespace(type) != "application/json") {
    return Refused(415, grpc::StatusCode::INVALID_ARGUMENT, "the content type must be application/json");
  }
  call->method = absl::StrCat("/", service->full_name(), "/", name);
  call->input = New(method->input_type());
  call->output = New(method->output_type());
  const auto parsed = google::protobuf::util::JsonStringToMessage(request.body, call->input.get());
  if (!parsed.ok()) {
    return ConnectError(grpc::Status(
        grpc::StatusCode::INVALID_ARGUMENT,
        absl::StrCat("the body is no ", method->input_type()->name(),
                     " as JSON: ", core::Shorten(std::string(parsed.message().data(), parsed.message().size()), 300))));
  }
  return std::nullopt;
}

Response AnswerConnect(const ReaderCalls& query, const Request& request) {
  ConnectCall call;
  if (std::optional<Response> wrong = ReadConnect(request, &call)) return *std::move(wrong);
  if (const grpc::Status s = query.CallByName(call.method, *call.input, call.output.get()); !s.ok())
    return ConnectError(s);
  Response response;
  response.type = "application/json";
  (void)google::protobuf::util::MessageToJsonString(*call.output,
                                                    &response.body);  // Cannot fail for messages without Any.
  return response;
}

}  // namespace bellwether::web
