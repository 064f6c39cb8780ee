#include "services/query/view.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bellwether/codec/record.h"
#include "bellwether/core/mutex.h"
#include "bellwether/core/partition.h"
#include "bellwether/core/text.h"
#include "bellwether/rating/evaluate.h"
#include "bellwether/rating/predecessor.h"
#include "services/query/dump.h"

namespace bellwether::query {
namespace {

constexpr size_t kFeedsLimit = 200;

std::string Place(const codec::Position& position) {
  return absl::StrCat("the update of partition ", position.partition, ", offset ", position.offset);
}

bool IsKeyOf(std::string_view key, const codec::RecordLabel& label) {
  return key.size() == label.council.size() + 1 + label.ref.size() && key.starts_with(label.council) &&
         key[label.council.size()] == '/' && key.ends_with(label.ref);
}

// What stands under the name; made where nothing does.
template <typename T>
T& At(std::string_view name, std::map<std::string, T, std::less<>>* of) {
  const auto found = of->find(name);
  return found != of->end() ? found->second : of->emplace(std::string(name), T()).first->second;
}

}  // namespace

View::View(const ViewOptions& options, const core::Clock* clock, OnChange on_change)
    : options_(options), clock_(clock), on_change_(std::move(on_change)) {}

void View::Reset(int partitions) {
  const core::MutexLock lock(mutex_);
  ++generation_;
  councils_.clear();
  unchecked_.clear();
  feeds_.clear();
  partitions_ = std::vector<Partition>(static_cast<size_t>(partitions));
}

absl::Status View::Apply(const bus::ConsumedRecord& record) {
  std::vector<core::IndicatorKey> changed;
  const absl::Status applied = TryApply(record, &changed);
  if (on_change_) {
    for (const core::IndicatorKey& key : changed) on_change_(key);
  }
  if (applied.ok()) return applied;
  return absl::Status(applied.code(), absl::StrCat("topic ", record.topic, ", partition ", record.partition,
                                                   ", offset ", record.offset, ": ", applied.message()));
}

absl::Status View::TryApply(const bus::ConsumedRecord& record, std::vector<core::IndicatorKey>* changed) {
  if (!record.value) return absl::InvalidArgumentError("a record without a value is no update");
  const absl::StatusOr<codec::UnopenedUpdate> update = codec::DecodeUnopened(*record.value);
  if (!update.ok()) return update.status();
  if (update->position.epoch != options_.epoch) {
    return absl::FailedPreconditionError(absl::StrCat("the update is of epoch ", update->position.epoch,
                                                      " of the log, and this view is of epoch ", options_.epoch,
                                                      ": --epoch or --scores-topic is wrong"));
  }
  if (update->position.partition != record.partition) {
    return absl::InvalidArgumentError(
        absl::StrCat("the update is of partition ", update->position.partition, ", and stands in another"));
  }
  if (update->label && !IsKeyOf(record.key.value_or(""), *update->label)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the key \"", core::Shorten(record.key.value_or(""), 60), "\" is not that of the update, ",
                     core::ToAbsl(update->label->council), "/", core::ToAbsl(update->label->ref)));
  }
  const core::MutexLock lock(mutex_);
  return ApplyLocked(*record.value, *update, changed);
}

absl::Status View::ApplyLocked(std::string_view update, const codec::UnopenedUpdate& unopened,
                               std::vector<core::IndicatorKey>* changed) {
  const codec::Position at = unopened.position;
  if (at.partition < 0 || static_cast<size_t>(at.partition) >= partitions_.size()) {
    return absl::InvalidArgumentError(absl::StrCat(Place(at), " is of a partition that the topic does not have"));
  }
  Partition& partition = partitions_[static_cast<size_t>(at.partition)];
  if (at.offset < partition.next) return absl::OkStatus();
  partition.highest = std::max(partition.highest, at.offset);
  if (at.offset > partition.next) {
    if (partition.set_aside.size() < options_.set_aside_limit) partition.set_aside.try_emplace(at.offset, update);
    if (partition.hole_since == core::SteadyTime::InfiniteFuture()) partition.hole_since = clock_->Steady();
    return absl::OkStatus();
  }
  if (absl::Status s = Keep(unopened, changed); !s.ok()) return s;
  ++partition.next;
  for (auto first = partition.set_aside.begin(); first != partition.set_aside.end() && first->first == partition.next;
       first = partition.set_aside.begin()) {
    const absl::StatusOr<codec::UnopenedUpdate> next = codec::DecodeUnopened(first->second);
    if (!next.ok()) return next.status();
    if (absl::Status s = Keep(*next, changed); !s.ok()) return s;
    ++partition.next;
    partition.set_aside.erase(first);
  }
  partition.hole_since = partition.highest < partition.next ? core::SteadyTime::InfiniteFuture() : clock_->Steady();
  return absl::OkStatus();
}

Indicator& View::MakeWritable(Entry* entry) {
  if (!IsAlone(entry->state)) entry->state = std::make_shared<Indicator>(*entry->state);
  return *entry->state;
}

