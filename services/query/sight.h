// The view as one caller may see it: what it may not see does not exist for it. All that answers a call asks the view
// through this.
#ifndef BELLWETHER_SERVICES_QUERY_SIGHT_H_
#define BELLWETHER_SERVICES_QUERY_SIGHT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bellwether/core/clock.h"
#include "bellwether/rpc/door.h"
#include "services/query/effort.h"
#include "services/query/view.h"

namespace bellwether::query {

// An indicator, and the one that its chart shows as well, if there is one: both as of one record.
struct FoundWithCharted {
  Found found;
  IndicatorPtr charted;
};

// Cheap to copy. Thread-safe. The view and the clock must outlive it.
class Sight {
 public:
  Sight(const View* view, rpc::Caller caller, const core::Clock* clock)
      : view_(view), caller_(std::move(caller)), clock_(clock) {}

  uint32_t epoch() const { return view_->epoch(); }
  // As View's, without what the caller may not see, provisional figures among it. Error: that of WithoutProvisional.
  absl::StatusOr<CouncilState> Council(const std::string& council, Effort* effort) const;
  absl::StatusOr<Found> Find(const core::IndicatorKey& key, Effort* effort) const { return Find(key, "", effort); }
  // The same with all readings that the caller itself has sent: a feed must learn what became of them.
  absl::StatusOr<Found> FindWithOwn(const core::IndicatorKey& key, Effort* effort) const {
    return Find(key, caller_.name(), effort);
  }
  absl::StatusOr<FoundWithCharted> FindWithCharted(const core::IndicatorKey& key, Effort* effort) const;
  // Those that say of themselves that they continue the indicator (rating::Follows), as far as the caller may see them,
  // by ref. Error: Cancelled, where the effort is over.
  absl::StatusOr<std::vector<std::shared_ptr<const rating::Definition>>> SuccessorsOf(const Indicator& indicator,
                                                                                      Effort* effort) const;
  Standing StandingOf(const std::string& council) const;
  // Who looks. Empty: nobody asked.
  const std::string& caller() const { return caller_.name(); }
  // The same for two who see the same of the council. Empty: all of it.
  std::string NameFor(const std::string& council) const;

 private:
  bool May(access::Action action, const Indicator& indicator) const;
  bool SeesAllOf(const std::string& council) const;
  absl::StatusOr<Found> Find(const core::IndicatorKey& key, std::string_view owner, Effort* effort) const;
  // The indicator as the caller sees it, which it does. Of those that it continues each is seen as the caller may see
  // it, and without provisional figures where the one after it is.
  absl::StatusOr<IndicatorPtr> AsSeen(const IndicatorPtr& indicator, std::string_view owner, Effort* effort) const;

  const View* view_;
  rpc::Caller caller_;
  const core::Clock* clock_;
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_SIGHT_H_
