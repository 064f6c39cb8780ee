// Calls that are about a whole report.
#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bellwether/codec/definition.h"
#include "bellwether/codec/reading.h"
#include "bellwether/codec/record.h"
#include "bellwether/codec/score.h"
#include "bellwether/rating/evaluate.h"
#include "bellwether/rating/findings.h"
#include "services/query/answers.h"
#include "services/query/paging.h"
#include "services/query/rows.h"
#include "services/query/selection.h"

namespace bellwether::query {
namespace {

// The page of a report's list: opened, with its rows and its month.
struct ReportPage {
  Page page;
  CouncilState council;
  std::vector<IndicatorPtr> indicators;  // Of the report.
  core::Month month;
};

template <typename Request>
grpc::Status OpenReport(const Answers& answers, const Sight& sight, const Request& request, Effort* effort,
                        ReportPage* report) {
  Page& page = report->page;
  grpc::Status s = page.Open(request, request.page_token(), request.page_size(), kDefaultRows, kMaximumRows);
  if (!s.ok()) return s;
  const std::string& period = page.is_first() ? request.period() : page.period();
  s = answers.SelectReport(sight, request.council(), period, request.filter(), effort, &report->council,
                           &report->indicators, &report->month);
  page.SetPeriod(report->month.ToString());
  page.SetPosition(report->council.standing.position);
  return s;
}

// The state and the words of a due reading.
absl::StatusOr<v1::DueReading> DueReadingOf(const Indicator& indicator, const core::Period& period, core::Date today,
                                            Effort* effort) {
  const rating::Definition& definition = rating::InForceIn(*indicator.definition, period.last());
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
  if (score->current.supplied && std::holds_alternative<rating::NotAvailable>(*score->current.supplied)) {
    reading.set_declared_absent(true);
    reading.set_reason(score->current.reason);
  }
  if (indicator.definition->owner) {
    reading.mutable_owner()->set_name(indicator.definition->owner->name);
    reading.mutable_owner()->set_address(indicator.definition->owner->address);
  }
  if (!HasReading(indicator, period) && today > due) reading.set_days_overdue(static_cast<int32_t>(today - due));
  const Indicator* last = &indicator;  // Itself, or what it continues.
  while (!NewestReadingPeriod(*last) && HasFiguresBefore(*last)) last = last->predecessor.get();
  if (const auto newest = NewestReadingPeriod(*last)) {
    const auto ledger = LedgerOf(*last, effort);
    if (!ledger.ok()) return ledger.status();
    const auto slot = (*ledger)->slots().find(*newest);
    if (slot == (*ledger)->slots().end() || !slot->second.reading) {
      return absl::InternalError(absl::StrCat(last->key.ToString(), ": the score of ", newest->ToString(),
                                              " is of a reading that the records do not have"));
    }
    *reading.mutable_last_measurement() = codec::ToProto(slot->second.reading->measurement);
  }
  return reading;
}

// The indicators of a council as findings see them. Only the figures that one row needs are held at a time: those of
// all rows would be the whole log.
class CouncilSubjects {
 public:
  CouncilSubjects(std::vector<IndicatorPtr> all, Effort* effort) : all_(std::move(all)), effort_(effort) {}

  // Error: that of LedgerOf.
  absl::StatusOr<std::vector<rating::Finding>> FindingsOf(const Indicator& indicator, const core::Period& period) {
    figures_.clear();
    ended_ = absl::OkStatus();
    looked_elsewhere_ = false;
    if (!effort_->Spend(Effort::kFindings)) return Effort::Ended();
    const rating::Subject subject = SubjectOf(indicator);
    if (!ended_.ok()) return ended_;
    std::vector<rating::Finding> findings =
        rating::FindingsOf(subject, period, [this](std::string_view ref) { return Find(ref); });
    if (!ended_.ok()) return ended_;
    return findings;
  }
  // Whether the last ones hang on other indicators too.
  bool looked_elsewhere() const { return looked_elsewhere_; }

 private:
  rating::Subject Find(std::string_view ref) {
    looked_elsewhere_ = true;
    if (!index_) index_.emplace(all_);
    const Indicator* other = index_->Find(ref);  // `all_` keeps it alive.
    return other == nullptr ? rating::Subject{} : SubjectOf(*other);
  }

