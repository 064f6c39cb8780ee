#include <algorithm>
#include <utility>

#include "bellwether/core/mutex.h"
#include "fake_bus_state.h"

namespace bellwether::testing {
namespace {

absl::Status OtherCluster() { return absl::AbortedError("the brokers now belong to another cluster than before"); }

class FakeSource final : public bus::RecordSource {
 public:
  explicit FakeSource(FakeBus::State* bus) : bus_(*bus) {
    const core::MutexLock lock(bus_.mutex);
    cluster_ = bus_.cluster;
    generation_ = bus_.source_generation;
  }

  absl::Status Assign(const std::vector<bus::PartitionOffset>& starts) override {
    positions_.clear();
    for (const auto& start : starts) positions_[{start.topic, start.partition}] = start.offset;
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<bus::ConsumedRecord>> Poll(absl::Duration timeout) override {
    const core::SteadyTime deadline = core::SteadyTime::Now() + timeout;
    const core::MutexLock lock(bus_.mutex);
    absl::StatusOr<std::optional<bus::ConsumedRecord>> record = std::nullopt;
    bus_.changed.WaitUntil(bus_.mutex, deadline, [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(bus_.mutex) {
      if (bus_.source_generation != generation_) {
        record = bus_.source_failure;
      } else {
        record = bus_.cluster == cluster_ ? bus_.Next(&positions_) : OtherCluster();
      }
      return !record.ok() || record->has_value();
    });
    return record;
  }

  absl::StatusOr<std::vector<int64_t>> EndOffsets(std::string_view topic, absl::Duration /*timeout*/) const override {
    return Offsets(std::string(topic), &FakePartition::end);
  }

  absl::StatusOr<int64_t> EndOffset(std::string_view topic, int32_t partition,
                                    absl::Duration /*timeout*/) const override {
    const core::MutexLock lock(bus_.mutex);
    auto found = bus_.Find(std::string(topic), partition);
    if (!found.ok()) return found.status();
    return (*found)->end;
  }

  absl::StatusOr<std::vector<int64_t>> BeginningOffsets(std::string_view topic,
                                                        absl::Duration /*timeout*/) const override {
    return Offsets(std::string(topic), &FakePartition::begin);
  }

  int64_t disconnects() const override { return 0; }

 private:
  absl::StatusOr<std::vector<int64_t>> Offsets(const std::string& topic, int64_t FakePartition::*which) const {
    const core::MutexLock lock(bus_.mutex);
    const auto found = bus_.topics.find(topic);
    if (found == bus_.topics.end()) return absl::NotFoundError("topic " + topic + ": there is none");
    std::vector<int64_t> offsets;
    for (const FakePartition& partition : found->second) offsets.push_back(partition.*which);
    return offsets;
  }

  FakeBus::State& bus_;
  int cluster_ = 0;
  int generation_ = 0;
  FakePositions positions_;
};

}  // namespace

class FakeMember final : public bus::GroupSource {
 public:
  FakeMember(FakeBus::State* bus, const bus::GroupOptions& options, bus::GroupListener* listener)
      : bus_(*bus), name_(options.group), listener_(*listener) {
    const core::MutexLock lock(bus_.mutex);
    cluster_ = bus_.cluster;
    FakeGroup& group = bus_.groups[name_];
    group.topic = options.topic;
    group.members.push_back(this);
    ++group.generation;
  }

  ~FakeMember() override {
    Close(absl::Seconds(2)).IgnoreError();
    {
      const core::MutexLock lock(bus_.mutex);
      std::erase(bus_.groups[name_].members, this);
    }
    for (const auto& done : unanswered_) done(absl::CancelledError("commit: the source was closed first"));
  }

  absl::StatusOr<std::optional<bus::ConsumedRecord>> Poll(absl::Duration timeout) override {
    const core::SteadyTime deadline = core::SteadyTime::Now() + timeout;
    while (true) {
      AnswerCommits();
      TakePart();
      const core::MutexLock lock(bus_.mutex);
      if (bus_.cluster != cluster_) return OtherCluster();
      auto record = bus_.Next(&positions_);
      if (record.ok() && record->has_value()) last_headers_ = (*record)->headers;
      if (!record.ok() || record->has_value()) return record;
      bool woken = false;  // By anything: a rebalance, an answer to a commit, a record.
      const auto again = [&woken] { return std::exchange(woken, true); };
      if (!bus_.changed.WaitUntil(bus_.mutex, deadline, again)) return std::nullopt;
    }
  }

  bus::Headers AllHeaders() const override { return last_headers_; }

  void Commit(const std::vector<bus::PartitionOffset>& next, std::function<void(absl::Status)> done) override {
    const core::MutexLock lock(bus_.mutex);
    if (bus_.silent) return unanswered_.push_back(std::move(done));
    commits_.emplace_back(std::move(done), Store(next));
    bus_.changed.NotifyAll();
  }

