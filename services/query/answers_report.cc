// Calls that are about a whole report.
#include "absl/strings/str_cat.h"
#include "bellwether/codec/definition.h"
#include "bellwether/codec/reading.h"
#include "bellwether/codec/score.h"
#include "bellwether/rating/evaluate.h"
#include "bellwether/rating/findings.h"
#include "services/query/answers.h"
#include "services/query/paging.h"
#include "services/query/rows.h"
#include "services/query/selection.h"

namespace bellwether::query {
namespace {

constexpr int32_t kDefaultRows = 200;
constexpr int32_t kMaximumRows = 1'000;

// The page of a report's list: opened, with its rows and its month.
struct ReportPage {
  Page page;
  std::vector<IndicatorPtr> indicators;
  core::Month month;
};

template <typename Request>
grpc::Status OpenReport(const Answers& answers, const Request& request, ReportPage* report) {
  Page& page = report->page;
  grpc::Status s = page.Open(request, request.page_token(), request.page_size(), kDefaultRows, kMaximumRows);
  if (!s.ok()) return s;
  const std::string& period = page.is_first() ? request.period() : page.period();
  s = answers.SelectReport(request.council(), period, request.filter(), &report->indicators, &report->month);
  page.SetPeriod(report->month.ToString());
  return s;
}

// The state and the words of a due reading.
v1::DueReading DueReadingOf(const Indicator& indicator, const core::Period& period, core::Date today) {
  const rating::Definition& definition = *indicator.definition;
  const core::Date due = rating::DueDate(definition, period);
  v1::DueReading reading;
  reading.set_ref(definition.ref);
  reading.set_description(definition.description);
  reading.set_unit(definition.unit);
  reading.set_period(period.ToString());
  reading.set_due_date(absl::FormatCivilTime(due));
  reading.set_state(codec::ToProto(ScoreOf(indicator, period, today).current.state));
  if (!HasReading(indicator, period) && today > due) reading.set_days_overdue(static_cast<int32_t>(today - due));
  if (const auto newest = NewestReadingPeriod(indicator)) {
    *reading.mutable_last_measurement() = codec::ToProto(LedgerOf(indicator)->slots().at(*newest).reading->measurement);
  }
  return reading;
}

}  // namespace

grpc::Status Answers::SelectReport(const std::string& council, const std::string& period,
                                   const v1::ReportFilter& filter, std::vector<IndicatorPtr>* indicators,
                                   core::Month* month) const {
  RequestCheck check;
  const auto asked = MonthField("period", period, &check);
  if (!check.ok()) return check.ToStatus();
  if (grpc::Status s = SelectCouncil(*view_, council, indicators); !s.ok()) return s;
  *month = asked ? *asked : NewestReportMonth(*indicators).value_or(core::Month::Of(Today()) - 1);
  if (grpc::Status s = Filter(filter, indicators); !s.ok()) return s;
  std::erase_if(*indicators, [&](const IndicatorPtr& indicator) { return !IsInReport(*indicator, *month); });
  return grpc::Status::OK;
}

grpc::Status Answers::GetReport(const v1::GetReportRequest& request, v1::GetReportResponse* response) const {
  const std::vector<int64_t> next = view_->NextOffsets();  // First: the rows are at least as new.
  ReportPage report;
  if (grpc::Status s = OpenReport(*this, request, &report); !s.ok()) return s;
  const core::Date today = Today();
  SchemeCollector schemes;
  for (const IndicatorPtr& indicator : report.indicators) {
    std::string cursor = CursorOf(*indicator);
    if (!report.page.Wants(cursor)) continue;
    v1::ReportRow row = RowOf(*indicator, report.month, today);
    if (!report.page.HasRoom(row.ByteSizeLong())) break;
    report.page.Took(std::move(cursor));
    *response->add_rows() = std::move(row);
    schemes.Add(*indicator);
  }
  response->set_next_page_token(report.page.NextToken());
  schemes.MoveTo(response->mutable_schemes());
  response->set_period(report.month.ToString());
  response->set_total_rows(static_cast<int32_t>(report.indicators.size()));
  AddPositions(next, response);
  return grpc::Status::OK;
}

void Answers::AddPositions(const std::vector<int64_t>& next, v1::GetReportResponse* response) const {
  for (size_t i = 0; i < next.size(); ++i) {
    if (next[i] == 0) continue;  // Nothing read yet: it has no position.
    *response->add_view_positions() =
        codec::ToProto(codec::Position{view_->epoch(), static_cast<int32_t>(i), next[i] - 1});
  }
}

bool Answers::GetCachedReport(const v1::GetReportRequest& request, grpc::ByteBuffer* response) const {
  if (request.has_filter() || !request.page_token().empty() || request.page_size() != 0) return false;
  const absl::StatusOr<core::Month> month = core::Month::Parse(request.period());
  if (!month.ok()) return false;  // Left open, or wrong.
  const core::Date today = Today();
  v1::GetReportResponse positions;
  AddPositions(view_->NextOffsets(), &positions);  // First: the rows are at least as new.
  CachedReportPtr report = reports_->Find(request.council(), *month, today);
  if (report == nullptr) {
    const uint64_t version = view_->VersionOf(request.council());
    std::vector<IndicatorPtr> indicators;
    core::Month same;
    if (!SelectReport(request.council(), request.period(), {}, &indicators, &same).ok()) return false;
    if (indicators.size() > static_cast<size_t>(kDefaultRows)) return false;  // It has pages.
    report = reports_->Make(request.council(), *month, today, version, indicators);
  }
  if (report->body.size() > kPageBytes) return false;  // It has pages.
  const grpc::Slice slices[] = {report->body, grpc::Slice(positions.SerializeAsString())};
  *response = grpc::ByteBuffer(slices, 2);
  return true;
}

grpc::Status Answers::ListIndicators(const v1::ListIndicatorsRequest& request,
                                     v1::ListIndicatorsResponse* response) const {
  Page page;
  grpc::Status s = page.Open(request, request.page_token(), request.page_size(), kDefaultRows, kMaximumRows);
  if (!s.ok()) return s;
  std::vector<IndicatorPtr> indicators;
  if (s = SelectCouncil(*view_, request.council(), &indicators); !s.ok()) return s;
  if (s = Filter(request.filter(), &indicators); !s.ok()) return s;
  SchemeCollector schemes;
  for (const IndicatorPtr& indicator : indicators) {
    std::string cursor = CursorOf(*indicator);
    if (!page.Wants(cursor)) continue;
    v1::IndicatorDefinition definition = codec::ToProto(*indicator->definition, codec::WithScheme::kNo);
    if (!page.HasRoom(definition.ByteSizeLong())) break;
    page.Took(std::move(cursor));
    *response->add_definitions() = std::move(definition);
    schemes.Add(*indicator);
  }
  response->set_next_page_token(page.NextToken());
  schemes.MoveTo(response->mutable_schemes());
  return grpc::Status::OK;
}

grpc::Status Answers::ListFindings(const v1::ListFindingsRequest& request, v1::ListFindingsResponse* response) const {
  ReportPage report;
  if (grpc::Status s = OpenReport(*this, request, &report); !s.ok()) return s;
  response->set_period(report.month.ToString());
  const std::vector<IndicatorPtr> all = view_->Indicators(request.council());
  std::vector<std::shared_ptr<const rating::Ledger>> kept;  // What the subjects point to.
  const auto subject = [&kept](const Indicator& indicator) {
    const rating::Ledger& ledger = *kept.emplace_back(LedgerOf(indicator));
    return rating::Subject{ledger.definition().get(), ledger.definition_recorded(), &ledger.slots()};
  };
  const auto find = [&](std::string_view ref) {
    const IndicatorPtr other = FindByRef(all, ref);  // `all` keeps it alive.
    return other == nullptr ? rating::Subject{} : subject(*other);
  };
  for (const IndicatorPtr& indicator : report.indicators) {
    const core::Period period = rating::DataPeriodOf(*indicator->definition, report.month);
    int number = 0;
    for (const rating::Finding& finding : rating::FindingsOf(subject(*indicator), period, find)) {
      // More than 999 findings cannot be: at most one for each kind, cell and check.
      std::string cursor = absl::StrCat(CursorOf(*indicator), " ", 1000 + number++);
      if (!report.page.Wants(cursor)) continue;
      v1::Finding proto = codec::ToProto(finding);
      if (!report.page.HasRoom(proto.ByteSizeLong())) break;
      report.page.Took(std::move(cursor));
      *response->add_findings() = std::move(proto);
    }
  }
  response->set_next_page_token(report.page.NextToken());
  return grpc::Status::OK;
}

grpc::Status Answers::ListDueReadings(const v1::ListDueReadingsRequest& request,
                                      v1::ListDueReadingsResponse* response) const {
  const core::Date today = Today();
  v1::ListDueReadingsRequest dated = request;
  if (dated.period().empty()) dated.set_period((core::Month::Of(today) - 1).ToString());
  ReportPage report;
  if (grpc::Status s = OpenReport(*this, dated, &report); !s.ok()) return s;
  response->set_period(report.month.ToString());
  for (const IndicatorPtr& indicator : report.indicators) {
    std::string cursor = CursorOf(*indicator);
    if (!report.page.Wants(cursor)) continue;
    const core::Period period = rating::DataPeriodOf(*indicator->definition, report.month);
    if (HasReading(*indicator, period) && !request.include_received()) continue;
    v1::DueReading reading = DueReadingOf(*indicator, period, today);
    if (!report.page.HasRoom(reading.ByteSizeLong())) break;
    report.page.Took(std::move(cursor));
    *response->add_readings() = std::move(reading);
  }
  response->set_next_page_token(report.page.NextToken());
  return grpc::Status::OK;
}

}  // namespace bellwether::query
