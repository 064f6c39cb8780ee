#include "services/ingestion/unary_call.h"

#include <algorithm>
#include <utility>

namespace bellwether::ingestion {
namespace {

// When to answer, so that the answer arrives before the caller gives up.
core::SteadyTime AnswerBy(const grpc::CallbackServerContext& context, absl::Duration longest) {
  const absl::Duration own = core::LeftUntil(absl::FromChrono(context.deadline()));
  if (own >= longest) return core::SteadyTime::Now() + longest;
  const absl::Duration spare = std::clamp(own / 10, absl::Milliseconds(10), absl::Milliseconds(500));
  return core::SteadyTime::Now() + own - spare;
}

}  // namespace

std::string TraceparentOf(const grpc::CallbackServerContext& context) {
  const auto found = context.client_metadata().find("traceparent");
  return found == context.client_metadata().end() ? std::string()
                                                  : std::string(found->second.data(), found->second.size());
}

UnaryCall::UnaryCall(grpc::CallbackServerContext* context, absl::Duration longest)
    : context_(context), deadline_(AnswerBy(*context, longest)), traceparent_(TraceparentOf(*context)) {}

void UnaryCall::Begin(std::function<grpc::Status()> at_deadline) {
  self_ = shared_from_this();
  const std::lock_guard<std::mutex> lock(mutex_);
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

void UnaryCall::Do(const std::function<std::optional<grpc::Status>()>& work) {
  std::unique_ptr<grpc::Alarm> alarm;
  std::optional<grpc::Status> status;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (finished_) return;
    status = work();
    if (!status.has_value()) return;
    finished_ = true;
    alarm = std::move(alarm_);
  }
  Finish(*std::move(status));
}

void UnaryCall::OnCancel() {
  Do([] { return std::optional(grpc::Status::CANCELLED); });
}

void UnaryCall::OnDone() { self_.reset(); }

}  // namespace bellwether::ingestion
