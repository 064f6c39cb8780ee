// Calls that are about a whole report.
#include <optional>

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
absl::StatusOr<v1::DueReading> DueReadingOf(const Indicator& indicator, const core::Period& period, core::Date today,
                                            Effort* effort) {
  const rating::Definition& definition = *indicator.definition;
  const core::Date due = rating::DueDate(definition, period);
  v1::DueReading reading;
  reading.set_ref(definition.ref);
  reading.set_description(definition.description);
  reading.set_unit(definition.unit);
  reading.set_period(period.ToString());
  reading.set_due_date(absl::FormatCivilTime(due));
  const absl::StatusOr<rating::Score> score = ScoreOf(indicator, period, today, effort);
  if (!score.ok()) return score.status();
  reading.set_state(codec::ToProto(score->current.state));
  if (!HasReading(indicator, period) && today > due) reading.set_days_overdue(static_cast<int32_t>(today - due));
  if (const auto newest = NewestReadingPeriod(indicator)) {
    const auto ledger = LedgerOf(indicator, effort);
    if (!ledger.ok()) return ledger.status();
    const auto slot = (*ledger)->slots().find(*newest);
    if (slot == (*ledger)->slots().end() || !slot->second.reading) {
      return absl::InternalError(absl::StrCat(indicator.key.ToString(), ": the score of ", newest->ToString(),
                                              " is of a reading that the records do not have"));
    }
    *reading.mutable_last_measurement() = codec::ToProto(slot->second.reading->measurement);
  }
  return reading;
}

// The indicators of a council as findings see them. Only the ledgers that one row needs are held at a time: those of
// all rows would be the whole log.
class CouncilSubjects {
 public:
  CouncilSubjects(std::vector<IndicatorPtr> all, Effort* effort) : all_(std::move(all)), effort_(effort) {}

  // Error: that of LedgerOf.
  absl::StatusOr<std::vector<rating::Finding>> FindingsOf(const Indicator& indicator, const core::Period& period) {
    ledgers_.clear();
    ended_ = absl::OkStatus();
    if (!effort_->Spend(Effort::kFindings)) return Effort::Ended();
    const rating::Subject subject = SubjectOf(indicator);
    if (!ended_.ok()) return ended_;
    std::vector<rating::Finding> findings =
        rating::FindingsOf(subject, period, [this](std::string_view ref) { return Find(ref); });
    if (!ended_.ok()) return ended_;
    return findings;
  }

 private:
  rating::Subject Find(std::string_view ref) {
    if (!index_) index_.emplace(all_);
    const Indicator* other = index_->Find(ref);  // `all_` keeps it alive.
    return other == nullptr ? rating::Subject{} : SubjectOf(*other);
  }

  rating::Subject SubjectOf(const Indicator& indicator) {
    if (!ended_.ok()) return {};
    absl::StatusOr<std::shared_ptr<const rating::Ledger>> ledger = LedgerOf(indicator, effort_);
    if (!ledger.ok()) {
      ended_ = ledger.status();
      return {};
    }
    const rating::Ledger& kept = *ledgers_.emplace_back(*std::move(ledger));
    if (kept.definition() == nullptr) {
      ended_ = absl::InternalError(
          absl::StrCat(indicator.key.ToString(), ": the definition in force is none that the records have"));
    }
    return {kept.definition().get(), kept.definition_recorded(), &kept.slots()};
  }

  const std::vector<IndicatorPtr> all_;
  Effort* const effort_;
  std::optional<RefIndex> index_;                               // Made once a check asks for another indicator.
  std::vector<std::shared_ptr<const rating::Ledger>> ledgers_;  // What the subjects of the present row point to.
  absl::Status ended_;
};

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