  absl::Status CommitNow(const std::vector<bus::PartitionOffset>& next, absl::Duration timeout) override {
    const core::MutexLock lock(bus_.mutex);
    if (!Answers(core::SteadyTime::Now() + timeout))
      return absl::DeadlineExceededError("commit: the broker did not answer");
    return Store(next);
  }

  absl::Status Close(absl::Duration timeout) override {
    if (closed_) return absl::OkStatus();
    closed_ = true;
    const core::SteadyTime by = core::SteadyTime::Now() + timeout;
    AnswerCommits();
    if (assigned_) listener_.OnRevoked();
    const core::MutexLock lock(bus_.mutex);
    if (!Answers(by)) return absl::DeadlineExceededError("leaving the group: the broker did not answer");
    FakeGroup& group = bus_.groups[name_];
    group.members.erase(std::find(group.members.begin(), group.members.end(), this));
    ++group.generation;
    bus_.changed.NotifyAll();
    return absl::OkStatus();
  }

  absl::Status Ask(absl::Duration /*timeout*/) const override { return absl::OkStatus(); }

  int64_t disconnects() const override { return 0; }

 private:
  // Waits while the broker is silent. False: for too long.
  bool Answers(core::SteadyTime by) ABSL_EXCLUSIVE_LOCKS_REQUIRED(bus_.mutex) {
    return bus_.changed.WaitUntil(bus_.mutex, by,
                                  [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(bus_.mutex) { return !bus_.silent; });
  }

  absl::Status Store(const std::vector<bus::PartitionOffset>& next) ABSL_EXCLUSIVE_LOCKS_REQUIRED(bus_.mutex) {
    if (bus_.cluster != cluster_) return OtherCluster();
    if (!bus_.commit_refusal.ok()) {
      ++bus_.refused_commits;
      return bus_.commit_refusal;
    }
    for (const auto& p : next) bus_.groups[name_].committed[p.partition] = p.offset;
    return absl::OkStatus();
  }

  // Gives up the partitions of an older generation; takes those of this one once all members have given up theirs.
  void TakePart() {
    bool revoke = false;
    bool lost = false;
    {
      const core::MutexLock lock(bus_.mutex);
      const FakeGroup& group = bus_.groups[name_];
      if (generation_ != group.generation) {
        revoke = std::exchange(assigned_, false);
        lost = group.lost;
      }
    }
    if (revoke && lost) listener_.OnLost();
    if (revoke && !lost) listener_.OnRevoked();
    std::vector<bus::PartitionOffset> mine;
    {
      const core::MutexLock lock(bus_.mutex);
      FakeGroup& group = bus_.groups[name_];
      if (generation_ != group.generation) {
        positions_.clear();
        generation_ = group.generation;
        bus_.changed.NotifyAll();
      }
      if (assigned_ || !std::all_of(group.members.begin(), group.members.end(),
                                    [&](const FakeMember* m) { return m->generation_ == group.generation; })) {
        return;
      }
      assigned_ = true;
      mine = MyShare(group);
    }
    for (const auto& start : listener_.OnAssigned(mine)) positions_[{start.topic, start.partition}] = start.offset;
  }

  std::vector<bus::PartitionOffset> MyShare(const FakeGroup& group) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(bus_.mutex) {
    const auto topic = bus_.topics.find(group.topic);
    const size_t partitions = topic == bus_.topics.end() ? 0 : topic->second.size();
    const size_t members = group.members.size();
    const auto me =
        static_cast<size_t>(std::find(group.members.begin(), group.members.end(), this) - group.members.begin());
    std::vector<bus::PartitionOffset> share;
    for (size_t p = partitions * me / members; p < partitions * (me + 1) / members; ++p) {
      const auto number = static_cast<int32_t>(p);
      const auto committed = group.committed.find(number);
      share.push_back({group.topic, number, committed == group.committed.end() ? -1 : committed->second});
    }
    return share;
  }

  void AnswerCommits() {
    std::vector<std::pair<std::function<void(absl::Status)>, absl::Status>> commits;
    {
      const core::MutexLock lock(bus_.mutex);
      commits.swap(commits_);
    }
    for (auto& [done, status] : commits) {
      if (done) done(status);
    }
  }

  FakeBus::State& bus_;
  const std::string name_;
  bus::GroupListener& listener_;
  int cluster_ = 0;
  int generation_ = -1;  // Guarded by the bus's mutex.
  bool assigned_ = false;
  bool closed_ = false;
  FakePositions positions_;
  bus::Headers last_headers_;
  std::vector<std::pair<std::function<void(absl::Status)>, absl::Status>> commits_;  // Guarded by the bus's mutex.
  std::vector<std::function<void(absl::Status)>> unanswered_;                        // The same.
};

std::unique_ptr<bus::RecordSource> FakeBus::MakeSource() { return std::make_unique<FakeSource>(state_.get()); }

std::unique_ptr<bus::GroupSource> FakeBus::MakeGroupSource(const bus::GroupOptions& options,
                                                           bus::GroupListener* listener) {
  return std::make_unique<FakeMember>(state_.get(), options, listener);
}

}  // namespace bellwether::testing
