// The dead-letter topic as operators ask about it, and what a replay would do. Reads the bus anew for each question:
// nothing of it is kept in memory, and nobody asks often.
#ifndef BELLWETHER_SERVICES_INGESTION_DEAD_LETTERS_H_
#define BELLWETHER_SERVICES_INGESTION_DEAD_LETTERS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bellwether/bus/record.h"
#include "bellwether/bus/source.h"
#include "bellwether/codec/record.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/rating/ledger.h"

namespace bellwether::ingestion {

// One record that scoring could not read, as it wrote it into the dead-letter topic.
struct DeadLetter {
  codec::Position position;  // Of the record in the log.
  absl::Time recorded_at = absl::InfinitePast();
  std::string reason;   // One of scoring's words, such as "key-mismatch".
  std::string message;  // The same in words.
  std::string key;
  std::string value;       // Of a list: empty, for hundreds of them would fill the memory.
  size_t value_bytes = 0;  // Its length.
  bus::Headers headers;    // The record's own.
};

// Where a list goes on. The topic may hold a letter twice, since scoring may write it again.
struct LetterCursor {
  int32_t partition = 0;
  int64_t next = 0;              // Offset of the dead-letter topic.
  int64_t newest_told = -1;      // Of the partition's letters, by offset of the log.
  std::string ToString() const;  // "3.17.904"
  static std::optional<LetterCursor> Parse(const std::string& text);
};

// Whether nobody waits for the answer any more. Asked for each record. Null: somebody does.
using LetterCancelled = std::function<bool()>;

// Reads through a source of its own. One thread. Errors: Unavailable or DeadlineExceeded if the broker does not answer
// by the deadline, or within five seconds, or the service stops; Cancelled once `cancelled` says so; otherwise what the
// source says.
class DeadLetterReader {
 public:
  // `stopped` must outlive it.
  DeadLetterReader(bus::RecordSource* source, uint32_t epoch, std::string dead_letter_topic,
                   std::string indicators_topic, core::SteadyTime deadline, const std::atomic<bool>& stopped,
                   LetterCancelled cancelled = nullptr);

  // At most `count` letters, and 3 MiB of keys and headers, from `cursor` on, which then stands behind the last of
  // them. Whether there may be more.
  absl::StatusOr<bool> List(int count, LetterCursor* cursor, std::vector<DeadLetter>* letters);
  // Empty: there is none of that record.
  absl::StatusOr<std::optional<DeadLetter>> Find(const codec::Position& position);
  // What the log, as it stands now, makes of one indicator, and in which partition it lies.
  struct OneLedger {
    rating::Ledger ledger;
    int32_t partition = 0;
  };
  absl::StatusOr<OneLedger> LedgerOf(const core::IndicatorKey& key);

 private:
  // The offsets that a partition holds, as it stands now: from `begin` to before `end`.
  struct Held {
    int64_t begin = 0;
    int64_t end = 0;
  };
  absl::StatusOr<std::vector<Held>> HeldBy(const std::string& topic) const;
  // Hands over the records of those offsets, until `take` says false.
  absl::Status Read(const std::string& topic, int32_t partition, Held held,
                    const std::function<bool(bus::ConsumedRecord)>& take);
  DeadLetter LetterOf(bus::ConsumedRecord record) const;

  bus::RecordSource* const source_;
  const uint32_t epoch_;
  const std::string dead_letter_topic_;
  const std::string indicators_topic_;
  const core::SteadyTime deadline_;
  const std::atomic<bool>& stopped_;
  const LetterCancelled cancelled_;
};

// What a replay would do.
struct Replay {
  rating::Applied applied;
  // In words: what was recorded after the letter, is in force, and would be replaced. Empty: nothing.
  std::string newer_in_force;
};
Replay FoldReplay(const DeadLetterReader::OneLedger& log, const DeadLetter& letter, const codec::KeyedRecord& record);

}  // namespace bellwether::ingestion

#endif  // BELLWETHER_SERVICES_INGESTION_DEAD_LETTERS_H_