  rating::Subject SubjectOf(const Indicator& indicator) {
    if (!ended_.ok()) return {};
    absl::StatusOr<Figures> figures = FiguresOf(indicator, effort_);
    if (!figures.ok()) {
      ended_ = figures.status();
      return {};
    }
    return figures_.emplace_back(*std::move(figures)).subject();
  }

  const std::vector<IndicatorPtr> all_;
  Effort* const effort_;
  std::optional<RefIndex> index_;  // Made once a check asks for another indicator.
  std::deque<Figures> figures_;    // What the subjects of the present row point to.
  absl::Status ended_;
  bool looked_elsewhere_ = false;
};

}  // namespace

grpc::Status Answers::SelectReport(const Sight& sight, const std::string& name, const std::string& period,
                                   const v1::ReportFilter& filter, Effort* effort, CouncilState* council,
                                   std::vector<IndicatorPtr>* indicators, core::Month* month) const {
  RequestCheck check;
  const auto asked = MonthField("period", period, &check);
  if (!check.ok()) return check.ToStatus();
  if (grpc::Status s = SelectCouncil(sight, name, effort, council); !s.ok()) return s;
  *indicators = council->indicators;
  *month = asked
               ? *asked
               : NewestReportMonth(*indicators, Today()).value_or(ReportMonth{core::Month::Of(Today()) - 1, ""}).month;
  if (grpc::Status s = Filter(filter, *month, indicators); !s.ok()) return s;
  std::erase_if(*indicators, [&](const IndicatorPtr& indicator) { return !IsInReport(*indicator, *month); });
  // They come in the order of now: each stands where it stood in the month.
  std::vector<std::pair<unsigned, IndicatorPtr>> placed;
  placed.reserve(indicators->size());
  for (IndicatorPtr& indicator : *indicators) {
    const unsigned place = WordingIn(*indicator, *month).report_position;
    placed.emplace_back(place, std::move(indicator));
  }
  const auto before = [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : a.second->key.ref < b.second->key.ref;
  };
  if (!std::is_sorted(placed.begin(), placed.end(), before)) std::sort(placed.begin(), placed.end(), before);
  for (size_t i = 0; i < placed.size(); ++i) (*indicators)[i] = std::move(placed[i].second);
  return grpc::Status::OK;
}

absl::StatusOr<std::shared_ptr<const std::string>> Answers::RowOf(const Indicator& indicator, core::Month month,
                                                                  core::Date today, Effort* effort) const {
  const std::string name =
      absl::StrCat(indicator.key.council, "/", indicator.key.ref, " ", month - core::Month(0, 1), indicator.seen_as);
  const MadeOf of = RowIsMadeOf(indicator, month, today);
  if (auto kept = rows_.Find(name, of)) return kept;
  const absl::StatusOr<v1::ReportRow> made = MakeRow(indicator, month, today, effort);
  if (!made.ok()) return made.status();
  auto row = std::make_shared<const std::string>(codec::SerializeDeterministically(*made));
  rows_.Keep(name, of, row, row->size() + name.size() + 200);  // What it takes beside its bytes.
  return row;
}

grpc::Status Answers::GetReport(const Sight& sight, const v1::GetReportRequest& request, Effort* effort,
                                grpc::ByteBuffer* response) const {
  const bool many_ask = !request.has_filter() && request.page_token().empty() && request.page_size() == 0;
  const std::string seen = sight.NameFor(request.council());
  // Its length first: nothing that is asked can read as what another sees.
  const std::string name = absl::StrCat(seen.size(), ":", seen, request.council(), "/", request.period());
  const core::Date today = Today();
  Standing standing = sight.StandingOf(request.council());
  std::shared_ptr<const MadeReport> made = many_ask ? reports_.Find(name, {standing.id, today}) : nullptr;
  if (made == nullptr) {
    const std::shared_ptr<const MadeReport> newest = many_ask ? reports_.Newest(name) : nullptr;
    if (grpc::Status s = MakeReport(sight, request, today, effort, newest.get(), &standing, &made); !s.ok()) return s;
    if (many_ask) reports_.Keep(name, {standing.id, today}, made, made->Size());
  }
  v1::GetReportResponse rest;
  *rest.mutable_position() = codec::ToProto(standing.position);
  const grpc::Slice slices[] = {made->body, grpc::Slice(rest.SerializeAsString())};
  *response = grpc::ByteBuffer(slices, 2);
  return grpc::Status::OK;
}

grpc::Status Answers::MakeReport(const Sight& sight, const v1::GetReportRequest& request, core::Date today,
                                 Effort* effort, const MadeReport* newest, Standing* standing,
                                 std::shared_ptr<const MadeReport>* made) const {
  ReportPage report;
  if (grpc::Status s = OpenReport(*this, sight, request, effort, &report); !s.ok()) return s;
  *standing = report.council.standing;
  const bool is_of_now = newest != nullptr && newest->month == report.month;
  const MadeReport* const old = is_of_now ? newest : nullptr;
  std::vector<MadeReport::Row> rows;
  rows.reserve(report.indicators.size());
  for (size_t i = 0; i < report.indicators.size(); ++i) {
    const Indicator& indicator = *report.indicators[i];
    const MadeReport::Row* const before = old != nullptr && i < old->rows.size() ? &old->rows[i] : nullptr;
    const bool untouched = before != nullptr && before->of.today == today && before->indicator == indicator.id &&
                           before->ref == indicator.key.ref;
    rows.push_back(
        {indicator.key.ref, indicator.id, untouched ? before->of : RowIsMadeOf(indicator, report.month, today), 0, 0});
    if (before == nullptr || !rows[i].SaysAs(*before)) continue;
    rows[i].begin = before->begin;
    rows[i].size = before->size;
  }
  const auto stands = [](const MadeReport::Row& row) { return row.size > 0; };
  // Whoever leaves the month open is told more than its rows.
  if (old != nullptr && old->rows.size() == rows.size() && old->total == rows.size() &&
      std::all_of(rows.begin(), rows.end(), stands) && !request.period().empty()) {
    *made = std::make_shared<const MadeReport>(MadeReport{report.month, old->total, old->body, std::move(rows)});
    return grpc::Status::OK;
  }
  const bool is_first = report.page.is_first();
  const std::string_view old_body =
      old == nullptr ? std::string_view()
                     : std::string_view(reinterpret_cast<const char*>(old->body.begin()), old->body.size());
  SchemeCollector schemes;
  std::string body;
  body.reserve(old_body.size() + 1024);
  size_t end = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Indicator& indicator = *report.indicators[i];
    if (!is_first && !report.page.Wants(CursorOf(indicator, report.month))) continue;
    if (report.page.EndsEarly(*effort)) break;
    std::string_view bytes = old_body.substr(rows[i].begin, rows[i].size);
    std::shared_ptr<const std::string> anew;
    if (!stands(rows[i])) {
      auto row = RowOf(indicator, report.month, today, effort);
      if (!row.ok()) return Failed(row.status());
      anew = *std::move(row);
      bytes = *anew;
    }
    if (!report.page.HasRoom(bytes.size() + schemes.BytesWith(indicator))) break;
    AppendField(v1::GetReportResponse::kRowsFieldNumber, bytes, &body);
    rows[i].begin = body.size() - bytes.size();
    rows[i].size = bytes.size();
    schemes.Add(indicator);
    end = i + 1;
  }
  if (end > 0) report.page.Took(CursorOf(*report.indicators[end - 1], report.month));
  rows.resize(end);
  rows.shrink_to_fit();
  v1::GetReportResponse rest;
  report.page.Finish(&rest);
  rest.clear_position();
  schemes.MoveTo(rest.mutable_schemes());
  rest.set_period(report.month.ToString());
  rest.set_total_rows(static_cast<int32_t>(report.indicators.size()));
  if (request.period().empty()) {
    if (const auto meant = NewestReportMonth(report.council.indicators, today)) rest.set_period_note(meant->note);
  }
  rest.AppendToString(&body);
  *made = std::make_shared<const MadeReport>(
      MadeReport{report.month, report.indicators.size(), grpc::Slice(body), std::move(rows)});
  return grpc::Status::OK;
}