IndicatorPtr View::PredecessorOf(const rating::Definition& definition, const CouncilEntry& council) {
  const auto named = council.indicators.find(definition.predecessor);
  if (named == council.indicators.end()) return nullptr;
  const IndicatorPtr before = named->second.state;
  return before->definition != nullptr && rating::Follows(definition, *before->definition) ? before : nullptr;
}

// Ends, though definitions may name one another in a circle: nobody follows one that begins no earlier.
void View::CarryOn(CouncilEntry* council, const std::string& ref, int64_t offset,
                   std::vector<core::IndicatorKey>* changed) {
  const auto successors = council->successors.find(ref);
  if (successors == council->successors.end()) return;
  for (const std::string& successor : successors->second) {
    Entry& entry = council->indicators.find(successor)->second;
    IndicatorPtr before = PredecessorOf(*entry.state->definition, *council);
    if (before == entry.state->predecessor) continue;
    Indicator& indicator = MakeWritable(&entry);
    indicator.predecessor = std::move(before);
    indicator.id.offset = offset;
    changed->push_back(indicator.key);
    CarryOn(council, successor, offset, changed);
  }
}

absl::Status View::Keep(const codec::UnopenedUpdate& update, std::vector<core::IndicatorKey>* changed) {
  const codec::Position at = update.position;
  if (!update.label) {
    ++partitions_[static_cast<size_t>(at.partition)].dead_letters;
    return absl::OkStatus();
  }
  const std::string_view name = update.label->council;
  CouncilEntry& council = At(name, &councils_);
  const int32_t own = council.id.generation != 0 ? council.id.partition : PartitionLocked(name);
  if (own != at.partition) {
    return absl::InternalError(absl::StrCat(Place(at), " is about ", core::ToAbsl(name), "/",
                                            core::ToAbsl(update.label->ref), ", which belongs in partition ", own,
                                            ": the log was partitioned anew within its epoch"));
  }
  Entry& entry = At(update.label->ref, &council.indicators);
  if (entry.state == nullptr) {
    entry.state = std::make_shared<Indicator>();
    entry.state->key = {std::string(name), std::string(update.label->ref)};
    entry.state->ledgers = &ledgers_;
    entry.state->seen_indicators = &seen_indicators_;
  }
  Indicator& indicator = MakeWritable(&entry);
  if (absl::Status s = TakeForce(update, &council, &entry); !s.ok()) return s;
  council.id = indicator.id = {generation_, at.partition, at.offset};
  for (const rating::Settled& s : update.settled) indicator.occurrences.Settle(s.offset, s.outcome, s.detail);
  for (const auto& [period, bytes] : update.scores) indicator.scores.Publish({period, bytes});
  if (update.label->kind == codec::RecordLabel::Kind::kReading) Met(update.label->source, update.recorded_at);
  if (entry.checked == indicator.occurrences.size()) unchecked_.push_back(indicator.key);
  indicator.occurrences.Append({at.offset, update.recorded_at, update.outcome, update.record, update.detail});
  changed->push_back(indicator.key);
  CarryOn(&council, indicator.key.ref, at.offset, changed);
  return absl::OkStatus();
}

absl::Status View::TakeForce(const codec::UnopenedUpdate& update, CouncilEntry* council, Entry* entry) {
  if (update.outcome != rating::Outcome::kDefined && update.outcome != rating::Outcome::kCommented) {
    return absl::OkStatus();
  }
  absl::StatusOr<codec::KeyedRecord> record = codec::DecodeRecord(update.record);
  if (!record.ok()) return record.status();
  Indicator& indicator = *entry->state;
  if (auto* comment = std::get_if<rating::Comment>(&record->value)) {
    const core::Period period = comment->period;
    indicator.comments.erase(period);
    if (!comment->text.empty()) indicator.comments.emplace(period, std::move(*comment));
  } else if (auto* applied = std::get_if<rating::AppliedDefinition>(&record->value)) {
    std::erase(council->in_order, entry);
    if (indicator.definition != nullptr)
      council->successors[indicator.definition->predecessor].erase(indicator.key.ref);
    indicator.definition = council->schemes.Share(std::move(applied->definition));
    indicator.definition_recorded = update.recorded_at;
    const auto place = std::lower_bound(council->in_order.begin(), council->in_order.end(), entry,
                                        [](const Entry* a, const Entry* b) { return IsBefore(*a->state, *b->state); });
    council->in_order.insert(place, entry);
    if (!indicator.definition->predecessor.empty()) {
      council->successors[indicator.definition->predecessor].insert(indicator.key.ref);
    }
    indicator.predecessor = PredecessorOf(*indicator.definition, *council);
    indicator.scores.DropUnless([&](const core::Period& period) {
      return rating::PeriodContaining(*indicator.definition, period.first()) == period;
    });
  }
  return absl::OkStatus();
}

bool View::HasUnchecked() const {
  const core::ReaderLock lock(mutex_);
  return !unchecked_.empty();
}

