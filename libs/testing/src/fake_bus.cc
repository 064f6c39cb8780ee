#include "bellwether/testing/fake_bus.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/partition.h"
#include "fake_bus_state.h"

namespace bellwether::testing {

absl::StatusOr<FakePartition*> FakeBus::State::Find(const std::string& topic, int32_t partition) {
  auto found = topics.find(topic);
  if (found == topics.end()) return absl::NotFoundError(absl::StrCat("topic ", topic, ": there is none"));
  if (partition < 0 || static_cast<size_t>(partition) >= found->second.size()) {
    return absl::NotFoundError(absl::StrCat("topic ", topic, " partition ", partition, ": there is none"));
  }
  return &found->second[static_cast<size_t>(partition)];
}

absl::StatusOr<bus::DeliveredAt> FakeBus::State::Store(const bus::OutgoingRecord& record) {
  auto topic = topics.find(record.topic);
  if (topic == topics.end()) return absl::NotFoundError(absl::StrCat("topic ", record.topic, ": there is none"));
  const int32_t number = record.partition == bus::kPartitionByKey
                             ? core::PartitionOf(record.key, static_cast<int32_t>(topic->second.size()))
                             : record.partition;
  absl::StatusOr<FakePartition*> partition = Find(record.topic, number);
  if (!partition.ok()) return partition.status();
  now += absl::Milliseconds(1);
  const int64_t offset = (*partition)->end++;
  (*partition)
      ->records.push_back({.topic = record.topic,
                           .partition = number,
                           .offset = offset,
                           .key = record.key,
                           .value = record.value,
                           .headers = record.headers,
                           .timestamp = now});
  changed.NotifyAll();
  return bus::DeliveredAt{number, offset};
}

absl::StatusOr<std::optional<bus::ConsumedRecord>> FakeBus::State::Next(FakePositions* positions) {
  for (auto& [place, position] : *positions) {
    absl::StatusOr<FakePartition*> partition = Find(place.first, place.second);
    if (!partition.ok()) return partition.status();
    if (position < (*partition)->begin || position > (*partition)->end) {
      return absl::DataLossError(absl::StrCat("topic ", place.first, " partition ", place.second,
                                              ": the log does not hold offset ", position));
    }
    for (const bus::ConsumedRecord& record : (*partition)->records) {
      if (record.offset < position) continue;
      position = record.offset + 1;
      return record;
    }
  }
  return std::nullopt;
}

FakeBus::FakeBus() : state_(std::make_unique<State>()) {}
FakeBus::~FakeBus() = default;

void FakeBus::CreateTopic(const std::string& name, int partitions) {
  const core::MutexLock lock(state_->mutex);
  state_->topics[name].resize(static_cast<size_t>(partitions));
}

bus::DeliveredAt FakeBus::Append(const bus::OutgoingRecord& record) {
  const core::MutexLock lock(state_->mutex);
  return state_->Store(record).value();
}

std::vector<bus::ConsumedRecord> FakeBus::Records(const std::string& topic, int32_t partition) const {
  const core::MutexLock lock(state_->mutex);
  const auto& records = state_->Find(topic, partition).value()->records;
  return {records.begin(), records.end()};
}

std::vector<bus::ConsumedRecord> FakeBus::Records(const std::string& topic) const {
  const core::MutexLock lock(state_->mutex);
  std::vector<bus::ConsumedRecord> all;
  for (const FakePartition& partition : state_->topics.at(topic)) {
    all.insert(all.end(), partition.records.begin(), partition.records.end());
  }
  return all;
}

int64_t FakeBus::Committed(const std::string& group, int32_t partition) const {
  const core::MutexLock lock(state_->mutex);
  const auto& committed = state_->groups[group].committed;
  const auto found = committed.find(partition);
  return found == committed.end() ? -1 : found->second;
}

void FakeBus::HoldDeliveries(bool hold) {
  const core::MutexLock lock(state_->mutex);
  state_->hold = hold;
  state_->changed.NotifyAll();
}

void FakeBus::SilenceGroups(bool silent) {
  const core::MutexLock lock(state_->mutex);
  state_->silent = silent;
  state_->changed.NotifyAll();
}

void FakeBus::RefuseCommits(absl::Status status) {
  const core::MutexLock lock(state_->mutex);
  state_->commit_refusal = std::move(status);
}

int FakeBus::RefusedCommits() const {
  const core::MutexLock lock(state_->mutex);
  return state_->refused_commits;
}

void FakeBus::FailDeliveries(absl::Status status, bool stored) {
  const core::MutexLock lock(state_->mutex);
  state_->failure = std::move(status);
  state_->store_failed = stored;
}

void FakeBus::RefuseRecords(absl::Status status) {
  const core::MutexLock lock(state_->mutex);
  state_->refusal = std::move(status);
}

void FakeBus::FailSources(absl::Status status) {
  const core::MutexLock lock(state_->mutex);
  ++state_->source_generation;
  state_->source_failure = std::move(status);
  state_->changed.NotifyAll();
}

void FakeBus::FailSinks() {
  const core::MutexLock lock(state_->mutex);
  ++state_->sink_generation;
  state_->changed.NotifyAll();
}

void FakeBus::SkipOffsets(const std::string& topic, int32_t partition, int64_t count) {
  const core::MutexLock lock(state_->mutex);
  state_->Find(topic, partition).value()->end += count;
}

void FakeBus::DropBefore(const std::string& topic, int32_t partition, int64_t offset) {
  const core::MutexLock lock(state_->mutex);
  FakePartition& log = *state_->Find(topic, partition).value();
  while (!log.records.empty() && log.records.front().offset < offset) log.records.pop_front();
  log.begin = offset;
  state_->changed.NotifyAll();
}

void FakeBus::BecomeOtherCluster() {
  const core::MutexLock lock(state_->mutex);
  ++state_->cluster;
  for (auto& [name, partitions] : state_->topics) partitions.assign(partitions.size(), FakePartition());
  for (auto& [name, group] : state_->groups) group.committed.clear();
  state_->changed.NotifyAll();
}

void FakeBus::Rebalance(const std::string& group, bool lost) {
  const core::MutexLock lock(state_->mutex);
  ++state_->groups[group].generation;
  state_->groups[group].lost = lost;
  state_->changed.NotifyAll();
}

void FakeBus::SetTime(absl::Time time) {
  const core::MutexLock lock(state_->mutex);
  state_->now = time;
}

}  // namespace bellwether::testing
