#include "services/query/view_metrics.h"

#include "bellwether/rating/evaluate.h"
#include "services/query/rows.h"

namespace bellwether::query {

using telemetry::Scraped;

namespace {

// In which the newest reading that was due is looked for.
constexpr int kMonthsBack = 12;
constexpr auto kGauge = Scraped::Kind::kGauge;

Scraped::Values Only(double value) { return {{{}, value}}; }

}  // namespace

size_t CountOverdue(const View& view, const std::string& council, core::Date today) {
  size_t overdue = 0;
  for (const IndicatorPtr& indicator : view.Council(council).indicators) {
    for (int back = 0; back <= kMonthsBack; ++back) {
      const core::Month month = core::Month::Of(today) - back;
      if (!IsInReport(*indicator, month)) continue;
      const rating::Definition& definition = *indicator->definition;
      const core::Period period = rating::DataPeriodOf(definition, month);
      if (today <= rating::DueDate(definition, period)) continue;
      overdue += !HasReading(*indicator, period);
      break;
    }
  }
  return overdue;
}

ViewMetrics::ViewMetrics(const View* view, const core::Clock* clock, std::function<size_t()> open_watches)
    : gap_alarm_(kGauge, "bellwether_gap_alarm", "1: the scores topic has a hole that was not filled in time",
                 [view] { return Only(view->Alarm().empty() ? 0 : 1); }),
      indicators_(kGauge, "bellwether_view_indicators", "Indicators in the view",
                  [view] { return Only(static_cast<double>(view->Count().indicators)); }),
      scores_(kGauge, "bellwether_view_scores", "Scores in the view",
              [view] { return Only(static_cast<double>(view->Count().scores)); }),
      dead_letters_(kGauge, "bellwether_view_dead_letters", "Records of the log that could not be read",
                    [view] { return Only(static_cast<double>(view->Count().dead_letters)); }),
      open_watches_(kGauge, "bellwether_open_watches", "WatchReport calls under way",
                    [open = std::move(open_watches)] { return Only(static_cast<double>(open())); }),
      feeds_(kGauge, "bellwether_feed_last_reading_timestamp_seconds",
             "When the newest reading of each feed was recorded",
             [view] {
               Scraped::Values values;
               for (const auto& [feed, time] : view->Feeds()) {
                 values.push_back({{{"feed", feed}}, absl::ToDoubleSeconds(time - absl::UnixEpoch())});
               }
               return values;
             }),
      overdue_(kGauge, "bellwether_readings_overdue", "Indicators whose newest reading that was due is not there",
               [view, clock] {
                 Scraped::Values values;
                 for (const std::string& council : view->Councils()) {
                   const auto overdue = static_cast<double>(CountOverdue(*view, council, clock->Today()));
                   values.push_back({{{"council", council}}, overdue});
                 }
                 return values;
               }) {}

}  // namespace bellwether::query