grpc::Status Answers::GetReport(const v1::GetReportRequest& request, Effort* effort,
                                v1::GetReportResponse* response) const {
  const std::vector<int64_t> next = view_->NextOffsets();  // First: the rows are at least as new.
  ReportPage report;
  if (grpc::Status s = OpenReport(*this, request, &report); !s.ok()) return s;
  const core::Date today = Today();
  SchemeCollector schemes;
  for (const IndicatorPtr& indicator : report.indicators) {
    std::string cursor = CursorOf(*indicator);
    if (!report.page.Wants(cursor)) continue;
    if (report.page.EndsEarly(*effort)) break;
    absl::StatusOr<v1::ReportRow> row = RowOf(*indicator, report.month, today, effort);
    if (!row.ok()) return Failed(row.status());
    if (!report.page.HasRoom(row->ByteSizeLong() + schemes.BytesWith(*indicator))) break;
    report.page.Took(std::move(cursor));
    *response->add_rows() = *std::move(row);
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

grpc::Status Answers::GetReportBytes(const v1::GetReportRequest& request, Effort* effort,
                                     grpc::ByteBuffer* response) const {
  if (GetCachedReport(request, effort, response)) return grpc::Status::OK;
  v1::GetReportResponse answer;
  grpc::Status answered = GetReport(request, effort, &answer);
  const grpc::Slice slice(answer.SerializeAsString());
  *response = grpc::ByteBuffer(&slice, 1);
  return answered;
}

bool Answers::GetCachedReport(const v1::GetReportRequest& request, Effort* effort, grpc::ByteBuffer* response) const {
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
    absl::StatusOr<CachedReportPtr> made =
        reports_->Make(request.council(), *month, today, version, indicators, effort);
    if (!made.ok()) return false;  // Made row by row it says why.
    report = *std::move(made);
  }
  if (report->body.size() > kPageBytes) return false;  // It has pages.
  const grpc::Slice slices[] = {report->body, grpc::Slice(positions.SerializeAsString())};
  *response = grpc::ByteBuffer(slices, 2);
  return true;
}

grpc::Status Answers::ListIndicators(const v1::ListIndicatorsRequest& request, Effort* effort,
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
    if (!effort->Spend(Effort::kRow)) return Failed(Effort::Ended());
    v1::IndicatorDefinition definition = codec::ToProto(*indicator->definition, codec::WithScheme::kNo);
    if (!page.HasRoom(definition.ByteSizeLong() + schemes.BytesWith(*indicator))) break;
    page.Took(std::move(cursor));
    *response->add_definitions() = std::move(definition);
    schemes.Add(*indicator);
  }
  response->set_next_page_token(page.NextToken());
  schemes.MoveTo(response->mutable_schemes());
  return grpc::Status::OK;
}

grpc::Status Answers::ListFindings(const v1::ListFindingsRequest& request, Effort* effort,
                                   v1::ListFindingsResponse* response) const {
  ReportPage report;
  if (grpc::Status s = OpenReport(*this, request, &report); !s.ok()) return s;
  Page& page = report.page;
  response->set_period(report.month.ToString());
  CouncilSubjects council(view_->Indicators(request.council()), effort);
  for (const IndicatorPtr& indicator : report.indicators) {
    if (!page.Wants(CursorBehind(*indicator))) continue;
    const core::Period period = rating::DataPeriodOf(*indicator->definition, report.month);
    const absl::StatusOr<std::vector<rating::Finding>> findings = council.FindingsOf(*indicator, period);
    if (!findings.ok()) return Failed(findings.status());
    int number = 0;
    for (const rating::Finding& finding : *findings) {
      // More than 999 findings cannot be: at most one for each kind, cell and check.
      std::string cursor = absl::StrCat(CursorOf(*indicator), " ", 1000 + number++);
      if (!page.Wants(cursor)) continue;
      v1::Finding proto = codec::ToProto(finding);
      if (!page.HasRoom(proto.ByteSizeLong())) {
        response->set_next_page_token(page.NextToken());
        return grpc::Status::OK;
      }
      page.Took(std::move(cursor));
      *response->add_findings() = std::move(proto);
    }
    if (effort->PageIsOver() && indicator != report.indicators.back()) {
      page.EndAfter(CursorBehind(*indicator));
      break;
    }
  }
  response->set_next_page_token(page.NextToken());
  return grpc::Status::OK;
}

grpc::Status Answers::ListDueReadings(const v1::ListDueReadingsRequest& request, Effort* effort,
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
    if (report.page.EndsEarly(*effort)) break;
    absl::StatusOr<v1::DueReading> reading = DueReadingOf(*indicator, period, today, effort);
    if (!reading.ok()) return Failed(reading.status());
    if (!report.page.HasRoom(reading->ByteSizeLong())) break;
    report.page.Took(std::move(cursor));
    *response->add_readings() = *std::move(reading);
  }
  response->set_next_page_token(report.page.NextToken());
  return grpc::Status::OK;
}

}  // namespace bellwether::query
