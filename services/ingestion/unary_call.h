// A unary call that waits for others: finished exactly once, at its deadline at the latest.
#ifndef BELLWETHER_SERVICES_INGESTION_UNARY_CALL_H_
#define BELLWETHER_SERVICES_INGESTION_UNARY_CALL_H_

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "bellwether/core/steady_time.h"

namespace bellwether::ingestion {

// The W3C trace context that a caller sent. Empty: none.
std::string TraceparentOf(const grpc::CallbackServerContext& context);

// Request and response may be used inside `Do` alone: they are gone once the call is finished.
class UnaryCall : public grpc::ServerUnaryReactor, public std::enable_shared_from_this<UnaryCall> {
 public:
  // The call ends by itself a little before its own deadline, and within `longest`: `at_deadline` then says how, so
  // that the caller still gets a reason.
  UnaryCall(grpc::CallbackServerContext* context, absl::Duration longest);

  // Keeps the call until gRPC is done with it, and sets the alarm. First thing after its making. What is answered at
  // the deadline tells the client's library not to try again by itself: there is no time left in which it could.
  void Begin(std::function<grpc::Status()> at_deadline);

  // Does `work` unless the call is finished; finishes it with what `work` gives, if anything. Thread-safe. `work` must
  // not call Do.
  void Do(const std::function<std::optional<grpc::Status>()>& work);

  core::SteadyTime deadline() const { return deadline_; }
  const std::string& traceparent() const { return traceparent_; }

  void OnCancel() override;
  void OnDone() override;

 private:
  grpc::CallbackServerContext* const context_;
  const core::SteadyTime deadline_;
  const std::string traceparent_;
  std::mutex mutex_;
  bool finished_ = false;
  std::unique_ptr<grpc::Alarm> alarm_;
  std::shared_ptr<UnaryCall> self_;
};

}  // namespace bellwether::ingestion

#endif  // BELLWETHER_SERVICES_INGESTION_UNARY_CALL_H_
