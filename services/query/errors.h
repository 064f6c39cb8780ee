// The errors that calls end with, by their documented reasons.
#ifndef BELLWETHER_SERVICES_QUERY_ERRORS_H_
#define BELLWETHER_SERVICES_QUERY_ERRORS_H_

#include <grpcpp/support/status.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "bellwether/codec/reasons.h"
#include "bellwether/rpc/status.h"

namespace bellwether::query {

using rpc::ErrorOf;

// Of what an answer is made from: CANCELLED where nobody waits for it any more, else INTERNAL with the words.
grpc::Status Failed(const absl::Status& status);

// What is wrong with a request: everything at once.
class RequestCheck {
 public:
  // The message goes on after the field's path: "is negative".
  void Add(std::string field, std::string message) {
    violations_.push_back({std::move(field), codec::Reason::kInvalidRequest, std::move(message)});
  }
  bool ok() const { return violations_.empty(); }
  // OK, or INVALID_ARGUMENT with every wrong field.
  grpc::Status ToStatus() const { return rpc::Refused(violations_); }

 private:
  codec::Violations violations_;
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_ERRORS_H_
