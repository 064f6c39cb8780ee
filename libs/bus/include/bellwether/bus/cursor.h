// Reading a log from its beginning without a gap: how far each partition is read, and what is a loss.
#ifndef BELLWETHER_BUS_CURSOR_H_
#define BELLWETHER_BUS_CURSOR_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/bus/record.h"
#include "bellwether/bus/source.h"

namespace bellwether::bus {

// OK where the record is the one that was due in its partition; DataLoss where it is not: the log has a hole.
absl::Status CheckNext(const ConsumedRecord& record, int64_t due);

// How far a topic is read, partition by partition, and how far it ever was. Not thread-safe.
class Cursor {
 public:
  explicit Cursor(std::string topic) : topic_(std::move(topic)) {}

  // Begins anew, at the first record of each of so many partitions: where to read them from.
  std::vector<PartitionOffset> Begin(size_t partitions);
  // The log is another one: what was read says nothing about it.
  void Forget();
  // DataLoss where the log, which ends there, lacks what was ever read of it.
  absl::Status CheckNothingIsLost(const std::vector<int64_t>& ends) const;
  // Takes the next record. DataLoss: a hole, and nothing is changed; or a partition that there was not.
  absl::Status Take(const ConsumedRecord& record);
  // How many records it has not read yet of those before `ends`.
  int64_t Behind(const std::vector<int64_t>& ends) const;
  // The next offset of each partition.
  const std::vector<int64_t>& next() const { return next_; }

 private:
  const std::string topic_;
  std::vector<int64_t> next_;
  std::vector<int64_t> furthest_;  // Before the last Begin; at least as many.
};

// Reads one partition from `from` up to before `end`, in order and without a gap (else DataLoss), until `take` says
// false or an error. Asked before each wait with how long nothing came, `go_on` says whether to wait on; its error ends
// it. Other errors: as RecordSource says.
absl::Status ReadPartition(RecordSource& source, const PartitionOffset& from, int64_t end,
                           const std::function<absl::Status(absl::Duration silence)>& go_on,
                           const std::function<absl::StatusOr<bool>(ConsumedRecord)>& take);

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_CURSOR_H_
