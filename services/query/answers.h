// What the calls of QueryService answer, from the view as it stands. No waiting, no transport.
#ifndef BELLWETHER_SERVICES_QUERY_ANSWERS_H_
#define BELLWETHER_SERVICES_QUERY_ANSWERS_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include "bellwether/core/clock.h"
#include "bellwether/v1/query_service.pb.h"
#include "services/query/effort.h"
#include "services/query/report_cache.h"
#include "services/query/view.h"

namespace bellwether::query {

// Thread-safe. What it is made with must outlive it.
class Answers {
 public:
  Answers(const View* view, ReportCache* reports, const core::Clock* clock)
      : view_(view), reports_(reports), clock_(clock) {}

  // Errors of all: INVALID_ARGUMENT and NOT_FOUND for what is asked; CANCELLED, where the effort is over; INTERNAL,
  // where the view holds what cannot be read. A response is filled in only with OK, and is empty before.
  grpc::Status GetReport(const v1::GetReportRequest& request, Effort* effort, v1::GetReportResponse* response) const;
  // The same as bytes: from the cache where the request is one that many ask.
  grpc::Status GetReportBytes(const v1::GetReportRequest& request, Effort* effort, grpc::ByteBuffer* response) const;
  grpc::Status ListIndicators(const v1::ListIndicatorsRequest& request, Effort* effort,
                              v1::ListIndicatorsResponse* response) const;
  grpc::Status ListFindings(const v1::ListFindingsRequest& request, Effort* effort,
                            v1::ListFindingsResponse* response) const;
  grpc::Status ListDueReadings(const v1::ListDueReadingsRequest& request, Effort* effort,
                               v1::ListDueReadingsResponse* response) const;
  grpc::Status GetIndicator(const v1::GetIndicatorRequest& request, Effort* effort,
                            v1::GetIndicatorResponse* response) const;
  grpc::Status ExplainScore(const v1::ExplainScoreRequest& request, Effort* effort,
                            v1::ExplainScoreResponse* response) const;
  grpc::Status LookUpReadings(const v1::LookUpReadingsRequest& request, Effort* effort,
                              v1::LookUpReadingsResponse* response) const;
  grpc::Status ListReadings(const v1::ListReadingsRequest& request, Effort* effort,
                            v1::ListReadingsResponse* response) const;

  // The council's indicators that the filter fits and that have a row in the report of `period` (empty: the newest
  // month for which any data period has a reading, else the month before today's), and that month.
  grpc::Status SelectReport(const std::string& council, const std::string& period, const v1::ReportFilter& filter,
                            std::vector<IndicatorPtr>* indicators, core::Month* month) const;
  core::Date Today() const { return clock_->Today(); }

 private:
  // False: the request is not one whose answer is kept, or `effort` is over.
  bool GetCachedReport(const v1::GetReportRequest& request, Effort* effort, grpc::ByteBuffer* response) const;
  void AddPositions(const std::vector<int64_t>& next, v1::GetReportResponse* response) const;

  const View* const view_;
  ReportCache* const reports_;
  const core::Clock* const clock_;
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_ANSWERS_H_
