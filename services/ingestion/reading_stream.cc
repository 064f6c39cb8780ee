#include "services/ingestion/reading_stream.h"

#include <grpc/grpc.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/steady_time.h"
#include "services/ingestion/unary_call.h"

namespace bellwether::ingestion {
namespace {

constexpr size_t kFrame = core::limits::kReadingsPerFrame;

}  // namespace

ReadingStream::ReadingStream(grpc::CallbackServerContext* context, const Parts& parts)
    : context_(context), parts_(parts), traceparent_(TraceparentOf(*context)) {}

void ReadingStream::Begin() {
  const std::lock_guard<std::mutex> lock(mutex_);
  self_ = shared_from_this();
  Advance();
}

void ReadingStream::Drain() {
  const std::lock_guard<std::mutex> lock(mutex_);
  draining_ = true;
  Advance();
}

void ReadingStream::OnReadDone(bool ok) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    reading_ = false;
    if (!ok) half_closed_ = true;
    if (!ok || finished_) {
      Advance();
      return;
    }
    const size_t count = static_cast<size_t>(frame_.readings_size());
    if (count < 1 || count > kFrame) {
      refused_ = CallRefused({{"readings", codec::Reason::kFrameInvalid,
                               absl::StrCat("the frame holds ", count, " readings: send 1 to ", kFrame)}});
      Advance();
      return;
    }
    checking_ = true;
  }
  CheckFrame(std::nullopt);
}

void ReadingStream::CheckFrame(std::optional<absl::Status> newest_definitions) {
  // Not under the lock, which acknowledgements want meanwhile: nothing else touches the frame while it is checked.
  const core::Date today = parts_.clock->Today();
  std::vector<CheckedItem> items;
  items.reserve(static_cast<size_t>(frame_.readings_size()));
  bool wait = false;
  for (const v1::Reading& reading : frame_.readings()) {
    items.push_back(CheckReading(reading, *parts_.definitions, today));
    wait = wait || items.back().by_definition;
  }
  if (wait && !newest_definitions.has_value()) {
    parts_.follower->WaitForEnd(core::SteadyTime::Now() + parts_.longest_wait,
                                [self = shared_from_this()](const absl::Status& there) { self->CheckFrame(there); });
    return;
  }
  std::vector<Outgoing> records;
  records.reserve(items.size());
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (size_t i = 0; i < items.size(); ++i) {
      Pending pending{frame_.readings(static_cast<int>(i)).reading_id(), std::nullopt};
      if (items[i].record.has_value()) {
        records.push_back({first_pending_ + pending_.size(), *std::move(items[i].record)});
      } else if (items[i].by_definition && !newest_definitions->ok()) {
        const codec::Reason reason = codec::Reason::kDefinitionsNotCurrent;
        items[i].violations = {{"", reason, std::string(codec::InfoOf(reason).sentence)}};
      }
      if (!items[i].violations.empty()) {
        pending.result = ToItemResult(items[i].violations);
        NoteRefused(frame_.readings(static_cast<int>(i)), items[i].violations);
      }
      pending_.push_back(std::move(pending));
    }
  }
  for (const Outgoing& out : records) {
    parts_.recorder->Record(out.record, traceparent_,
                            [self = shared_from_this(), sequence = out.sequence](
                                const absl::StatusOr<codec::Position>& at) { self->Recorded(sequence, at); });
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  checking_ = false;  // Only now: the next frame's records come after this one's.
  Advance();
}

void ReadingStream::Recorded(uint64_t sequence, const absl::StatusOr<codec::Position>& position) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (finished_) return;
  pending_[sequence - first_pending_].result = ToItemResult(position);
  if (sequence == first_pending_) Advance();
}

void ReadingStream::Advance() {
  if (finished_) return;
  if (cancelled_ && !writing_) return FinishOnce(grpc::Status::CANCELLED);
  if (!writing_ && !pending_.empty() && pending_.front().result.has_value()) WriteAcknowledgements();
  if (checking_) return;
  if (pending_.empty() && !writing_) {
    if (refused_.has_value()) return FinishOnce(*refused_);
    if (half_closed_) return FinishOnce(grpc::Status::OK);
    if (draining_) return FinishOnce(CallFailed(codec::Reason::kServerDraining));
  }
  const bool room = pending_.size() + writing_count_ + kFrame <= parts_.window;
  if (!reading_ && !half_closed_ && !draining_ && !refused_.has_value() && !cancelled_ && room) {
    reading_ = true;
    StartRead(&frame_);
  }
}

void ReadingStream::WriteAcknowledgements() {
  acknowledgements_.Clear();
  while (!pending_.empty() && pending_.front().result.has_value() &&
         static_cast<size_t>(acknowledgements_.acknowledgements_size()) < kFrame) {
    v1::Acknowledgement* acknowledgement = acknowledgements_.add_acknowledgements();
    acknowledgement->set_sequence(first_pending_++);
    acknowledgement->set_reading_id(std::move(pending_.front().reading_id));
    *acknowledgement->mutable_result() = *std::move(pending_.front().result);
    pending_.pop_front();
  }
  writing_count_ = static_cast<size_t>(acknowledgements_.acknowledgements_size());
  writing_ = true;
  ++writes_;
  StartWrite(&acknowledgements_);
  WatchWrite();
}

// One alarm at a time looks whether the write that it was set for is still under way.
void ReadingStream::WatchWrite() {
  if (alarm_ != nullptr) return;
  alarm_ = std::make_unique<grpc::Alarm>();
  alarm_->Set(absl::ToChronoTime(core::TimeOfDayAt(core::SteadyTime::Now() + parts_.longest_unread)),
              [self = shared_from_this(), write = writes_](bool over) {
                if (over) self->GiveUpOnReader(write);
              });
}

void ReadingStream::GiveUpOnReader(uint64_t write) {
  std::unique_ptr<grpc::Alarm> spent;  // Goes last, after the lock.
  const std::lock_guard<std::mutex> lock(mutex_);
  spent = std::move(alarm_);
  if (finished_ || !writing_) return;
  if (writes_ != write) return WatchWrite();
  spdlog::warn("a stream has not read its acknowledgements for {} s: ended",
               absl::ToInt64Seconds(parts_.longest_unread));
  // The write holds up an ordinary end, which would come after it. This one does not wait for it.
  const codec::ReasonInfo& info = codec::InfoOf(codec::Reason::kAcknowledgementsNotRead);
  const std::string words = absl::StrCat(std::string(info.name), ": ", std::string(info.sentence));
  grpc_call_cancel_with_status(context_->c_call(), GRPC_STATUS_RESOURCE_EXHAUSTED, words.c_str(), nullptr);
}

void ReadingStream::OnWriteDone(bool ok) {
  const std::lock_guard<std::mutex> lock(mutex_);
  writing_ = false;
  writing_count_ = 0;
  if (!ok) cancelled_ = true;
  Advance();
}

void ReadingStream::OnCancel() {
  const std::lock_guard<std::mutex> lock(mutex_);
  cancelled_ = true;
  Advance();
}

void ReadingStream::FinishOnce(const grpc::Status& status) {
  finished_ = true;
  alarm_.reset();
  Finish(status);
}

void ReadingStream::OnDone() {
  std::shared_ptr<ReadingStream> self;  // Goes last, after the lock.
  const std::lock_guard<std::mutex> lock(mutex_);
  self = std::move(self_);
}

}  // namespace bellwether::ingestion
