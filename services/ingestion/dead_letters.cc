#include "services/ingestion/dead_letters.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bellwether/bus/cursor.h"
#include "bellwether/codec/log.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/partition.h"

namespace bellwether::ingestion {
namespace {

constexpr absl::Duration kLookUp = absl::Seconds(5);

size_t KeyAndHeaderBytes(const bus::ConsumedRecord& record) {
  size_t bytes = record.key.value_or("").size();
  for (const bus::Header& header : record.headers) bytes += header.name.size() + header.value.size();
  return bytes;
}

// Whether what is in force was recorded after the letter. Within one partition the offset says so; between two of them
// only the clock of the brokers, and in doubt it is newer.
bool IsNewer(const rating::RecordedAt& in_force, const DeadLetter& letter, int32_t partition) {
  if (partition == letter.position.partition) return in_force.offset > letter.position.offset;
  return in_force.time >= letter.recorded_at;
}

}  // namespace

std::string LetterCursor::ToString() const { return absl::StrCat(partition, ".", next, ".", newest_told); }

std::optional<LetterCursor> LetterCursor::Parse(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '.');
  LetterCursor cursor;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &cursor.partition) ||
      !absl::SimpleAtoi(parts[1], &cursor.next) || !absl::SimpleAtoi(parts[2], &cursor.newest_told) ||
      cursor.partition < 0 || cursor.next < 0) {
    return std::nullopt;
  }
  return cursor;
}

DeadLetterReader::DeadLetterReader(bus::RecordSource* source, uint32_t epoch, std::string dead_letter_topic,
                                   std::string indicators_topic, core::SteadyTime deadline,
                                   const std::atomic<bool>& stopped, LetterCancelled cancelled)
    : source_(source),
      epoch_(epoch),
      dead_letter_topic_(std::move(dead_letter_topic)),
      indicators_topic_(std::move(indicators_topic)),
      deadline_(deadline),
      stopped_(stopped),
      cancelled_(std::move(cancelled)) {}

absl::StatusOr<std::vector<DeadLetterReader::Held>> DeadLetterReader::HeldBy(const std::string& topic) const {
  const auto ends = source_->EndOffsets(topic, std::min(deadline_.left(), kLookUp));
  if (!ends.ok()) return ends.status();
  // Letters are not kept for ever.
  const auto beginnings = source_->BeginningOffsets(topic, std::min(deadline_.left(), kLookUp));
  if (!beginnings.ok()) return beginnings.status();
  std::vector<Held> held;
  for (size_t i = 0; i < std::min(ends->size(), beginnings->size()); ++i)
    held.push_back({(*beginnings)[i], (*ends)[i]});
  return held;
}

absl::Status DeadLetterReader::Read(const std::string& topic, int32_t partition, Held held,
                                    const std::function<bool(bus::ConsumedRecord)>& take) {
  return bus::ReadPartition(
      *source_, {topic, partition, held.begin}, held.end,
      [&](absl::Duration) {
        if (cancelled_ != nullptr && cancelled_()) return absl::CancelledError("the caller went away");
        if (!deadline_.over() && !stopped_) return absl::OkStatus();
        return absl::DeadlineExceededError(
            absl::StrCat("partition ", partition, " of ", topic, " could not be read in time"));
      },
      take);
}

DeadLetter DeadLetterReader::LetterOf(bus::ConsumedRecord record) const {
  DeadLetter letter;
  codec::DeadLetterNote note = codec::TakeNote(&record.headers, record.timestamp);
  letter.position = {epoch_, record.partition, note.offset};
  letter.reason = std::move(note.reason);
  letter.message = std::move(note.message);
  letter.recorded_at = note.recorded_at;
  letter.headers = std::move(record.headers);
  letter.key = std::move(record.key).value_or("");
  letter.value = std::move(record.value).value_or("");
  letter.value_bytes = letter.value.size();
  return letter;
}

