#include "bellwether/rpc/call.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <utility>

#include "bellwether/core/mutex.h"
#include "bellwether/rpc/status.h"

namespace bellwether::rpc {
core::SteadyTime AnswerBy(const grpc::CallbackServerContext& context, absl::Duration longest) {
  const absl::Duration own = core::LeftUntil(absl::FromChrono(context.deadline()));
  if (own >= longest) return core::SteadyTime::Now() + longest;
  const absl::Duration spare = std::clamp(own / 10, absl::Milliseconds(10), absl::Milliseconds(500));
  return core::SteadyTime::Now() + own - spare;
}

std::string TraceparentOf(const grpc::CallbackServerContext& context) {
  const auto found = context.client_metadata().find("traceparent");
  return found == context.client_metadata().end() ? std::string()
                                                  : std::string(found->second.data(), found->second.size());
}

Call::Call(Context* context, grpc::ByteBuffer* answer, std::shared_ptr<const google::protobuf::Message> response,
           absl::Duration longest, Door& door, Method method)
    : context_(context),
      answer_(answer),
      response_(std::move(response)),
      deadline_(AnswerBy(*context, longest)),
      traceparent_(TraceparentOf(*context)),
      entry_(door.LetIn(*context, method)),
      slot_(caller().TakeSlot(Slots::Calls(), &v1::AccessLimits::calls_under_way)) {}

void Call::Begin() {
  const core::MutexLock lock(mutex_);
  self_ = shared_from_this();
}

void Call::Begin(std::function<grpc::Status()> at_deadline) {
  const core::MutexLock lock(mutex_);
  self_ = shared_from_this();
  alarm_ = std::make_unique<grpc::Alarm>();
  // The alarm holds the call, and the call the alarm, until it is finished.
  alarm_->Set(absl::ToChronoTime(core::TimeOfDayAt(deadline_)),
              [self = self_, at_deadline = std::move(at_deadline)](bool over) {
                if (!over) return;
                self->Do([&] {
                  self->context_->AddTrailingMetadata("grpc-retry-pushback-ms", "-1");
                  return std::optional(at_deadline());
                });
              });
}

grpc::Status Call::MayRead(const grpc::ByteBuffer& bytes) {
  if (!entry_.status.ok()) return entry_.status;
  std::optional<Slots::Taken> memory = TakeMemory(bytes, caller().share());
  if (!slot_.has_value() || !memory.has_value()) return TooManyCalls();
  memory_ = *std::move(memory);
  return grpc::Status::OK;
}

grpc::Status Call::Read(const grpc::ByteBuffer& bytes, google::protobuf::Message* request) {
  const grpc::Status may = MayRead(bytes);
  return may.ok() ? ReadRequest(bytes, request) : may;
}

grpc::Status Call::Read(const grpc::ByteBuffer& bytes, int list, int most, google::protobuf::Message* request,
                        std::vector<codec::WrongItem>* wrong) {
  const grpc::Status may = MayRead(bytes);
  return may.ok() ? Refused(ReadItems(bytes, list, most, request, wrong)) : may;
}

void Call::Do(const std::function<std::optional<grpc::Status>()>& work) {
  std::unique_ptr<grpc::Alarm> alarm;
  std::function<void()> when_cancelled;  // Go last, after the lock: they may hold what holds this.
  std::optional<grpc::Status> status;
  {
    const core::MutexLock lock(mutex_);
    if (finished_) return;
    status = work();
    if (!status.has_value()) return;
    finished_ = true;
    alarm = std::move(alarm_);
    when_cancelled = std::move(when_cancelled_);
    if (status->ok() && response_ != nullptr) *answer_ = BytesOf(*response_);
  }
  Finish(*std::move(status));
}

void Call::End(const grpc::Status& status) {
  Do([&] { return std::optional(status); });
}

void Call::EndWithBytes(const grpc::ByteBuffer& bytes) {
  Do([&] {
    *answer_ = bytes;
    return std::optional(grpc::Status::OK);
  });
}

void Call::WhenCancelled(std::function<void()> cancelled) {
  {
    const core::MutexLock lock(mutex_);
    if (finished_ && !cancelled_) return;
    if (!cancelled_) {
      when_cancelled_ = std::move(cancelled);
      return;
    }
  }
  cancelled();
}

bool Call::IsWanted() const {
  const core::MutexLock lock(mutex_);
  return !finished_;
}

void Call::OnCancel() {
  std::function<void()> when_cancelled;
  {
    const core::MutexLock lock(mutex_);
    cancelled_ = true;
    when_cancelled = std::move(when_cancelled_);
  }
  if (when_cancelled) when_cancelled();
  End(grpc::Status(grpc::StatusCode::CANCELLED, "the caller went away"));
}

void Call::OnDone() {
  std::shared_ptr<Call> self;  // Goes last, after the lock.
  const core::MutexLock lock(mutex_);
  self = std::move(self_);
}

}  // namespace bellwether::rpc
