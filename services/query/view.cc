#include "services/query/view.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bellwether/core/text.h"
#include "bellwether/rating/evaluate.h"
#include "services/query/dump.h"

namespace bellwether::query {
namespace {

constexpr size_t kFeedsLimit = 200;

std::string Place(const codec::Position& position) {
  return absl::StrCat("the update of partition ", position.partition, ", offset ", position.offset);
}

bool SameSettled(const rating::Settled& a, const rating::Settled& b) {
  return a.offset == b.offset && a.reading_id == b.reading_id && a.outcome == b.outcome && a.detail == b.detail;
}

// The update must say what follows from its record and those before it.
absl::Status CheckFollows(const rating::Applied& applied, const codec::Update& update) {
  std::string what;
  if (applied.outcome != update.outcome) {
    what =
        absl::StrCat("says \"", core::ToAbsl(rating::OutcomeWord(update.outcome)),
                     "\", but the records before it give \"", core::ToAbsl(rating::OutcomeWord(applied.outcome)), "\"");
  } else if (applied.detail != update.detail) {
    what = absl::StrCat("says \"", update.detail, "\", but the records before it give \"", applied.detail, "\"");
  } else if (!std::equal(applied.settled.begin(), applied.settled.end(), update.settled.begin(), update.settled.end(),
                         SameSettled)) {
    what = "settles other held records than the records before it give";
  } else {
    return absl::OkStatus();
  }
  return absl::InternalError(absl::StrCat(
      Place(update.position), " ", what,
      ": it was written by other rules than this view's, or a record before it is not the one that was scored"));
}

void Settle(const std::vector<rating::Settled>& settled, std::vector<Occurrence>* occurrences) {
  for (const rating::Settled& s : settled) {
    const auto found = std::lower_bound(occurrences->begin(), occurrences->end(), s.offset,
                                        [](const Occurrence& o, int64_t offset) { return o.offset < offset; });
    if (found == occurrences->end() || found->offset != s.offset) continue;
    found->outcome = s.outcome;
    found->detail = s.detail;
  }
}

}  // namespace

View::View(const ViewOptions& options, const core::Clock* clock, OnChange on_change)
    : options_(options), clock_(clock), on_change_(std::move(on_change)) {}

void View::Reset(int partitions) {
  const absl::MutexLock lock(&mutex_);
  ++generation_;
  councils_.clear();
  feeds_.clear();
  partitions_ = std::vector<Partition>(static_cast<size_t>(partitions));
}

absl::Status View::Apply(const bus::ConsumedRecord& record) {
  const std::string place =
      absl::StrCat("topic ", record.topic, ", partition ", record.partition, ", offset ", record.offset, ": ");
  if (!record.value) return absl::InvalidArgumentError(absl::StrCat(place, "a record without a value is no update"));
  absl::StatusOr<codec::UnopenedUpdate> unopened = codec::DecodeUnopened(*record.value);
  if (!unopened.ok()) return absl::InvalidArgumentError(absl::StrCat(place, unopened.status().message()));
  const codec::Update* update = &unopened->update;
  if (update->position.epoch != options_.epoch) {
    return absl::FailedPreconditionError(absl::StrCat(place, "the update is of epoch ", update->position.epoch,
                                                      " of the log, and this view is of epoch ", options_.epoch,
                                                      ": --epoch or --scores-topic is wrong"));
  }
  if (update->position.partition != record.partition) {
    return absl::InvalidArgumentError(
        absl::StrCat(place, "the update is of partition ", update->position.partition, ", and stands in another"));
  }
  if (update->record && update->record->key.ToString() != record.key.value_or("")) {
    return absl::InvalidArgumentError(absl::StrCat(place, "the key \"", core::Shorten(record.key.value_or(""), 60),
                                                   "\" is not that of the update, ", update->record->key.ToString()));
  }
  std::vector<core::IndicatorKey> changed;
  absl::Status applied;
  {
    const absl::MutexLock lock(&mutex_);
    applied = ApplyLocked(*std::move(unopened), &changed);
  }
  if (on_change_) {
    for (const core::IndicatorKey& key : changed) on_change_(key);
  }
  return applied.ok() ? applied : absl::Status(applied.code(), absl::StrCat(place, applied.message()));
}

absl::Status View::ApplyLocked(codec::UnopenedUpdate update, std::vector<core::IndicatorKey>* changed) {
  const codec::Position at = update.update.position;
  if (at.partition < 0 || static_cast<size_t>(at.partition) >= partitions_.size()) {
    return absl::InvalidArgumentError(absl::StrCat(Place(at), " is of a partition that the topic does not have"));
  }
  Partition& partition = partitions_[static_cast<size_t>(at.partition)];
  if (at.offset < partition.next) return absl::OkStatus();
  partition.highest = std::max(partition.highest, at.offset);
  if (at.offset > partition.next) {
    if (partition.set_aside.size() < options_.set_aside_limit) {
      partition.set_aside.try_emplace(at.offset, std::move(update));
    }
    if (partition.hole_since == absl::InfiniteFuture()) partition.hole_since = clock_->Now();
    return absl::OkStatus();
  }
  while (true) {
    if (absl::Status s = Fold(std::move(update), changed); !s.ok()) return s;
    ++partition.next;
    const auto first = partition.set_aside.begin();
    if (first == partition.set_aside.end() || first->first != partition.next) break;
    update = std::move(first->second);
    partition.set_aside.erase(first);
  }
  partition.hole_since = partition.highest < partition.next ? absl::InfiniteFuture() : clock_->Now();
  return absl::OkStatus();
}

Indicator& View::Writable(const core::IndicatorKey& key, int32_t partition) {
  Council& council = councils_[key.council];
  council.version = ++newest_version_;
  std::shared_ptr<Indicator>& state = council.indicators[key.ref];
  if (state == nullptr) {
    state = std::make_shared<Indicator>();
    state->key = key;
    state->generation = generation_;
    state->partition = partition;
  } else if (state.use_count() > 1) {
    state = std::make_shared<Indicator>(*state);
  } else {
    // The last reader to let go did so before what is written now: pointers are only handed out under the lock.
    std::atomic_thread_fence(std::memory_order_acquire);
  }
  return *state;
}

absl::Status View::Fold(codec::UnopenedUpdate unopened, std::vector<core::IndicatorKey>* changed) {
  codec::Update& update = unopened.update;
  const codec::Position at = update.position;
  if (!update.record) {
    ++partitions_[static_cast<size_t>(at.partition)].dead_letters;
    return absl::OkStatus();
  }
  const core::IndicatorKey& key = update.record->key;
  Indicator& indicator = Writable(key, at.partition);
  if (indicator.partition != at.partition) {
    return absl::InternalError(absl::StrCat(Place(at), " is about ", key.ToString(), ", which lies in partition ",
                                            indicator.partition, ": the log was partitioned anew within its epoch"));
  }
  const rating::Applied applied = indicator.ledger.Apply(update.record->value, {at.offset, update.recorded_at});
  if (absl::Status s = CheckFollows(applied, update); !s.ok()) return s;

  indicator.newest_offset = at.offset;
  Settle(update.settled, &indicator.occurrences);
  if (applied.definition_changed) {
    const rating::Ledger& ledger = indicator.ledger;
    const std::vector<core::Period> scored = rating::ScoredPeriods(*ledger.definition(), ledger.slots());
    std::erase_if(indicator.scores, [&](const auto& entry) {
      return std::find(scored.begin(), scored.end(), entry.first) == scored.end();
    });
  }
  for (codec::EncodedScore& score : unopened.scores) {
    indicator.scores.insert_or_assign(score.period, std::move(score.bytes));
  }
  if (const auto* reading = std::get_if<rating::Reading>(&update.record->value)) Met(*reading, update.recorded_at);
  changed->push_back(key);
  AddOccurrence({at.offset, update.recorded_at, update.outcome, std::nullopt, std::move(unopened.record_bytes),
                 std::move(update.detail)},
                update.record->value, &indicator);
  return absl::OkStatus();
}

std::vector<int64_t> View::NextOffsets() const {
  const absl::ReaderMutexLock lock(&mutex_);
  std::vector<int64_t> next;
  next.reserve(partitions_.size());
  for (const Partition& partition : partitions_) next.push_back(partition.next);
  return next;
}

std::string View::Alarm() const {
  const absl::Time now = clock_->Now();
  const absl::ReaderMutexLock lock(&mutex_);
  std::vector<std::string> holes;
  for (size_t i = 0; i < partitions_.size(); ++i) {
    if (now - partitions_[i].hole_since <= options_.hole_timeout) continue;
    holes.push_back(absl::StrCat("partition ", i, " lacks the update of offset ", partitions_[i].next));
  }
  if (holes.empty()) return "";
  return absl::StrCat("the scores topic has a hole: ", absl::StrJoin(holes, "; "));
}

IndicatorPtr View::Find(const core::IndicatorKey& key) const {
  const absl::ReaderMutexLock lock(&mutex_);
  const auto council = councils_.find(key.council);
  if (council == councils_.end()) return nullptr;
  const auto found = council->second.indicators.find(key.ref);
  return found == council->second.indicators.end() ? nullptr : found->second;
}

std::vector<IndicatorPtr> View::Indicators(std::string_view council) const {
  std::vector<IndicatorPtr> indicators;
  {
    const absl::ReaderMutexLock lock(&mutex_);
    const auto found = councils_.find(council);
    if (found == councils_.end()) return indicators;
    indicators.reserve(found->second.indicators.size());
    for (const auto& [ref, indicator] : found->second.indicators) {
      if (indicator->ledger.definition()) indicators.push_back(indicator);
    }
  }
  std::sort(indicators.begin(), indicators.end(),
            [](const IndicatorPtr& a, const IndicatorPtr& b) { return IsBefore(*a, *b); });
  return indicators;
}

uint64_t View::VersionOf(std::string_view council) const {
  const absl::ReaderMutexLock lock(&mutex_);
  const auto found = councils_.find(council);
  return found == councils_.end() ? 0 : found->second.version;
}

// A feed that names itself anew for each reading must not fill the memory.
void View::Met(const rating::Reading& reading, absl::Time recorded_at) {
  const auto found = feeds_.find(reading.source);
  if (found != feeds_.end()) {
    found->second = std::max(found->second, recorded_at);
  } else if (feeds_.size() < kFeedsLimit) {
    feeds_.emplace(reading.source, recorded_at);
  }
}

std::vector<std::string> View::Councils() const {
  const absl::ReaderMutexLock lock(&mutex_);
  std::vector<std::string> councils;
  for (const auto& [name, council] : councils_) councils.push_back(name);
  return councils;
}

View::Size View::Count() const {
  const absl::ReaderMutexLock lock(&mutex_);
  Size size;
  for (const Partition& partition : partitions_) size.dead_letters += partition.dead_letters;
  for (const auto& [name, council] : councils_) {
    size.indicators += council.indicators.size();
    for (const auto& [ref, indicator] : council.indicators) size.scores += indicator->scores.size();
  }
  return size;
}

std::map<std::string, absl::Time> View::Feeds() const {
  const absl::ReaderMutexLock lock(&mutex_);
  return {feeds_.begin(), feeds_.end()};
}

std::string View::Dump() const {
  std::vector<PartitionLine> partitions;
  std::vector<IndicatorPtr> indicators;
  {
    const absl::ReaderMutexLock lock(&mutex_);
    for (const Partition& partition : partitions_) partitions.push_back({partition.next, partition.dead_letters});
    for (const auto& [name, council] : councils_) {
      for (const auto& [ref, indicator] : council.indicators) indicators.push_back(indicator);
    }
  }
  return DumpText(options_.epoch, partitions, indicators);
}

}  // namespace bellwether::query