absl::StatusOr<bool> DeadLetterReader::List(int count, LetterCursor* cursor, std::vector<DeadLetter>* letters) {
  const absl::StatusOr<std::vector<Held>> held = HeldBy(dead_letter_topic_);
  if (!held.ok()) return held.status();
  size_t bytes = 0;
  for (; static_cast<size_t>(cursor->partition) < held->size(); *cursor = {cursor->partition + 1, 0, -1}) {
    const Held& partition = (*held)[static_cast<size_t>(cursor->partition)];
    const Held rest = {std::max(cursor->next, partition.begin), partition.end};
    bool full = false;
    const absl::Status read = Read(dead_letter_topic_, cursor->partition, rest, [&](bus::ConsumedRecord record) {
      const size_t size = KeyAndHeaderBytes(record);
      if (letters->size() >= static_cast<size_t>(count) ||
          (!letters->empty() && bytes + size > core::limits::kPageBytes)) {
        full = true;
        return false;
      }
      cursor->next = record.offset + 1;
      DeadLetter letter = LetterOf(std::move(record));
      if (letter.position.offset <= cursor->newest_told) return true;
      cursor->newest_told = letter.position.offset;
      std::string().swap(letter.value);
      bytes += size;
      letters->push_back(std::move(letter));
      return true;
    });
    if (!read.ok()) return read;
    if (full) return true;
  }
  return false;
}

absl::StatusOr<std::optional<DeadLetter>> DeadLetterReader::Find(const codec::Position& position) {
  const absl::StatusOr<std::vector<Held>> held = HeldBy(dead_letter_topic_);
  if (!held.ok()) return held.status();
  const auto partition = static_cast<size_t>(position.partition);
  if (partition >= held->size()) return std::nullopt;
  std::optional<DeadLetter> found;
  const absl::Status read =
      Read(dead_letter_topic_, position.partition, (*held)[partition], [&](bus::ConsumedRecord record) {
        DeadLetter letter = LetterOf(std::move(record));
        if (letter.position.offset != position.offset) return true;
        found = std::move(letter);
        return false;
      });
  if (!read.ok()) return read;
  return found;
}

absl::StatusOr<DeadLetterReader::OneLedger> DeadLetterReader::LedgerOf(const core::IndicatorKey& key) {
  const absl::StatusOr<std::vector<Held>> held = HeldBy(indicators_topic_);
  if (!held.ok()) return held.status();
  const std::string text = key.ToString();
  const auto partitions = static_cast<int32_t>(held->size());
  OneLedger log;
  log.partition = core::PartitionOf(text, partitions);
  const absl::Status read =
      Read(indicators_topic_, log.partition, (*held)[static_cast<size_t>(log.partition)],
           [&](const bus::ConsumedRecord& record) {
             if (record.key != text) return true;
             const codec::LogRecord content = codec::ReadLogRecord(record.key, record.value, log.partition, partitions);
             if (content.record.ok()) {
               log.ledger.Apply(content.record->value,
                                {record.offset, codec::RecordedAtOf(record.headers, record.timestamp)});
             }
             return true;
           });
  if (!read.ok()) return read;
  return log;
}

Replay FoldReplay(const DeadLetterReader::OneLedger& log, const DeadLetter& letter, const codec::KeyedRecord& record) {
  const rating::Ledger& before = log.ledger;
  rating::Ledger after = before;
  Replay replay;
  replay.applied = after.Apply(record.value, {std::numeric_limits<int64_t>::max(), absl::InfiniteFuture()});
  const auto tell = [&](const rating::RecordedAt& in_force, const std::string& what) {
    if (!IsNewer(in_force, letter, log.partition)) return;
    absl::StrAppend(&replay.newer_in_force, replay.newer_in_force.empty() ? "" : "; ", what, " was recorded at ",
                    absl::FormatTime("%Y-%m-%d %H:%M:%E3SZ", in_force.time, absl::UTCTimeZone()));
  };
  for (const core::Period& period : replay.applied.changed) {
    const auto slot = before.slots().find(period);
    if (slot == before.slots().end()) continue;
    tell(slot->second.recorded, slot->second.reading
                                    ? absl::StrCat("reading ", slot->second.reading->reading_id, " of ",
                                                   period.ToString(), ", which is in force,")
                                    : absl::StrCat("the withdrawal of the reading of ", period.ToString()));
  }
  if (replay.applied.definition_changed && before.definition()) {
    tell(before.definition_recorded(), "the definition that is in force");
  }
  if (replay.applied.comment_changed) {
    const auto& comment = std::get<rating::Comment>(record.value);
    const auto in_force = before.comments().find(comment.period);
    if (in_force != before.comments().end()) tell(in_force->second.recorded, "the comment that is in force");
  }
  return replay;
}

}  // namespace bellwether::ingestion
