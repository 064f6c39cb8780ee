#include "services/scoring/fold.h"

#include <algorithm>
#include <utility>

#include "bellwether/bus/cursor.h"
#include "bellwether/core/ids.h"
#include "bellwether/rating/evaluate.h"
#include "bellwether/rating/warnings.h"

namespace bellwether::scoring {
namespace {

absl::Time RecordedAt(const bus::ConsumedRecord& record) {
  return codec::RecordedAtOf(record.headers, record.timestamp);
}

}  // namespace

codec::LogRecord PartitionFold::Read(std::optional<std::string_view> key, std::optional<std::string_view> value) {
  codec::LogRecord read = codec::ReadLogRecord(key, value, partition_, partitions_);
  if (!read.record.ok()) return read;
  if (auto* applied = std::get_if<rating::AppliedDefinition>(&read.record->value)) {
    applied->definition = schemes_.Share(std::move(applied->definition));
  }
  return read;
}

absl::Status PartitionFold::Advance(const bus::ConsumedRecord& record) {
  if (absl::Status s = bus::CheckNext(record, next_offset_); !s.ok()) return s;
  ++next_offset_;
  return absl::OkStatus();
}

absl::Status PartitionFold::Keep(const bus::ConsumedRecord& record) {
  if (absl::Status s = Advance(record); !s.ok()) return s;
  if (record.key && record.value) {
    IndicatorOf(*record.key).kept.push_back({{record.offset, RecordedAt(record)}, absl::Cord(*record.value)});
  }
  return absl::OkStatus();
}

PartitionFold::Indicator& PartitionFold::IndicatorOf(const std::string& key) {
  std::unique_ptr<Indicator>& indicator = indicators_[key];
  if (indicator == nullptr) indicator = std::make_unique<Indicator>();
  return *indicator;
}

rating::Ledger& PartitionFold::LedgerOf(const std::string& key) {
  Indicator& indicator = IndicatorOf(key);
  for (const Kept& kept : indicator.kept) {
    const std::string value(kept.value);
    codec::LogRecord read = Read(key, value);
    if (read.record.ok()) indicator.ledger.Apply(std::move(read.record->value), kept.recorded);
  }
  indicator.kept = {};
  return indicator.ledger;
}

absl::StatusOr<Folded> PartitionFold::Fold(const bus::ConsumedRecord& record) {
  if (absl::Status s = Advance(record); !s.ok()) return s;
  Folded folded;
  codec::Update& update = folded.update;
  update.position = {epoch_, partition_, record.offset};
  update.recorded_at = RecordedAt(record);
  codec::LogRecord read = Read(record.key, record.value);
  if (!read.record.ok()) {
    folded.dead_letter = read.dead_letter;
    update.outcome = rating::Outcome::kDeadLetter;
    update.detail = std::string(read.record.status().message());
    update.original_key = record.key.value_or("");
    return folded;
  }
  rating::Ledger& ledger = LedgerOf(*record.key);
  std::optional<core::Period> period;  // Of a reading, which the ledger takes over.
  if (const auto* reading = std::get_if<rating::Reading>(&read.record->value)) period = reading->period;
  rating::Applied applied = ledger.Apply(std::move(read.record->value), {record.offset, update.recorded_at});
  update.outcome = applied.outcome;
  update.detail = applied.detail;
  update.settled = std::move(applied.settled);
  Rerate(applied, ledger, &update);
  if (period && ledger.definition() && !applied.changed.empty()) {  // Then the reading is in force.
    const rating::Reading& reading = *ledger.slots().find(*period)->second.reading;
    const std::optional<rating::Series> joined = JoinedOf(ledger);
    update.warnings =
        rating::WarningsOf(joined ? joined->definition : *ledger.definition(), reading,
                           joined ? joined->slots : ledger.slots(), DayOf({record.offset, update.recorded_at}));
  }
  update.record = *record.value;
  return folded;
}

core::Date PartitionFold::DayOf(const rating::RecordedAt& recorded) {
  const int64_t hour = absl::ToUnixSeconds(recorded.time) / 3600;
  if (hour != hour_) day_ = rating::DayOf(recorded);
  hour_ = hour;
  return day_;
}

std::optional<rating::Series> PartitionFold::JoinedOf(const rating::Ledger& ledger) {
  const rating::Definition& definition = *ledger.definition();
  if (!rating::TakesOver(definition)) return std::nullopt;
  const std::string key = core::IndicatorKey{definition.council, definition.predecessor}.ToString();
  if (!indicators_.contains(key)) return std::nullopt;
  const rating::Ledger& before = LedgerOf(key);
  // Each begins before the next, so that no circle goes on.
  if (!before.definition() || !rating::GoesOn(definition, *before.definition())) return std::nullopt;
  const std::optional<rating::Series> joined = JoinedOf(before);
  const rating::Subject others =
      joined ? joined->subject()
             : rating::Subject{before.definition().get(), before.definition_recorded(), &before.slots()};
  return rating::Joined({&definition, ledger.definition_recorded(), &ledger.slots()}, others);
}

void PartitionFold::Rerate(const rating::Applied& applied, const rating::Ledger& ledger, codec::Update* update) {
  if (!ledger.definition()) return;
  const rating::Definition& definition = *ledger.definition();
  std::vector<core::Period> periods;
  if (applied.definition_changed) periods = rating::ScoredPeriods(definition, ledger.slots());
  for (const core::Period& changed : applied.changed) {
    std::vector<core::Period> affected = rating::AffectedPeriods(definition, ledger.slots(), changed);
    if (periods.empty()) {
      periods = std::move(affected);
    } else {
      periods.insert(periods.end(), affected.begin(), affected.end());
    }
  }
  std::sort(periods.begin(), periods.end());
  periods.erase(std::unique(periods.begin(), periods.end()), periods.end());
  for (const core::Period& period : periods) {
    rating::Evaluation evaluation = rating::Evaluate(definition, ledger.definition_recorded(), ledger.slots(), period);
    // A score names the newest record that it depends on. If that is not this one, it is as it was published before.
    if (evaluation.head.newest.offset == update->position.offset) {
      rating::MoveInto(std::move(evaluation), &update->scores.emplace_back());
    }
  }
}

}  // namespace bellwether::scoring
