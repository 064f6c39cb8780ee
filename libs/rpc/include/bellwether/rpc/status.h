// The errors of a whole call, as google.rpc.Status with details: ErrorInfo, BadRequest, RetryInfo.
#ifndef BELLWETHER_RPC_STATUS_H_
#define BELLWETHER_RPC_STATUS_H_

#include <grpcpp/support/status.h>

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "bellwether/codec/violation.h"

namespace bellwether::rpc {

// What a call fails with.
struct CallError {
  absl::StatusCode code = absl::StatusCode::kInternal;
  std::string reason;                         // Of docs/error-reasons.md, such as "UNKNOWN_INDICATOR".
  std::string message;                        // In words.
  codec::Violations fields;                   // Every one; what trailers cannot hold is counted in words.
  std::optional<absl::Duration> retry_after;  // Where trying again helps.
  std::map<std::string, std::string> metadata;
};

// The status that carries it all.
grpc::Status ToGrpcStatus(const CallError& error);

// The error for a reason, with its code; and with RetryInfo where the reason says that trying again helps.
grpc::Status ErrorOf(codec::Reason reason, std::string message, codec::Violations fields = {});
// The same in the reason's own sentence, with the detail behind it.
grpc::Status Failed(codec::Reason reason, const std::string& detail = "");
// The error for wrong fields: a single one gives its own reason and code, several INVALID_REQUEST; OK if there is none.
grpc::Status Refused(codec::Violations violations);

}  // namespace bellwether::rpc

#endif  // BELLWETHER_RPC_STATUS_H_
