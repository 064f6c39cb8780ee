// What a failed call says, for people.
#ifndef BELLWETHER_RPC_CLIENT_ERROR_H_
#define BELLWETHER_RPC_CLIENT_ERROR_H_

#include <grpcpp/support/status.h>

#include <string>
#include <vector>

#include "bellwether/rpc/status.h"

namespace bellwether::rpc {

// One line for what went wrong, one for each wrong field, one where trying again helps. What the
// server said is Visible (core/visible.h).
std::vector<std::string> DescribeError(const grpc::Status& status);

// The wrong fields that BadRequest names.
codec::Violations FieldsOf(const grpc::Status& status);

// The reason of ErrorInfo, such as "UNKNOWN_INDICATOR". Empty: none.
std::string ReasonOf(const grpc::Status& status);

}  // namespace bellwether::rpc

#endif  // BELLWETHER_RPC_CLIENT_ERROR_H_
