// The materialised view: a fold of the scores topic's updates.
//
// A council lies in one partition, so its state is the log up to one offset.
//
// Per partition exactly the next update is applied, lower ones are skipped, higher ones are set aside until the hole
// before them is filled. Applying keeps an update as it came; checking it, which costs far more, comes after: the
// records are folded by this view's own rules, and must come to what the update says. An update lost for good, or one
// that contradicts the records before it, is never papered over.
#ifndef BELLWETHER_SERVICES_QUERY_VIEW_H_
#define BELLWETHER_SERVICES_QUERY_VIEW_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "bellwether/bus/record.h"
#include "bellwether/codec/unopened.h"
#include "bellwether/core/clock.h"
#include "bellwether/core/mutex.h"
#include "bellwether/rating/shared_schemes.h"
#include "services/query/indicator.h"

namespace bellwether::query {

// Where a council stands, as of one moment: what an answer about it says that it was made from.
struct Standing {
  // The last record of its partition that the view has applied. Offset -1: none.
  codec::Position position{0, 0, -1};
  StateId id;  // Of the council.
};
struct CouncilState {
  Standing standing;
  std::vector<IndicatorPtr> indicators;  // Those with a definition, in the report's order.
};
struct Found {
  Standing standing;
  IndicatorPtr indicator;  // Null: there is no record of it. It may have no definition: its readings are held.
};

struct ViewOptions {
  uint32_t epoch = 1;
  absl::Duration hole_timeout = absl::Seconds(30);  // After which a hole is an alarm.
  size_t set_aside_limit =
      10'000;  // Updates a partition. What is beyond comes again when the hole is filled by replay.
};

// Thread-safe: one thread applies, any may read. Readers hold a lock only while they take pointers to states.
class View {
 public:
  // Told after each update that changed an indicator, of it and of those that continue it, on the thread that applies.
  // Must be quick and not call Apply.
  using OnChange = std::function<void(const core::IndicatorKey& key)>;

  View(const ViewOptions& options, const core::Clock* clock, OnChange on_change = nullptr);

  // Drops everything and begins again from the first update of `partitions` partitions.
  void Reset(int partitions);

  // Takes a record of the scores topic. Error: this view cannot go on, and why: bytes that are no update, another
  // epoch, another partition or key than the record's own, a partition that is not its council's.
  absl::Status Apply(const bus::ConsumedRecord& record);

  // Whether updates are in the view that were not checked yet.
  bool HasUnchecked() const;
  // Checks those of one indicator. Error: this view cannot go on: an outcome does not follow from the records before
  // it.
  absl::Status CheckNext();

  uint32_t epoch() const { return options_.epoch; }
  // For each partition the position whose update is applied next. Empty before the first Reset.
  std::vector<int64_t> NextOffsets() const;
  // Empty: none. Else which partitions have had a hole for too long.
  std::string Alarm() const;

  // In which partition the council lies. -1: before the first Reset.
  int32_t PartitionOf(std::string_view council) const;

  Found Find(const core::IndicatorKey& key) const;
  CouncilState Council(std::string_view council) const;
  // The same without its indicators.
  Standing StandingOf(std::string_view council) const;

  std::vector<std::string> Councils() const;
  struct Size {
    size_t indicators = 0;
    size_t scores = 0;
    int64_t dead_letters = 0;  // That are in the log.
  };
  Size Count() const;
  // When the newest reading of each feed was recorded; of the 200 feeds that came first.
  std::map<std::string, absl::Time> Feeds() const;

  // Everything, in one text that is the same for every view that applied the same updates.
  std::string Dump() const;

 private:
  struct Partition {
    int64_t next = 0;
    int64_t highest = -1;  // Of the updates seen. There is a hole while it is not below `next`.
    core::SteadyTime hole_since = core::SteadyTime::InfiniteFuture();
    int64_t dead_letters = 0;
    std::map<int64_t, std::string> set_aside;  // Updates, by offset.
  };
  struct Entry {
    std::shared_ptr<Indicator> state;
    size_t checked = 0;  // Of its occurrences: so many from the first on.
  };
  struct CouncilEntry {
    StateId id;
    std::map<std::string, Entry, std::less<>> indicators;  // By ref.
    std::vector<const Entry*> in_order;                    // Those with a definition, in the report's order.
    std::map<std::string, std::set<std::string>, std::less<>> successors;  // Who names a ref as the predecessor.
    rating::SharedSchemes schemes;
  };

  absl::Status TryApply(const bus::ConsumedRecord& record, std::vector<core::IndicatorKey>* changed);
  // `update`: the bytes that `unopened` is of.
  absl::Status ApplyLocked(std::string_view update, const codec::UnopenedUpdate& unopened,
                           std::vector<core::IndicatorKey>* changed) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Keep(const codec::UnopenedUpdate& update, std::vector<core::IndicatorKey>* changed)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int32_t PartitionLocked(std::string_view council) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  Standing StandingLocked(std::string_view council, const CouncilEntry* entry) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  const CouncilEntry* FindCouncil(std::string_view council) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Puts a definition or a comment in force.
  absl::Status TakeForce(const codec::UnopenedUpdate& update, CouncilEntry* council, Entry* entry)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The one that such an indicator continues, as it stands. Null: none.
  static IndicatorPtr PredecessorOf(const rating::Definition& definition, const CouncilEntry& council);
  // The indicator of the ref changed, by the record at the offset: so do those that continue it.
  static void CarryOn(CouncilEntry* council, const std::string& ref, int64_t offset,
                      std::vector<core::IndicatorKey>* changed);
  // Remembers that the feed is alive.
  void Met(std::string_view source, absl::Time recorded_at) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The entry's state as one to be changed: in place where nobody else has it, else a copy.
  static Indicator& MakeWritable(Entry* entry);

  const ViewOptions options_;
  const core::Clock* const clock_;
  const OnChange on_change_;
  Ledgers ledgers_{100'000};
  SeenIndicators seen_indicators_{size_t{128} << 20};
  mutable core::Mutex mutex_;
  uint32_t generation_ ABSL_GUARDED_BY(mutex_) = 0;  // Counts the resets.
  std::vector<Partition> partitions_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, CouncilEntry, std::less<>> councils_ ABSL_GUARDED_BY(mutex_);
  std::deque<core::IndicatorKey> unchecked_ ABSL_GUARDED_BY(mutex_);  // Those with occurrences beyond Entry::checked.
  std::map<std::string, absl::Time, std::less<>> feeds_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_VIEW_H_
