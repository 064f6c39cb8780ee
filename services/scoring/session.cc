#include "services/scoring/session.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/text.h"
#include "bellwether/telemetry/trace.h"
#include "services/scoring/dead_letter.h"
#include "services/scoring/metrics.h"

namespace bellwether::scoring {
namespace {

constexpr absl::Duration kPollTimeout = absl::Milliseconds(50);
constexpr absl::Duration kCommitTimeout = absl::Seconds(5);  // Of the last one, as of leaving the group.
constexpr absl::Duration kLookUpTimeout = absl::Seconds(2);
constexpr absl::Duration kLookUpPause = absl::Seconds(1);
// Deliveries after which a queue that was full is filled again, or half of what it holds: for room for one, the threads
// would wake each other record by record.
constexpr size_t kEnoughRoom = 1000;

}  // namespace

Session::Session(SessionOptions options, SessionPorts ports)
    : options_(std::move(options)),
      ports_(std::move(ports)),
      watch_(options_.client_id, [this](absl::Duration timeout) { return source_->Ask(timeout); }),
      rating_seconds_(RatingSeconds()) {
  update_.topic = options_.scores_topic;
}

Session::~Session() {
  source_.reset();      // Leaves the group: may still call the listener, which uses the sink.
  ports_.sink.reset();  // Calls every outstanding delivery back.
}

void Session::RequestStop(core::SteadyTime by) {
  const core::MutexLock lock(mutex_);
  stop_ = true;
  stop_by_ = by;
  changed_.NotifyAll();
}

bool Session::stopping() const {
  const core::MutexLock lock(mutex_);
  return stop_;
}

bool Session::caught_up() const {
  const core::MutexLock lock(mutex_);
  return caught_up_;
}

uint64_t Session::generation() const {
  const core::MutexLock lock(mutex_);
  return outstanding_.generation();
}

absl::Duration Session::Patience(absl::Duration usual) const {
  const core::MutexLock lock(mutex_);
  return stop_ ? std::min(usual, std::max(stop_by_.left() / 2, absl::ZeroDuration())) : usual;
}

std::string Session::NotReadyReason() const {
  const core::MutexLock lock(mutex_);
  if (!watch_.answers()) return bus::kBrokerDoesNotAnswer;
  if (!assigned_) return "waiting for the scoring group to share out the partitions";
  if (behind_ > 0) return absl::StrCat(behind_, " partitions are still being folded");
  return "";
}

absl::Status Session::Run() {
  absl::StatusOr<std::unique_ptr<bus::GroupSource>> source = ports_.make_group_source(this);
  if (!source.ok()) return source.status();
  source_ = *std::move(source);
  absl::Status end;
  while (end.ok()) {
    {
      const core::MutexLock lock(mutex_);
      if (stop_) break;
      end = delivery_error_;
    }
    if (!end.ok()) break;
    absl::StatusOr<std::optional<bus::ConsumedRecord>> record = source_->Poll(kPollTimeout);
    if (!record.ok()) {
      end = record.status();
    } else if (record->has_value()) {
      watch_.Heard();
      end = Handle(**record);
    } else {
      watch_.Ask();
    }
    const core::SteadyTime now = core::SteadyTime::Now();
    if (end.ok()) end = LookUpEnds(now, kLookUpTimeout);
    CommitIfDue(now);
  }
  if (end.ok()) {
    const bus::FlushResult flushed = ports_.sink->Flush(Patience(options_.revoke_timeout));
    if (flushed.failed + flushed.undelivered > 0) {
      spdlog::warn("{} updates are not delivered at the end; whoever goes on publishes them again",
                   flushed.failed + flushed.undelivered);
    }
  }
  // Closing calls OnRevoked, which commits what is delivered.
  if (const absl::Status closed = source_->Close(Patience(kCommitTimeout)); !closed.ok())
    spdlog::warn("{}", std::string(closed.message()));
  source_.reset();
  return end;
}

std::vector<bus::PartitionOffset> Session::OnAssigned(const std::vector<bus::PartitionOffset>& committed) {
  RebalanceCounter().Increment();
  PartitionsAssigned().Set(static_cast<double>(committed.size()));
  if (const absl::Status same = ports_.same_cluster(); same.code() == absl::StatusCode::kAborted) {
    const core::MutexLock lock(mutex_);
    delivery_error_ = same;  // Ends the session; what is read until then belongs to nobody.
    std::vector<bus::PartitionOffset> nothing = committed;
    for (bus::PartitionOffset& partition : nothing) partition.offset = 0;
    return nothing;
  }
  owned_.clear();
  std::vector<bus::PartitionOffset> starts;
  for (const bus::PartitionOffset& c : committed) {
    Owned& owned = owned_[c.partition];
    owned.silent_until = std::max<int64_t>(c.offset, 0);
    owned.committed = owned.asked = owned.silent_until;
    const auto kept = kept_.find(c.partition);
    if (kept != kept_.end() && kept->second->next_offset() == owned.silent_until) {
      owned.fold = std::move(kept->second);
    } else {
      owned.fold = std::make_unique<PartitionFold>(options_.epoch, c.partition, options_.partitions);
    }
    starts.push_back({c.topic, c.partition, owned.fold->next_offset()});
    spdlog::info("partition {}: folds from offset {}, publishes from {}", c.partition, owned.fold->next_offset(),
                 owned.silent_until);
  }
  kept_.clear();
  {
    const core::MutexLock lock(mutex_);
    const uint64_t generation = outstanding_.BeginAssignment();
    for (auto& [partition, owned] : owned_) owned.lane = &lanes_.emplace_back(Lane{*this, generation, partition});
    assigned_ = true;
    behind_ = static_cast<int>(owned_.size());
  }
  last_look_up_ = core::SteadyTime::InfinitePast();
  return starts;
}

absl::Status Session::LookUpEnds(core::SteadyTime now, absl::Duration timeout) {
  if (now - last_look_up_ < kLookUpPause) return absl::OkStatus();
  const bool wanted = std::any_of(owned_.begin(), owned_.end(), [](const auto& o) { return !o.second.caught_up_at; });
  if (!wanted || stopping()) return absl::OkStatus();
  const absl::StatusOr<std::vector<int64_t>> ends = ports_.end_offsets(timeout);
  last_look_up_ = core::SteadyTime::Now();
  if (!ends.ok()) {  // Not ready until it is known: what is not known may be far away.
    spdlog::warn("where the log ends is not known yet: {}", std::string(ends.status().message()));
    return absl::OkStatus();
  }
  for (auto& [partition, owned] : owned_) {
    const auto number = static_cast<size_t>(partition);
    const int64_t end = number < ends->size() ? (*ends)[number] : 0;
    if (end < owned.committed) {
      return absl::DataLossError(absl::StrCat(options_.indicators_topic, " partition ", partition, " ends at offset ",
                                              end, ", and was scored up to offset ", owned.committed,
                                              ": records were lost"));
    }
    if (!owned.caught_up_at) owned.caught_up_at = end;
    NoteProgress(owned);
  }
  return absl::OkStatus();
}

void Session::NoteProgress(Owned& owned) {
  if (!owned.behind || !owned.caught_up_at || owned.fold->next_offset() < *owned.caught_up_at) return;
  owned.behind = false;
  const core::MutexLock lock(mutex_);
  caught_up_ = --behind_ == 0 || caught_up_;
}

void Session::OnRevoked() {
  // A stop has flushed already.
  if (!stopping()) (void)ports_.sink->Flush(options_.revoke_timeout);
  if (const std::vector<bus::PartitionOffset> next = Committable(&Owned::committed); !next.empty()) {
    if (const absl::Status s = source_->CommitNow(next, Patience(kCommitTimeout)); !s.ok()) {
      spdlog::warn("{}, on the way out; the work is done again elsewhere", std::string(s.message()));
    }
  }
  KeepFolds();
}

void Session::OnLost() {
  spdlog::warn("the group gave the partitions to others");
  KeepFolds();
}

void Session::KeepFolds() {
  for (auto& [partition, owned] : owned_) kept_[partition] = std::move(owned.fold);
  owned_.clear();
  PartitionsAssigned().Set(0);
  const core::MutexLock lock(mutex_);
  assigned_ = false;
  behind_ = 0;
}

absl::Status Session::Handle(const bus::ConsumedRecord& record) {
  const auto it = owned_.find(record.partition);
  if (it == owned_.end()) return absl::OkStatus();  // Read before a revoke, handed out after it.
  Owned& owned = it->second;
  if (record.offset < owned.silent_until) {
    const absl::Status kept = owned.fold->Keep(record);
    NoteProgress(owned);
    return kept;
  }
  const core::SteadyTime begin = core::SteadyTime::Now();
  const absl::StatusOr<Folded> folded = owned.fold->Fold(record);
  if (!folded.ok()) return folded.status();
  NoteProgress(owned);
  OutcomeCounter(folded->update.outcome).Increment();
  rating_seconds_.Observe(absl::ToDoubleSeconds(core::SteadyTime::Now() - begin));
  return Publish(*owned.lane, record, *folded);
}

absl::Status Session::Publish(const Lane& lane, const bus::ConsumedRecord& record, const Folded& folded) {
  telemetry::Span span("score", telemetry::Span::Kind::kConsumer,
                       bus::FindHeader(record.headers, "traceparent").value_or(""));
  span.Set("messaging.system", "kafka");
  span.Set("messaging.kafka.message.offset", absl::StrCat(record.offset));
  if (folded.dead_letter.has_value()) {
    DeadLetterCounter(*folded.dead_letter).Increment();
    spdlog::warn("dead letter at partition {} offset {}: {}", record.partition, record.offset,
                 codec::ReasonWord(*folded.dead_letter));
    bus::ConsumedRecord whole = record;
    whole.headers = source_->AllHeaders();
    const absl::Status s = Produce(lane, DeadLetter(options_.dead_letter_topic, whole, folded), record.offset);
    if (!s.ok()) return s;
  }
  update_.partition = record.partition;
  update_.key = record.key ? *record.key : std::string();
  update_.value = codec::EncodeUpdate(folded.update);
  update_.headers = codec::UpdateHeaders(span.traceparent());
  if (update_.value.size() > options_.max_update_bytes) {
    MarkUndelivered(lane, record.offset);  // Nothing may be committed past it.
    return absl::InternalError(absl::StrCat("the update for partition ", record.partition, " offset ", record.offset,
                                            " has ", update_.value.size(), " bytes, more than the ",
                                            options_.max_update_bytes, " that a topic takes"));
  }
  return Produce(lane, update_, record.offset);
}

void Session::MarkUndelivered(const Lane& lane, int64_t offset) {
  const core::MutexLock lock(mutex_);
  outstanding_.Add(lane.partition, offset);
}

void Session::OnDelivered(const Lane& lane, int64_t offset, const absl::StatusOr<bus::DeliveredAt>& at) {
  const core::MutexLock lock(mutex_);
  if (at.ok()) {
    outstanding_.Delivered(lane.generation, lane.partition, offset);
  } else if (lane.generation == outstanding_.generation() && delivery_error_.ok() && !stop_) {
    delivery_error_ = absl::AbortedError(absl::StrCat("an update was not delivered: ", at.status().message()));
  }
  if (++deliveries_ == enough_room_at_ || !delivery_error_.ok()) changed_.NotifyAll();
}

absl::Status Session::Produce(const Lane& lane, const bus::OutgoingRecord& record, int64_t offset) {
  MarkUndelivered(lane, offset);
  // Small enough to be held without an allocation.
  const auto delivered = [&lane, offset](const absl::StatusOr<bus::DeliveredAt>& at) {
    lane.session.OnDelivered(lane, offset, at);
  };
  while (true) {
    const absl::Status produced = ports_.sink->Produce(record, delivered);
    if (produced.code() != absl::StatusCode::kResourceExhausted) return produced;
    const core::MutexLock lock(mutex_);  // The queue is full: no more is read until deliveries come in.
    enough_room_at_ = deliveries_ + std::clamp(ports_.sink->outstanding() / 2, size_t{1}, kEnoughRoom);
    const auto goes_on = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return stop_ || !delivery_error_.ok() || deliveries_ >= enough_room_at_;
    };
    changed_.WaitUntil(mutex_, core::SteadyTime::Now() + absl::Milliseconds(100), goes_on);
    if (stop_) return absl::OkStatus();  // Not delivered, so not committed: it is published again.
    if (!delivery_error_.ok()) return delivery_error_;
  }
}

