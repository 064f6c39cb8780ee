// The view as one caller may see it: what it may not see does not exist for it. All that answers a call asks the view
// through this.
#ifndef BELLWETHER_SERVICES_QUERY_SIGHT_H_
#define BELLWETHER_SERVICES_QUERY_SIGHT_H_

#include <cstdint>
#include <string>

#include "bellwether/rpc/door.h"
#include "services/query/view.h"

namespace bellwether::query {

// Cheap to copy. Thread-safe. The view must outlive it.
class Sight {
 public:
  Sight(const View* view, rpc::Caller caller) : view_(view), caller_(std::move(caller)) {}

  uint32_t epoch() const { return view_->epoch(); }
  // As View's, without what the caller may not see.
  CouncilState Council(const std::string& council) const;
  Found Find(const core::IndicatorKey& key) const;
  Standing StandingOf(const std::string& council) const;
  // Who looks. Empty: nobody asked.
  const std::string& caller() const { return caller_.name(); }
  // The same for two who see the same of the council. Empty: all of it.
  std::string NameFor(const std::string& council) const;

 private:
  bool Sees(const Indicator& indicator) const;

  const View* view_;
  rpc::Caller caller_;
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_SIGHT_H_
