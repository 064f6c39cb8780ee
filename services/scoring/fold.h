// Scoring as a fold: one record of the indicators topic in, one update out. Pure but for what it remembers.
#ifndef BELLWETHER_SERVICES_SCORING_FOLD_H_
#define BELLWETHER_SERVICES_SCORING_FOLD_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/cord.h"
#include "bellwether/bus/record.h"
#include "bellwether/codec/log.h"
#include "bellwether/codec/record.h"
#include "bellwether/rating/ledger.h"
#include "bellwether/rating/predecessor.h"
#include "bellwether/rating/shared_schemes.h"

namespace bellwether::scoring {

// What became of one record.
struct Folded {
  codec::Update update;
  std::optional<codec::DeadLetterReason> dead_letter;  // Absent: it is none.
};

// The fold of one partition from its first record on. Not thread-safe.
class PartitionFold {
 public:
  // Partition `partition` of `partitions`: what a key says must lie in its own.
  PartitionFold(uint32_t epoch, int32_t partition, int32_t partitions)
      : epoch_(epoch), partition_(partition), partitions_(partitions) {}

  // Takes the next record. Whatever its bytes are, there is an update for it, which points into them. Error: DataLoss
  // if its offset is not next_offset(): a hole or a jump in the log, and nothing is changed.
  absl::StatusOr<Folded> Fold(const bus::ConsumedRecord& record);
  // Takes the next record, whose update was published before. It is kept as bytes, and folded when its indicator is
  // next in a record whose update is wanted: after a start that is soon for few of them. Error: as of Fold.
  absl::Status Keep(const bus::ConsumedRecord& record);

  // The offset of the record that comes next.
  int64_t next_offset() const { return next_offset_; }

 private:
  // As codec::ReadLogRecord, with schemes shared.
  codec::LogRecord Read(std::optional<std::string_view> key, std::optional<std::string_view> value);

  struct Kept {
    rating::RecordedAt recorded;
    absl::Cord value;
  };
  struct Indicator {
    rating::Ledger ledger;
    std::vector<Kept> kept;  // Comes after what the ledger holds.
  };
  Indicator& IndicatorOf(const std::string& key);
  // With nothing kept.
  rating::Ledger& LedgerOf(const std::string& key);
  absl::Status Advance(const bus::ConsumedRecord& record);

  // As rating::DayOf, for records that come in the order of time.
  core::Date DayOf(const rating::RecordedAt& recorded);

  // Of an indicator that continues another: both as one. Absent: it continues none whose figures go on.
  std::optional<rating::Series> JoinedOf(const rating::Ledger& ledger);

  // Rates again what `applied` can have changed; what did change goes into `update`.
  static void Rerate(const rating::Applied& applied, const rating::Ledger& ledger, codec::Update* update);

  uint32_t epoch_;
  int32_t partition_;
  int32_t partitions_;
  int64_t next_offset_ = 0;
  absl::flat_hash_map<std::string, std::unique_ptr<Indicator>> indicators_;  // By key.
  rating::SharedSchemes schemes_;
  std::optional<int64_t> hour_;  // Of the record before, since 1970; no day begins within one.
  core::Date day_;
};

}  // namespace bellwether::scoring

#endif  // BELLWETHER_SERVICES_SCORING_FOLD_H_