grpc::Status Answers::ListIndicators(const Sight& sight, const v1::ListIndicatorsRequest& request, Effort* effort,
                                     v1::ListIndicatorsResponse* response) const {
  Page page;
  grpc::Status s = page.Open(request, request.page_token(), request.page_size(), kDefaultRows, kMaximumRows);
  if (!s.ok()) return s;
  CouncilState council;
  if (s = SelectCouncil(sight, request.council(), effort, &council); !s.ok()) return s;
  if (s = Filter(request.filter(), std::nullopt, &council.indicators); !s.ok()) return s;
  page.SetPosition(council.standing.position);
  SchemeCollector schemes;
  for (const IndicatorPtr& indicator : council.indicators) {
    std::string cursor = CursorOf(*indicator);
    if (!page.Wants(cursor)) continue;
    if (!effort->Spend(Effort::kRow)) return Failed(Effort::Ended());
    v1::IndicatorDefinition definition = codec::ToProto(*indicator->definition, codec::WithScheme::kNo);
    if (!page.HasRoom(definition.ByteSizeLong() + schemes.BytesWith(*indicator))) break;
    page.Took(std::move(cursor));
    *response->add_definitions() = std::move(definition);
    schemes.Add(*indicator);
  }
  page.Finish(response);
  schemes.MoveTo(response->mutable_schemes());
  return grpc::Status::OK;
}

