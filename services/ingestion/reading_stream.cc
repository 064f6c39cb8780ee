#include "services/ingestion/reading_stream.h"

#include <grpc/grpc.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/codec/score.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/rpc/call.h"
#include "bellwether/rpc/status.h"

namespace bellwether::ingestion {
namespace {

constexpr size_t kFrame = core::limits::kReadingsPerFrame;
// The memory of a frame serves the next one, unless it was larger than frames are.
constexpr size_t kLargeFrame = 256 << 10;

rpc::Slots& StreamSlots() {
  static auto* const slots = new rpc::Slots(core::limits::kReadingStreams);
  return *slots;
}

}  // namespace

ReadingStream::ReadingStream(grpc::CallbackServerContext* context, const Parts& parts)
    : context_(context),
      parts_(parts),
      traceparent_(rpc::TraceparentOf(*context)),
      entry_(parts.door->LetIn(*context, rpc::Method::kStreamReadings)),
      call_slot_(entry_.caller.TakeSlot(rpc::Slots::Calls(), &v1::AccessLimits::calls_under_way)),
      stream_slot_(entry_.caller.TakeSlot(StreamSlots(), &v1::AccessLimits::open_streams)) {}

void ReadingStream::Begin() {
  const core::MutexLock lock(mutex_);
  self_ = shared_from_this();
  if (!call_slot_.has_value() || !stream_slot_.has_value()) refused_ = rpc::TooManyCalls();
  if (!entry_.status.ok()) refused_ = entry_.status;
  parts_.door->Hold(entry_.caller, self_, [this](const grpc::Status& status) { EndWith(status); });
  Advance();
}

void ReadingStream::Drain() {
  const core::MutexLock lock(mutex_);
  draining_ = true;
  Advance();
}

void ReadingStream::EndWith(const grpc::Status& status) {
  const core::MutexLock lock(mutex_);
  if (!refused_.has_value()) refused_ = status;
  // A read under way waits for what the client sends, if it ever does: acknowledged is what was read.
  Advance();
}

void ReadingStream::OnReadDone(bool ok) {
  // Not under the lock, which acknowledgements want meanwhile: nothing else touches the frame until it is checked.
  const grpc::Status read = ok ? ReadFrame() : grpc::Status::OK;
  {
    const core::MutexLock lock(mutex_);
    reading_ = false;
    if (!ok) half_closed_ = true;
    if (!ok || finished_ || refused_.has_value()) {
      Advance();
      return;
    }
    if (!read.ok()) {
      refused_ = read;
      Advance();
      return;
    }
    checking_ = true;
  }
  CheckFrame(std::nullopt);
}

grpc::Status ReadingStream::ReadFrame() {
  std::optional<rpc::Slots::Taken> memory = rpc::TakeMemory(incoming_, entry_.caller.share());
  if (!memory.has_value()) return rpc::TooManyCalls();
  memory_ = *std::move(memory);
  large_ = incoming_.Length() > kLargeFrame;
  codec::Violations wrong = rpc::ReadItems(incoming_, v1::StreamReadingsRequest::kReadingsFieldNumber,
                                           core::limits::kReadingsPerFrame, &frame_, &unread_);
  incoming_.Clear();
  for (const codec::WrongItem& item : unread_) {
    for (const codec::Violation& v : item.violations) {
      // What is left of it may be the id of another reading, which must not pass for acknowledged.
      if (v.field == "reading_id") frame_.mutable_readings(item.place)->clear_reading_id();
    }
  }
  return rpc::Refused(codec::Under(absl::StrCat("frames[", frames_++, "]"), std::move(wrong)));
}

void ReadingStream::CheckFrame(std::optional<absl::Status> newest_definitions) {
  // Not under the lock, which acknowledgements want meanwhile: nothing else touches the frame while it is checked.
  const core::Date today = parts_.clock->Today();
  std::vector<CheckedItem> items;
  items.reserve(static_cast<size_t>(frame_.readings_size()));
  bool wait = false;
  auto next_unread = unread_.begin();
  for (int i = 0; i < frame_.readings_size(); ++i) {
    codec::Violations unread;
    if (next_unread != unread_.end() && next_unread->place == i) unread = (next_unread++)->violations;
    items.push_back(CheckReading(frame_.readings(i), *parts_.definitions, entry_.caller, today, unread));
    wait = wait || items.back().by_definition;
  }
  wait = wait || RightsMayHangOnNewer(parts_, entry_.caller);
  if (wait && !newest_definitions.has_value()) {
    parts_.follower->WaitForEnd(core::SteadyTime::Now() + parts_.longest_wait,
                                [self = shared_from_this()](const absl::Status& there) { self->CheckFrame(there); });
    return;
  }
  const grpc::Status share = parts_.door->TakeReadings(entry_.caller, frame_.readings_size());
  std::vector<DecidedItem> decided;
  std::vector<Outgoing> records;
  records.reserve(items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    const v1::Reading& reading = frame_.readings(static_cast<int>(i));
    if (!share.ok()) items[i] = {std::nullopt, {{"", codec::Reason::kTooFast, share.error_message()}}, false, {}, {}};
    if (entry_.caller.is_known() && !items[i].decision.by.empty())
      decided.push_back({reading.council(), reading.ref(), reading.source(), items[i].decision});
  }
  parts_.audit->Note(entry_.caller, rpc::Method::kStreamReadings, decided);
  {
    const core::MutexLock lock(mutex_);
    for (size_t i = 0; i < items.size(); ++i) {
      Pending pending{frame_.readings(static_cast<int>(i)).reading_id(), std::nullopt, std::move(items[i].warnings)};
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
  if (large_) v1::StreamReadingsRequest().Swap(&frame_);
  memory_ = rpc::Slots::Taken();
  const core::MutexLock lock(mutex_);
  checking_ = false;  // Only now: the next frame's records come after this one's.
  Advance();
}

void ReadingStream::Recorded(uint64_t sequence, const absl::StatusOr<codec::Position>& position) {
  const core::MutexLock lock(mutex_);
  if (finished_) return;
  Pending& pending = pending_[sequence - first_pending_];
  pending.result = ToItemResult(position);
  for (const rating::Warning& warning : pending.warnings) *pending.result->add_warnings() = codec::ToProto(warning);
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
    if (draining_) return FinishOnce(rpc::Failed(codec::Reason::kServerDraining));
  }
  const bool room = pending_.size() + writing_count_ + kFrame <= parts_.window;
  if (!reading_ && !half_closed_ && !draining_ && !refused_.has_value() && !cancelled_ && room) {
    reading_ = true;
    StartRead(&incoming_);
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
  outgoing_ = rpc::BytesOf(acknowledgements_);
  StartWrite(&outgoing_);
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
  const core::MutexLock lock(mutex_);
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
  const core::MutexLock lock(mutex_);
  writing_ = false;
  writing_count_ = 0;
  if (!ok) cancelled_ = true;
  Advance();
}

void ReadingStream::OnCancel() {
  const core::MutexLock lock(mutex_);
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
  const core::MutexLock lock(mutex_);
  self = std::move(self_);
}

}  // namespace bellwether::ingestion
