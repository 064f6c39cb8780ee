// The definitions in force, as ingestion needs them: to refuse a bad reading before it is recorded.
#ifndef BELLWETHER_SERVICES_INGESTION_DEFINITIONS_H_
#define BELLWETHER_SERVICES_INGESTION_DEFINITIONS_H_

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "bellwether/access/policy.h"
#include "bellwether/core/ids.h"
#include "bellwether/core/mutex.h"
#include "bellwether/rating/definition.h"
#include "bellwether/rating/ledger.h"

namespace bellwether::ingestion {

// Where an indicator lies, for grants. `definition` may be null: none. The views lie in what is given.
access::Scope ScopeOf(const core::IndicatorKey& key, const rating::Definition* definition);
access::Scope ScopeOf(core::IndicatorKey&& key, const rating::Definition* definition) = delete;

// How an apply id stands to an indicator.
enum class ApplyIdUse { kNew, kSameDefinition, kOtherDefinition };

// Thread-safe. One thread applies, in the order of each key in the log; any thread asks.
class Definitions {
 public:
  // A definition of the log. An id that was seen before changes nothing, whatever it says now (repeat or conflict).
  void Apply(const core::IndicatorKey& key, const rating::AppliedDefinition& applied);
  void Clear();

  // Null: not defined.
  std::shared_ptr<const rating::Definition> Find(const core::IndicatorKey& key) const;
  bool HasCouncil(const std::string& council) const;
  // All of a council, by ref.
  std::vector<std::shared_ptr<const rating::Definition>> OfCouncil(const std::string& council) const;
  ApplyIdUse UseOf(const core::IndicatorKey& key, const std::string& apply_id,
                   const rating::Definition& definition) const;

 private:
  struct Entry {
    std::shared_ptr<const rating::Definition> in_force;
    std::map<std::string, size_t> apply_ids;  // Each with a digest of its definition.
  };
  mutable core::Mutex mutex_;
  std::map<core::IndicatorKey, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> councils_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bellwether::ingestion

#endif  // BELLWETHER_SERVICES_INGESTION_DEFINITIONS_H_
