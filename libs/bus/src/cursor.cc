#include "bellwether/bus/cursor.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bellwether/core/steady_time.h"

namespace bellwether::bus {
namespace {

constexpr absl::Duration kPollTimeout = absl::Milliseconds(200);

}  // namespace

absl::Status CheckNext(const ConsumedRecord& record, int64_t due) {
  if (record.offset == due) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("partition ", record.partition, " of ", record.topic, " goes on at offset ",
                                          record.offset, " where ", due, " was due: the log has a hole"));
}

std::vector<PartitionOffset> Cursor::Begin(size_t partitions) {
  for (size_t i = 0; i < next_.size(); ++i) furthest_[i] = std::max(furthest_[i], next_[i]);
  furthest_.resize(std::max(furthest_.size(), partitions));
  next_.assign(partitions, 0);
  std::vector<PartitionOffset> starts;
  for (size_t i = 0; i < partitions; ++i) starts.push_back({topic_, static_cast<int32_t>(i), 0});
  return starts;
}

void Cursor::Forget() {
  next_.clear();
  furthest_.clear();
}

absl::Status Cursor::CheckNothingIsLost(const std::vector<int64_t>& ends) const {
  for (size_t i = 0; i < std::min(next_.size(), ends.size()); ++i) {
    const int64_t read = std::max(furthest_[i], next_[i]);
    if (ends[i] >= read) continue;
    return absl::DataLossError(absl::StrCat("partition ", i, " of ", topic_, " ends at offset ", ends[i],
                                            ", and was read up to offset ", read, ": records were lost"));
  }
  return absl::OkStatus();
}

absl::Status Cursor::Take(const ConsumedRecord& record) {
  const auto partition = static_cast<size_t>(record.partition);
  if (partition >= next_.size()) {
    return absl::AbortedError(absl::StrCat("partition ", record.partition, " of ", topic_, " is new: there were ",
                                           next_.size(), " when it was begun with"));
  }
  if (absl::Status s = CheckNext(record, next_[partition]); !s.ok()) return s;
  ++next_[partition];
  return absl::OkStatus();
}

int64_t Cursor::Behind(const std::vector<int64_t>& ends) const {
  int64_t behind = 0;
  for (size_t i = 0; i < ends.size(); ++i) {
    behind += std::max<int64_t>(0, ends[i] - (i < next_.size() ? next_[i] : 0));
  }
  return behind;
}

absl::Status ReadPartition(RecordSource& source, const PartitionOffset& from, int64_t end,
                           const std::function<absl::Status(absl::Duration)>& go_on,
                           const std::function<absl::StatusOr<bool>(ConsumedRecord)>& take) {
  if (from.offset >= end) return absl::OkStatus();
  if (absl::Status s = source.Assign({from}); !s.ok()) return s;
  core::SteadyTime last = core::SteadyTime::Now();
  for (int64_t next = from.offset; next < end;) {
    if (absl::Status s = go_on(core::SteadyTime::Now() - last); !s.ok()) return s;
    absl::StatusOr<std::optional<ConsumedRecord>> record = source.Poll(kPollTimeout);
    if (!record.ok()) return record.status();
    if (!record->has_value()) continue;
    if (absl::Status s = CheckNext(**record, next); !s.ok()) return s;
    ++next;
    last = core::SteadyTime::Now();
    const absl::StatusOr<bool> more = take(*std::move(*record));
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace bellwether::bus
