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

Follower::Follower(std::string topic, Definitions* definitions)
    : topic_(std::move(topic)), definitions_(definitions), cursor_(topic_) {}

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
  {
    const core::MutexLock lock(mutex_);
    for (Waiter& waiter : waiters_) waiter.until.clear();  // It may be another log now.
  }
  return source.Assign(cursor_.Begin(static_cast<size_t>(partitions)));
}

absl::Status Follower::Step(bus::RecordSource& source) {
  if (const absl::Status s = LookUpEnd(source); !s.ok()) return s;
  for (int i = 0; i < kRecordsAStep; ++i) {
    absl::StatusOr<std::optional<bus::ConsumedRecord>> record = source.Poll(i == 0 ? kPoll : absl::ZeroDuration());
    if (!record.ok()) return record.status();
    if (!record->has_value()) break;
    if (const absl::Status s = Take(**record); !s.ok()) return s;
  }
  if (!caught_up_ && !first_end_.empty() && cursor_.Behind(first_end_) == 0) caught_up_ = true;
  AnswerWaiters();
  return absl::OkStatus();
}

void Follower::StepWithoutSource() { AnswerWaiters(); }

absl::Status Follower::Take(const bus::ConsumedRecord& record) {
  if (absl::Status s = cursor_.Take(record); !s.ok()) return s;
  if (record.value.has_value() && !codec::MayHoldDefinition(*record.value)) return absl::OkStatus();
  // What is a dead letter is scoring's to tell.
  const codec::LogRecord read =
      codec::ReadLogRecord(record.key, record.value, record.partition, static_cast<int32_t>(cursor_.next().size()));
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
  const std::vector<int64_t>& next = cursor_.next();
  for (size_t p = 0; p < next.size(); ++p) {
    if (p >= end->size() || (*end)[p] < next[p]) {
      return absl::AbortedError(absl::StrCat("partition ", p, " of ", topic_, " ends before offset ", next[p],
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
  if (absl::IsAborted(end.status())) return end.status();
  if (!end.ok()) {
    spdlog::debug("the end of the log is not known: {}", std::string(end.status().message()));
    return absl::OkStatus();
  }
  if (first_end_.empty()) {
    first_end_ = *end;
    if (const absl::Status s = cursor_.CheckNothingIsLost(first_end_); !s.ok()) return s;
  }
  const core::MutexLock lock(mutex_);
  for (size_t i = 0; i < asked; ++i) {
    if (waiters_[i].until.empty()) waiters_[i].until = *end;
  }
  return absl::OkStatus();
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
      if (!waiter.until.empty() && cursor_.Behind(waiter.until) == 0) {
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