absl::Status View::CheckNext() {
  IndicatorPtr state;
  size_t checked = 0;
  {
    const core::MutexLock lock(mutex_);
    if (unchecked_.empty()) return absl::OkStatus();
    const core::IndicatorKey key = std::move(unchecked_.front());
    unchecked_.pop_front();
    Entry& entry = At(key.ref, &At(key.council, &councils_).indicators);
    state = entry.state;
    checked = std::exchange(entry.checked, state->occurrences.size());
  }
  return CheckOccurrences(*state, checked);
}

std::vector<int64_t> View::NextOffsets() const {
  const core::ReaderLock lock(mutex_);
  std::vector<int64_t> next;
  next.reserve(partitions_.size());
  for (const Partition& partition : partitions_) next.push_back(partition.next);
  return next;
}

std::string View::Alarm() const {
  const core::SteadyTime now = clock_->Steady();
  const core::ReaderLock lock(mutex_);
  std::vector<std::string> holes;
  for (size_t i = 0; i < partitions_.size(); ++i) {
    if (now - partitions_[i].hole_since <= options_.hole_timeout) continue;
    holes.push_back(absl::StrCat("partition ", i, " lacks the update of offset ", partitions_[i].next));
  }
  if (holes.empty()) return "";
  return absl::StrCat("the scores topic has a hole: ", absl::StrJoin(holes, "; "));
}

int32_t View::PartitionOf(std::string_view council) const {
  const core::ReaderLock lock(mutex_);
  return PartitionLocked(council);
}

int32_t View::PartitionLocked(std::string_view council) const {
  return partitions_.empty() ? -1 : core::PartitionOf(council, static_cast<int32_t>(partitions_.size()));
}

const View::CouncilEntry* View::FindCouncil(std::string_view council) const {
  const auto found = councils_.find(council);
  return found == councils_.end() ? nullptr : &found->second;
}

Standing View::StandingLocked(std::string_view council, const CouncilEntry* entry) const {
  Standing standing;
  if (entry != nullptr) standing.id = entry->id;
  const int32_t partition = entry != nullptr ? entry->id.partition : PartitionLocked(council);
  const int64_t next = partition < 0 ? 0 : partitions_[static_cast<size_t>(partition)].next;
  standing.position = {options_.epoch, partition, next - 1};
  return standing;
}

Found View::Find(const core::IndicatorKey& key) const {
  const core::ReaderLock lock(mutex_);
  const CouncilEntry* council = FindCouncil(key.council);
  Found found{StandingLocked(key.council, council), nullptr};
  if (council == nullptr) return found;
  if (const auto entry = council->indicators.find(key.ref); entry != council->indicators.end()) {
    found.indicator = entry->second.state;
  }
  return found;
}

CouncilState View::Council(std::string_view council) const {
  const core::ReaderLock lock(mutex_);
  const CouncilEntry* found = FindCouncil(council);
  CouncilState state{StandingLocked(council, found), {}};
  if (found == nullptr) return state;
  state.indicators.reserve(found->in_order.size());
  for (const Entry* entry : found->in_order) state.indicators.push_back(entry->state);
  return state;
}

Standing View::StandingOf(std::string_view council) const {
  const core::ReaderLock lock(mutex_);
  return StandingLocked(council, FindCouncil(council));
}

// A feed that names itself anew for each reading must not fill the memory.
void View::Met(std::string_view source, absl::Time recorded_at) {
  const auto found = feeds_.find(source);
  if (found != feeds_.end()) {
    found->second = std::max(found->second, recorded_at);
  } else if (feeds_.size() < kFeedsLimit) {
    feeds_.emplace(source, recorded_at);
  }
}

std::vector<std::string> View::Councils() const {
  const core::ReaderLock lock(mutex_);
  std::vector<std::string> councils;
  for (const auto& [name, council] : councils_) councils.push_back(name);
  return councils;
}

View::Size View::Count() const {
  const core::ReaderLock lock(mutex_);
  Size size;
  for (const Partition& partition : partitions_) size.dead_letters += partition.dead_letters;
  for (const auto& [name, council] : councils_) {
    size.indicators += council.indicators.size();
    for (const auto& [ref, entry] : council.indicators) size.scores += entry.state->scores.size();
  }
  return size;
}

std::map<std::string, absl::Time> View::Feeds() const {
  const core::ReaderLock lock(mutex_);
  return {feeds_.begin(), feeds_.end()};
}

std::string View::Dump() const {
  std::vector<PartitionLine> partitions;
  std::vector<IndicatorPtr> indicators;
  {
    const core::ReaderLock lock(mutex_);
    for (const Partition& partition : partitions_) partitions.push_back({partition.next, partition.dead_letters});
    for (const auto& [name, council] : councils_) {
      for (const auto& [ref, entry] : council.indicators) indicators.push_back(entry.state);
    }
  }
  return DumpText(options_.epoch, partitions, indicators);
}

}  // namespace bellwether::query