std::vector<bus::PartitionOffset> Session::Committable(int64_t Owned::*already) {
  std::vector<bus::PartitionOffset> next;
  const core::MutexLock lock(mutex_);
  for (auto& [partition, owned] : owned_) {
    const int64_t until = outstanding_.CommittableUpTo(partition, owned.fold->next_offset());
    if (until <= owned.committed || until <= owned.*already) continue;
    owned.asked = until;
    next.push_back({options_.indicators_topic, partition, until});
  }
  return next;
}

void Session::CommitIfDue(core::SteadyTime now) {
  if (now - last_commit_ < options_.commit_interval) return;
  last_commit_ = now;
  rating_seconds_.Flush();
  const std::vector<bus::PartitionOffset> next = Committable(&Owned::asked);
  if (next.empty()) return;
  source_->Commit(next, [this, next, generation = generation()](const absl::Status& answer) {
    TakeAnswer(generation, next, answer);
  });
}

void Session::TakeAnswer(uint64_t generation, const std::vector<bus::PartitionOffset>& asked,
                         const absl::Status& answer) {
  if (!answer.ok() && !absl::IsCancelled(answer)) {
    spdlog::warn("{}; it is tried again, and a restart meanwhile publishes some updates again",
                 std::string(answer.message()));
  }
  if (generation != this->generation()) return;
  for (const bus::PartitionOffset& next : asked) {
    const auto found = owned_.find(next.partition);
    if (found == owned_.end()) continue;
    Owned& owned = found->second;
    if (answer.ok()) owned.committed = std::max(owned.committed, next.offset);
    if (!answer.ok()) owned.asked = owned.committed;
  }
}

}  // namespace bellwether::scoring
