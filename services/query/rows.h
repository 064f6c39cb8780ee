// What answers show of indicators, made from their states.
#ifndef BELLWETHER_SERVICES_QUERY_ROWS_H_
#define BELLWETHER_SERVICES_QUERY_ROWS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bellwether/core/period.h"
#include "bellwether/rating/score.h"
#include "bellwether/v1/query_service.pb.h"
#include "services/query/figures.h"
#include "services/query/indicator.h"

namespace bellwether::query {

// Of indicators with a definition, throughout.

// Whether the report of the month has a row for it: it is in use in the data period.
bool IsInReport(const Indicator& indicator, core::Month report_month);
// The month of the report that is meant where none is named.
struct ReportMonth {
  core::Month month;
  std::string note;  // Where a newer one has readings too: of how many. Empty otherwise.
};
// The newest that is over on `today` and has readings of more than half of its rows; else the newest that is over and
// has any; else the newest that has any. Absent: there are none.
std::optional<ReportMonth> NewestReportMonth(const std::vector<IndicatorPtr>& indicators, core::Date today);
// Newest period of the indicator's own frequency with a reading in force.
std::optional<core::Period> NewestReadingPeriod(const Indicator& indicator);

// Whether a reading is in force for the period.
bool HasReading(const Indicator& indicator, const core::Period& period);

// The score as published; rated now where nothing was, or where it hangs on what the indicator continues. With the
// absences of `today`. Error: Cancelled, where the effort is over; Internal, where the view holds what cannot be read.
absl::StatusOr<rating::Score> ScoreOf(const Indicator& indicator, const core::Period& period, core::Date today,
                                      Effort* effort);
// The same, where the indicator's figures are at hand.
absl::StatusOr<rating::Score> ScoreOf(const Indicator& indicator, const Figures& figures, const core::Period& period,
                                      core::Date today, Effort* effort);
// What the row of a report's month is made of: most records of other months leave it as it is.
MadeOf RowIsMadeOf(const Indicator& indicator, core::Month report_month, core::Date today);
// Error: as above.
absl::StatusOr<v1::ReportRow> MakeRow(const Indicator& indicator, core::Month report_month, core::Date today,
                                      Effort* effort);
// A record of the indicator that the figures are of. Error: Internal, where it cannot be read.
absl::StatusOr<v1::Occurrence> ToProto(uint32_t epoch, const Indicator& indicator, const Figures& figures,
                                       const Occurrence& occurrence);
// Appends a message field as the wire format has it: what is encoded already is not encoded again.
void AppendField(int number, std::string_view message, std::string* out);

// The schemes of the indicator's earlier wordings, and of what it continues.
std::vector<std::shared_ptr<const rating::Scheme>> EarlierSchemes(const Indicator& indicator);

// Collects the schemes of rows; where two definitions name different ones by the same id, the newer definition's.
class SchemeCollector {
 public:
  // The schemes that it brought, which stand now and did not before: of the definition, its earlier wordings, and those
  // of what it continues.
  std::vector<std::shared_ptr<const rating::Scheme>> Add(const Indicator& indicator);
  // By how much more they take in an answer once this one is added.
  size_t BytesWith(const Indicator& indicator) const;
  template <typename Repeated>
  void MoveTo(Repeated* schemes) const {
    for (const auto& [id, newest] : by_id_) *schemes->Add() = ToProto(*newest.scheme);
  }

 private:
  struct Newest {
    std::shared_ptr<const rating::Scheme> scheme;
    absl::Time recorded;
  };
  static v1::Scheme ToProto(const rating::Scheme& scheme);
  bool Add(const std::shared_ptr<const rating::Scheme>& scheme, absl::Time recorded);
  size_t BytesWith(const rating::Scheme& scheme) const;
  std::map<std::string, Newest> by_id_;
  Newest* newest_ = nullptr;  // Of them: the last that was added to.
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_ROWS_H_
