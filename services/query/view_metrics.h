// What the view shows of itself to operators.
#ifndef BELLWETHER_SERVICES_QUERY_VIEW_METRICS_H_
#define BELLWETHER_SERVICES_QUERY_VIEW_METRICS_H_

#include <cstddef>
#include <functional>

#include "bellwether/core/clock.h"
#include "bellwether/telemetry/metrics.h"
#include "services/query/view.h"

namespace bellwether::query {

// While it lives. What it is made with must outlive it.
class ViewMetrics {
 public:
  ViewMetrics(const View* view, const core::Clock* clock, std::function<size_t()> open_watches);

 private:
  const telemetry::Scraped gap_alarm_;
  const telemetry::Scraped indicators_;
  const telemetry::Scraped scores_;
  const telemetry::Scraped dead_letters_;
  const telemetry::Scraped open_watches_;
  const telemetry::Scraped feeds_;
  const telemetry::Scraped overdue_;
};

// How many of the council's indicators lack the newest of their readings that were due before `today`.
size_t CountOverdue(const View& view, const std::string& council, core::Date today);

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_VIEW_METRICS_H_