grpc::Status Answers::ListFindings(const Sight& sight, const v1::ListFindingsRequest& request, Effort* effort,
                                   v1::ListFindingsResponse* response) const {
  ReportPage report;
  if (grpc::Status s = OpenReport(*this, sight, request, effort, &report); !s.ok()) return s;
  Page& page = report.page;
  response->set_period(report.month.ToString());
  CouncilSubjects council(report.council.indicators, effort);
  for (const IndicatorPtr& indicator : report.indicators) {
    if (!page.Wants(CursorBehind(*indicator, report.month))) continue;
    const core::Period period = rating::DataPeriodOf(*indicator->definition, report.month);
    const std::string name = absl::StrCat(indicator->key.ToString(), " ", period.ToString(), indicator->seen_as);
    auto findings = findings_.Find(name, {indicator->id});
    if (findings == nullptr) {
      absl::StatusOr<std::vector<rating::Finding>> found = council.FindingsOf(*indicator, period);
      if (!found.ok()) return Failed(found.status());
      size_t size = name.size() + 200;  // What it takes beside its words.
      for (const rating::Finding& finding : *found) size += sizeof(finding) + finding.explanation.size();
      findings = std::make_shared<const std::vector<rating::Finding>>(*std::move(found));
      if (!council.looked_elsewhere()) findings_.Keep(name, {indicator->id}, findings, size);
    }
    int number = 0;
    for (const rating::Finding& finding : *findings) {
      // More than 999 findings cannot be: at most one for each kind, cell and check.
      std::string cursor = absl::StrCat(CursorOf(*indicator, report.month), " ", 1000 + number++);
      if (!page.Wants(cursor)) continue;
      v1::Finding proto = codec::ToProto(finding);
      if (!page.HasRoom(proto.ByteSizeLong())) {
        page.Finish(response);
        return grpc::Status::OK;
      }
      page.Took(std::move(cursor));
      *response->add_findings() = std::move(proto);
    }
    if (effort->PageIsOver() && indicator != report.indicators.back()) {
      page.EndAfter(CursorBehind(*indicator, report.month));
      break;
    }
  }
  page.Finish(response);
  return grpc::Status::OK;
}

grpc::Status Answers::ListDueReadings(const Sight& sight, const v1::ListDueReadingsRequest& request, Effort* effort,
                                      v1::ListDueReadingsResponse* response) const {
  const core::Date today = Today();
  v1::ListDueReadingsRequest dated = request;
  if (dated.period().empty()) dated.set_period((core::Month::Of(today) - 1).ToString());
  ReportPage report;
  if (grpc::Status s = OpenReport(*this, sight, dated, effort, &report); !s.ok()) return s;
  response->set_period(report.month.ToString());
  for (const IndicatorPtr& indicator : report.indicators) {
    std::string cursor = CursorOf(*indicator, report.month);
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
  report.page.Finish(response);
  return grpc::Status::OK;
}

}  // namespace bellwether::query
