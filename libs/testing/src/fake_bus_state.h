// What the parts of FakeBus share.
#ifndef BELLWETHER_TESTING_SRC_FAKE_BUS_STATE_H_
#define BELLWETHER_TESTING_SRC_FAKE_BUS_STATE_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/testing/fake_bus.h"

namespace bellwether::testing {

class FakeMember;

struct FakePartition {
  std::deque<bus::ConsumedRecord> records;
  int64_t begin = 0;
  int64_t end = 0;
};

struct FakeGroup {
  std::string topic;
  std::vector<FakeMember*> members;
  int generation = 0;
  bool lost = false;
  std::map<int32_t, int64_t> committed;
};

using FakePositions = std::map<std::pair<std::string, int32_t>, int64_t>;

struct FakeBus::State {
  mutable core::Mutex mutex;
  mutable core::CondVar changed;
  std::map<std::string, std::vector<FakePartition>> topics ABSL_GUARDED_BY(mutex);
  std::map<std::string, FakeGroup> groups ABSL_GUARDED_BY(mutex);
  absl::Time now ABSL_GUARDED_BY(mutex) = absl::FromUnixSeconds(1'646'092'800);
  bool hold ABSL_GUARDED_BY(mutex) = false;
  bool silent ABSL_GUARDED_BY(mutex) = false;
  absl::Status commit_refusal ABSL_GUARDED_BY(mutex);
  int refused_commits ABSL_GUARDED_BY(mutex) = 0;
  absl::Status failure ABSL_GUARDED_BY(mutex);
  bool store_failed ABSL_GUARDED_BY(mutex) = false;
  absl::Status refusal ABSL_GUARDED_BY(mutex);
  int sink_generation ABSL_GUARDED_BY(mutex) = 0;
  int source_generation ABSL_GUARDED_BY(mutex) = 0;
  absl::Status source_failure ABSL_GUARDED_BY(mutex);
  int cluster ABSL_GUARDED_BY(mutex) = 0;

  absl::StatusOr<bus::DeliveredAt> Store(const bus::OutgoingRecord& record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  absl::StatusOr<FakePartition*> Find(const std::string& topic, int32_t partition) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  // The next record of any of these partitions; moves its position on.
  absl::StatusOr<std::optional<bus::ConsumedRecord>> Next(FakePositions* positions)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
};

}  // namespace bellwether::testing

#endif  // BELLWETHER_TESTING_SRC_FAKE_BUS_STATE_H_
