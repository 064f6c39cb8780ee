// The life of a unary call of every service, over gRPC's callback API: its request is read here and not by gRPC, which
// says nothing of one that cannot be read; and it is answered exactly once.
#ifndef BELLWETHER_RPC_CALL_H_
#define BELLWETHER_RPC_CALL_H_

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "bellwether/codec/wire.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/rpc/door.h"
#include "bellwether/rpc/slots.h"

namespace google::protobuf {
class Message;
}

namespace bellwether::rpc {

// The W3C trace context that a caller sent. Empty: none.
std::string TraceparentOf(const grpc::CallbackServerContext& context);

// When a call is to be answered: a little before its own deadline, so that the caller still hears of it, and within
// `longest`.
core::SteadyTime AnswerBy(const grpc::CallbackServerContext& context, absl::Duration longest);

// Reads a request. OK; or INVALID_ARGUMENT with every text that is not UTF-8, or the byte from which on it is no such
// message; or REQUEST_TOO_LARGE where it would take too much memory.
grpc::Status ReadRequest(const grpc::ByteBuffer& bytes, google::protobuf::Message* request);
// Reads one with a list of 1 to `most` items, the field `list`. What is wrong with it as a whole; items that cannot be
// read go into `wrong`, in their order, and leave the others as they are.
codec::Violations ReadItems(const grpc::ByteBuffer& bytes, int list, int most, google::protobuf::Message* request,
                            std::vector<codec::WrongItem>* wrong);
// The memory that reading the bytes and working on them takes. Absent: there is not so much left.
std::optional<Slots::Taken> TakeMemory(const grpc::ByteBuffer& bytes, std::string_view share);
// The error of calls that are one too many.
grpc::Status TooManyCalls();
// A message's bytes, without a copy where gRPC sends it.
grpc::ByteBuffer BytesOf(const google::protobuf::Message& message);

// Lives until gRPC is done with it and nobody waits for it any more: always in a shared pointer. Thread-safe.
class Call : public grpc::ServerUnaryReactor, public std::enable_shared_from_this<Call> {
 public:
  using Context = grpc::CallbackServerContext;

  // `answer`: where gRPC takes the answer from. `response` is its message; null: the answer is given as bytes. It is
  // to be answered by AnswerBy.
  Call(Context* context, grpc::ByteBuffer* answer, std::shared_ptr<const google::protobuf::Message> response,
       absl::Duration longest, Door& door, Method method);

  // First thing after its making: keeps the call until gRPC is done with it.
  void Begin();
  // The same, and at the deadline the call ends with what `at_deadline` says. Its client's library is then told not to
  // try again by itself: there is no time left in which it could.
  void Begin(std::function<grpc::Status()> at_deadline);
  // Reads the request, as ReadRequest and ReadItems do, of a caller who is let in; else why it is not. Or
  // TOO_MANY_CALLS, where there are, or where the requests under way take too much memory already. Once.
  grpc::Status Read(const grpc::ByteBuffer& bytes, google::protobuf::Message* request);
  grpc::Status Read(const grpc::ByteBuffer& bytes, int list, int most, google::protobuf::Message* request,
                    std::vector<codec::WrongItem>* wrong);

  // Does `work` unless the call is finished; finishes it with what `work` gives, if anything. The response's message
  // may be touched inside alone, where a deadline was set. `work` must be quick, and must not call into the call.
  void Do(const std::function<std::optional<grpc::Status>()>& work);
  // Finishes the call, unless it is.
  void End(const grpc::Status& status);
  void EndWithBytes(const grpc::ByteBuffer& bytes);

  // Called once when the caller goes away; at once if it has gone.
  void WhenCancelled(std::function<void()> cancelled);
  // Whether somebody still waits for the answer.
  bool IsWanted() const;

  core::SteadyTime deadline() const { return deadline_; }
  const std::string& traceparent() const { return traceparent_; }
  // Who calls. Of one who is not let in it may nothing.
  const Caller& caller() const { return entry_.caller; }

  void OnCancel() override;
  void OnDone() override;

 private:
  grpc::Status MayRead(const grpc::ByteBuffer& bytes);

  Context* const context_;
  grpc::ByteBuffer* const answer_;
  const std::shared_ptr<const google::protobuf::Message> response_;
  const core::SteadyTime deadline_;
  const std::string traceparent_;
  const Door::Entry entry_;
  const std::optional<Slots::Taken> slot_;
  Slots::Taken memory_;  // Of the request.
  mutable core::Mutex mutex_;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::function<void()> when_cancelled_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<grpc::Alarm> alarm_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<Call> self_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bellwether::rpc

#endif  // BELLWETHER_RPC_CALL_H_
