#include "services/query/follower.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/telemetry/trace.h"

namespace bellwether::query {
namespace {

constexpr absl::Duration kBrokerTimeout = absl::Seconds(5);
constexpr absl::Duration kPollTimeout = absl::Milliseconds(100);
constexpr absl::Duration kCheckPause = absl::Milliseconds(5);

}  // namespace

Follower::Follower(bus::RecordSource* source, View* view, std::string topic, bus::Cursor* cursor,
                   std::function<void()> on_advance, std::function<void(bool)> on_health)
    : source_(source),
      view_(view),
      topic_(std::move(topic)),
      cursor_(cursor),
      on_advance_(std::move(on_advance)),
      on_health_(std::move(on_health)),
      watch_("bellwether-query",
             [this](absl::Duration timeout) { return source_->EndOffset(topic_, 0, timeout).status(); }) {}

absl::Status Follower::Run() {
  if (absl::Status s = Begin(); !s.ok()) return s;
  while (!stop_) {
    const bool to_check = caught_up_ && view_->HasUnchecked();
    absl::StatusOr<std::optional<bus::ConsumedRecord>> polled =
        source_->Poll(to_check ? absl::ZeroDuration() : kPollTimeout);
    if (!polled.ok()) return polled.status();
    if (*polled) {
      if (absl::Status s = Take(**polled); !s.ok()) return s;
    } else {
      watch_.Ask();
    }
    if (to_check) {
      if (absl::Status s = CheckApplied(!*polled); !s.ok()) return s;
    }
    WatchAlarm();
  }
  return absl::OkStatus();
}

absl::Status Follower::Begin() {
  absl::StatusOr<std::vector<int64_t>> ends = source_->EndOffsets(topic_, kBrokerTimeout);
  if (!ends.ok()) return ends.status();
  if (absl::Status s = cursor_->CheckNothingIsLost(*ends); !s.ok()) return s;
  ends_ = *std::move(ends);
  view_->Reset(static_cast<int>(ends_.size()));
  if (absl::Status s = source_->Assign(cursor_->Begin(ends_.size())); !s.ok()) return s;
  CheckCaughtUp();
  return absl::OkStatus();
}

absl::Status Follower::Take(const bus::ConsumedRecord& record) {
  watch_.Heard();
  const telemetry::Span span("apply", telemetry::Span::Kind::kConsumer,
                             bus::FindHeader(record.headers, "traceparent").value_or(""));
  if (absl::Status s = cursor_->Take(record); !s.ok()) return s;
  if (absl::Status s = view_->Apply(record); !s.ok()) return s;
  on_advance_();
  CheckCaughtUp();
  return absl::OkStatus();
}

absl::Status Follower::CheckApplied(bool idle) {
  if (!idle && core::SteadyTime::Now() - checked_at_ < kCheckPause) return absl::OkStatus();
  absl::Status checked = view_->CheckNext();
  checked_at_ = core::SteadyTime::Now();
  if (checked.ok() && !view_->HasUnchecked()) spdlog::debug("every update in the view is checked");
  return checked;
}

void Follower::CheckCaughtUp() {
  if (caught_up_) return;
  behind_ = cursor_->Behind(ends_);
  if (behind_ > 0) return;
  caught_up_ = true;
  spdlog::info("the view has caught up");
  on_health_(alarm_.empty());  // The alarm of a hole may have come first.
}

void Follower::WatchAlarm() {
  std::string alarm = view_->Alarm();
  if (alarm == alarm_) return;
  if (alarm.empty()) {
    spdlog::info("the hole in the scores topic is filled");
  } else {
    spdlog::error("ALARM: {}", alarm);
  }
  alarm_ = std::move(alarm);
  if (caught_up_) on_health_(alarm_.empty());
}

std::string Follower::NotReadyReason() const {
  if (!caught_up_) return absl::StrCat("the view is being built: ", behind_.load(), " updates to go");
  if (std::string alarm = view_->Alarm(); !alarm.empty()) return alarm;
  return watch_.answers() ? "" : absl::StrCat(bus::kBrokerDoesNotAnswer, ": the view stays as it is");
}

}  // namespace bellwether::query
