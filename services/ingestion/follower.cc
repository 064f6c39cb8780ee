#include "services/ingestion/follower.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/codec/log.h"
#include "bellwether/codec/unopened.h"
#include "bellwether/core/mutex.h"

namespace bellwether::ingestion {
namespace {

// How long a step may wait for a record: so long may a waiter wait before its end is looked up.
constexpr absl::Duration kPoll = absl::Milliseconds(20);
// How long a look-up of the end may keep the log unread.
constexpr absl::Duration kLookUp = absl::Seconds(2);
// Records a step, so that waiters are not kept waiting while a long log is read.
constexpr int kRecordsAStep = 1000;

}  // namespace

Follower::Follower(std::string topic, Definitions* definitions) : topic_(std::move(topic)), definitions_(definitions) {}

Follower::~Follower() { EndWaiters(); }

void Follower::EndWaiters() {
  std::vector<Waiter> ended;
  {
    const core::MutexLock lock(mutex_);
    ended.swap(waiters_);
  }
  for (Waiter& waiter : ended) waiter.done(absl::UnavailableError("the service is ending"));
}

absl::Status Follower::Begin(bus::RecordSource& source, int partitions, SameCluster same_cluster) {
  same_cluster_ = std::move(same_cluster);
  definitions_->Clear();
  caught_up_ = false;
  first_end_.clear();
  read_to_.resize(std::max(read_to_.size(), next_.size()));
  for (size_t p = 0; p < next_.size(); ++p) read_to_[p] = std::max(read_to_[p], next_[p]);
  next_.assign(static_cast<size_t>(partitions), 0);
  {
    const core::MutexLock lock(mutex_);
    for (Waiter& waiter : waiters_) waiter.until.clear();  // It may be another log now.
  }
  std::vector<bus::PartitionOffset> starts;
  for (int32_t p = 0; p < partitions; ++p) starts.push_back({topic_, p, 0});
  return source.Assign(starts);
}

absl::Status Follower::Step(bus::RecordSource& source) {
  if (const absl::Status s = LookUpEnd(source); !s.ok()) return s;
  for (int i = 0; i < kRecordsAStep; ++i) {
    absl::StatusOr<std::optional<bus::ConsumedRecord>> record = source.Poll(i == 0 ? kPoll : absl::ZeroDuration());
    if (!record.ok()) return record.status();
    if (!record->has_value()) break;
    if (const absl::Status s = Take(**record); !s.ok()) return s;
  }
  if (!caught_up_ && !first_end_.empty() && Reached(first_end_)) caught_up_ = true;
  AnswerWaiters();
  return absl::OkStatus();
}

void Follower::StepWithoutSource() { AnswerWaiters(); }

absl::Status Follower::Take(const bus::ConsumedRecord& record) {
  if (record.partition < 0 || static_cast<size_t>(record.partition) >= next_.size()) return absl::OkStatus();
  int64_t& next = next_[static_cast<size_t>(record.partition)];
  if (record.offset < next) return absl::OkStatus();
  if (record.offset > next) {
    return absl::DataLossError(absl::StrCat(record.topic, " partition ", record.partition, ": offset ", next,
                                            " is missing before offset ", record.offset));
  }
  ++next;
  if (record.value.has_value() && !codec::MayHoldDefinition(*record.value)) return absl::OkStatus();
  // What is a dead letter is scoring's to tell.
  const codec::LogRecord read =
      codec::ReadLogRecord(record.key, record.value, record.partition, static_cast<int32_t>(next_.size()));
  if (!read.record.ok()) return absl::OkStatus();
  if (const auto* applied = std::get_if<rating::AppliedDefinition>(&read.record->value)) {
    definitions_->Apply(read.record->key, *applied);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int64_t>> Follower::EndOfSameLog(bus::RecordSource& source, absl::Duration time) {
  absl::StatusOr<std::vector<int64_t>> end = source.EndOffsets(topic_, time);
  if (!end.ok()) return end;
  // A broker that came back may be another one, and would tell the end of a log that was never read.
  if (const absl::Status s = same_cluster_(time); !s.ok()) return s;
  for (size_t p = 0; p < next_.size(); ++p) {
    if (p >= end->size() || (*end)[p] < next_[p]) {
      return absl::AbortedError(absl::StrCat(topic_, " partition ", p, " ends before offset ", next_[p],
                                             ", which was read: it is another log now"));
    }
  }
  return end;
}

absl::Status Follower::LookUpEnd(bus::RecordSource& source) {
  bool wanted = first_end_.empty();
  core::SteadyTime earliest = core::SteadyTime::InfiniteFuture();
  size_t asked = 0;  // Later waiters may not take an end that was looked up before they came.
  {
    const core::MutexLock lock(mutex_);
    asked = waiters_.size();
    for (const Waiter& waiter : waiters_) {
      earliest = std::min(earliest, waiter.deadline);
      wanted = wanted || waiter.until.empty();
    }
  }
  const absl::Duration time = std::min(kLookUp, earliest.left());
  if (!wanted || time <= absl::ZeroDuration()) return absl::OkStatus();
  const absl::StatusOr<std::vector<int64_t>> end = EndOfSameLog(source, time);
  if (absl::IsAborted(end.status())) {
    ForgetWhatWasRead();
    return end.status();
  }
  if (!end.ok()) {
    spdlog::debug("the end of the log is not known: {}", std::string(end.status().message()));
    return absl::OkStatus();
  }
  if (first_end_.empty()) {
    first_end_ = *end;
    if (const absl::Status s = CheckNothingIsLost(); !s.ok()) return s;
  }
  const core::MutexLock lock(mutex_);
  for (size_t i = 0; i < asked; ++i) {
    if (waiters_[i].until.empty()) waiters_[i].until = *end;
  }
  return absl::OkStatus();
}

absl::Status Follower::CheckNothingIsLost() const {
  for (size_t p = 0; p < std::min(read_to_.size(), first_end_.size()); ++p) {
    if (first_end_[p] >= read_to_[p]) continue;
    return absl::DataLossError(absl::StrCat(topic_, " partition ", p, " ends at offset ", first_end_[p],
                                            ", and was read up to offset ", read_to_[p], ": records were lost"));
  }
  return absl::OkStatus();
}

bool Follower::Reached(const std::vector<int64_t>& until) const {
  if (until.size() != next_.size()) return false;
  for (size_t p = 0; p < until.size(); ++p) {
    if (next_[p] < until[p]) return false;
  }
  return true;
}

void Follower::WaitForEnd(core::SteadyTime deadline, std::function<void(absl::Status)> done) {
  const core::MutexLock lock(mutex_);
  waiters_.push_back({deadline, std::move(done), {}});
}

void Follower::AnswerWaiters() {
  const core::SteadyTime now = core::SteadyTime::Now();
  std::vector<std::pair<std::function<void(absl::Status)>, absl::Status>> answers;
  {
    const core::MutexLock lock(mutex_);
    auto keep = waiters_.begin();
    for (Waiter& waiter : waiters_) {
      if (!waiter.until.empty() && Reached(waiter.until)) {
        answers.emplace_back(std::move(waiter.done), absl::OkStatus());
      } else if (waiter.deadline <= now) {
        answers.emplace_back(std::move(waiter.done),
                             absl::UnavailableError("the end of the log could not be reached in time"));
      } else {
        if (&*keep != &waiter) *keep = std::move(waiter);
        ++keep;
      }
    }
    waiters_.erase(keep, waiters_.end());
  }
  for (auto& [done, status] : answers) done(status);  // Not under the lock: they may wait again.
}

}  // namespace bellwether::ingestion
