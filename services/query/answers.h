// What the calls of QueryService answer, from the view as it stands and the caller may see it. No waiting, no
// transport.
#ifndef BELLWETHER_SERVICES_QUERY_ANSWERS_H_
#define BELLWETHER_SERVICES_QUERY_ANSWERS_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>
#include <grpcpp/support/status.h>

#include <memory>
#include <string>
#include <vector>

#include "bellwether/core/clock.h"
#include "bellwether/rating/findings.h"
#include "bellwether/v1/query_service.pb.h"
#include "services/query/derived.h"
#include "services/query/effort.h"
#include "services/query/sight.h"

namespace bellwether::query {

// Thread-safe. What it is made with must outlive it.
class Answers {
 public:
  explicit Answers(const core::Clock* clock) : clock_(clock) {}

  // Errors of all: INVALID_ARGUMENT and NOT_FOUND for what is asked; CANCELLED, where the effort is over; INTERNAL,
  // where the view holds what cannot be read. A response is filled in only with OK, and is empty before.

  // A v1::GetReportResponse as bytes: what most callers ask for, again and again, is made once.
  grpc::Status GetReport(const Sight& sight, const v1::GetReportRequest& request, Effort* effort,
                         grpc::ByteBuffer* response) const;
  grpc::Status ListIndicators(const Sight& sight, const v1::ListIndicatorsRequest& request, Effort* effort,
                              v1::ListIndicatorsResponse* response) const;
  grpc::Status ListFindings(const Sight& sight, const v1::ListFindingsRequest& request, Effort* effort,
                            v1::ListFindingsResponse* response) const;
  grpc::Status ListDueReadings(const Sight& sight, const v1::ListDueReadingsRequest& request, Effort* effort,
                               v1::ListDueReadingsResponse* response) const;
  grpc::Status GetIndicator(const Sight& sight, const v1::GetIndicatorRequest& request, Effort* effort,
                            v1::GetIndicatorResponse* response) const;
  grpc::Status ExplainScore(const Sight& sight, const v1::ExplainScoreRequest& request, Effort* effort,
                            v1::ExplainScoreResponse* response) const;
  grpc::Status LookUpReadings(const Sight& sight, const v1::LookUpReadingsRequest& request, Effort* effort,
                              v1::LookUpReadingsResponse* response) const;
  grpc::Status CheckReadings(const Sight& sight, const v1::CheckReadingsRequest& request, Effort* effort,
                             v1::CheckReadingsResponse* response) const;
  grpc::Status ListChanges(const Sight& sight, const v1::ListChangesRequest& request, Effort* effort,
                           v1::ListChangesResponse* response) const;
  grpc::Status CheckCatalogue(const Sight& sight, const v1::CheckCatalogueRequest& request, Effort* effort,
                              v1::CheckCatalogueResponse* response) const;
  grpc::Status ListReadings(const Sight& sight, const v1::ListReadingsRequest& request, Effort* effort,
                            v1::ListReadingsResponse* response) const;

  // The council, those of its indicators that the filter fits and that have a row in the report of `period` (empty:
  // that of NewestReportMonth, else the month before today's), and that month.
  grpc::Status SelectReport(const Sight& sight, const std::string& name, const std::string& period,
                            const v1::ReportFilter& filter, Effort* effort, CouncilState* council,
                            std::vector<IndicatorPtr>* indicators, core::Month* month) const;
  // The indicator's row in the report of the month, a v1::ReportRow as bytes, with the absences of `today`. It has a
  // definition. Error: that of MakeRow.
  absl::StatusOr<std::shared_ptr<const std::string>> RowOf(const Indicator& indicator, core::Month month,
                                                           core::Date today, Effort* effort) const;
  core::Date Today() const { return clock_->Today(); }
  const core::Clock* clock() const { return clock_; }

 private:
  // A report as one asked for it, and what each of its rows is made of.
  struct MadeReport {
    struct Row {
      std::string ref;
      StateId indicator;  // What this one was like.
      MadeOf of;
      size_t begin = 0;  // Its place in the body.
      size_t size = 0;
      bool SaysAs(const Row& other) const { return of == other.of && ref == other.ref; }
    };
    core::Month month;
    size_t total = 0;  // Rows of all its pages.
    grpc::Slice body;  // A v1::GetReportResponse, but for its position.
    std::vector<Row> rows;

    size_t Size() const { return sizeof(*this) + body.size() + rows.capacity() * sizeof(Row); }
  };

  // Made anew, but for what stands as it does in the `newest` one of the same request. Null: there is none.
  grpc::Status MakeReport(const Sight& sight, const v1::GetReportRequest& request, core::Date today, Effort* effort,
                          const MadeReport* newest, Standing* standing, std::shared_ptr<const MadeReport>* made) const;

  const core::Clock* const clock_;
  // By "council/ref month" and by what is asked and seen, in bytes.
  mutable Derived<std::string> rows_{size_t{128} << 20};
  mutable Derived<MadeReport> reports_{size_t{256} << 20};
  // By "council/ref period": of what hangs on no other indicator.
  mutable Derived<std::vector<rating::Finding>> findings_{size_t{32} << 20};
};

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_ANSWERS_H_
