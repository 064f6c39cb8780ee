// Calls that are about single indicators and their readings.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "bellwether/codec/definition.h"
#include "bellwether/codec/reading.h"
#include "bellwether/codec/record.h"
#include "bellwether/codec/scheme.h"
#include "bellwether/codec/score.h"
#include "bellwether/core/limits.h"
#include "bellwether/rating/explain.h"
#include "bellwether/rating/trend.h"
#include "services/query/answers.h"
#include "services/query/paging.h"
#include "services/query/rows.h"
#include "services/query/selection.h"

namespace bellwether::query {
namespace {

constexpr int32_t kDefaultReadings = 500;
constexpr int32_t kMaximumReadings = 2'000;
constexpr size_t kMaximumOccurrences = 100;

v1::Occurrence ToProto(const View& view, const Indicator& indicator, const Occurrence& occurrence) {
  v1::Occurrence proto;
  *proto.mutable_position() = codec::ToProto(codec::Position{view.epoch(), indicator.id.partition, occurrence.offset});
  *proto.mutable_recorded_at() = codec::ToProto(occurrence.recorded_at);
  *proto.mutable_record() = codec::ToProto(codec::KeyedRecord{indicator.key, RecordOf(occurrence)});
  proto.set_outcome(codec::ToProto(occurrence.outcome));
  proto.set_detail(std::string(occurrence.detail));
  proto.set_in_force(IsInForce(indicator, occurrence));
  return proto;
}

// The months in which a history's periods may end.
struct Span {
  core::Month first;
  core::Month last;
  bool Holds(const core::Period& period) const { return first <= period.last() && period.last() <= last; }
};

// Of the request's from_period and to_period; empty: from the first, to the last.
template <typename Request>
Span SpanOf(const Request& request, RequestCheck* check) {
  const auto from = PeriodField("from_period", request.from_period(), check);
  const auto to = PeriodField("to_period", request.to_period(), check);
  if (from && to && to->last() < from->first()) {
    check->Add("to_period", absl::StrCat(to->ToString(), " ends before ", from->ToString(), " begins: swap them"));
  }
  return {from ? from->first() : core::Month(core::Month::kFirstYear, 1),
          to ? to->last() : core::Month(core::Month::kLastYear, 12)};
}

// Scores, comments and trend of a history.
void AddHistory(const Indicator& indicator, const Span& span, core::Date today, v1::GetIndicatorResponse* response) {
  const rating::Definition& definition = *indicator.definition;
  std::optional<core::Period> first;
  core::Period last;
  for (const PublishedScore& score : indicator.scores.All()) {
    if (!span.Holds(score.period)) continue;
    *response->add_scores() = codec::ToProto(ScoreOf(indicator, score.period, today));
    if (!first) first = score.period;
    last = score.period;
  }
  for (const auto& [period, comment] : indicator.comments) {
    if (span.Holds(period)) *response->add_comments() = codec::ToProto(indicator.key, comment);
  }
  if (!first) return;
  if (const auto trend = rating::TrendOf(definition, LedgerOf(indicator)->slots(), *first, last)) {
    if (auto line = codec::ToProto(definition, *trend); line.ok()) *response->mutable_trend() = *std::move(line);
  }
}

}  // namespace

grpc::Status Answers::GetIndicator(const v1::GetIndicatorRequest& request, v1::GetIndicatorResponse* response) const {
  RequestCheck check;
  const Span span = SpanOf(request, &check);
  if (!check.ok()) return check.ToStatus();
  Page page;
  grpc::Status s = page.Open(request, request.page_token(), request.page_size(), kDefaultReadings, kMaximumReadings);
  if (!s.ok()) return s;
  IndicatorPtr indicator;
  if (s = SelectIndicator(*view_, request.council(), request.ref(), &indicator); !s.ok()) return s;

  std::vector<std::pair<std::string, Occurrence>> revisions;
  for (const Occurrence& occurrence : indicator->occurrences.From()) {
    const std::optional<core::Period> period = PeriodOf(occurrence);
    if (!period || !span.Holds(*period)) continue;
    // The same length for every offset, so that texts sort as numbers do.
    std::string cursor = absl::StrCat(CursorOf(*period), " ", absl::Dec(occurrence.offset, absl::kZeroPad19));
    if (page.Wants(cursor)) revisions.emplace_back(std::move(cursor), occurrence);
  }
  std::sort(revisions.begin(), revisions.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const bool is_first = page.is_first();
  if (is_first) AddHistory(*indicator, span, Today(), response);
  for (auto& [cursor, occurrence] : revisions) {
    v1::Occurrence proto = ToProto(*view_, *indicator, occurrence);
    if (!page.HasRoom(proto.ByteSizeLong())) break;
    page.Took(std::move(cursor));
    *response->add_revisions() = std::move(proto);
  }
  response->set_next_page_token(page.NextToken());
  *response->mutable_definition() = codec::ToProto(*indicator->definition, codec::WithScheme::kNo);
  *response->mutable_scheme() = codec::ToProto(*indicator->definition->scheme);
  return grpc::Status::OK;
}

grpc::Status Answers::ExplainScore(const v1::ExplainScoreRequest& request, v1::ExplainScoreResponse* response) const {
  RequestCheck check;
  std::optional<core::Period> period = PeriodField("period", request.period(), &check);
  if (!check.ok()) return check.ToStatus();
  IndicatorPtr indicator;
  grpc::Status s = SelectIndicator(*view_, request.council(), request.ref(), &indicator);
  if (!s.ok()) return s;
  const rating::Definition& definition = *indicator->definition;
  if (!period) period = NewestReadingPeriod(*indicator);
  if (!period) {
    return ErrorOf(codec::Reason::kNothingRecorded,
                   absl::StrCat("period: ", definition.ref, " has no reading yet; name a period to see what it lacks"));
  }
  if (const core::Period own = rating::PeriodContaining(definition, period->last()); own != *period) {
    check.Add("period", absl::StrCat(period->ToString(), " is not a data period of ", definition.ref, "; ask for ",
                                     own.ToString(), ", whose explanation has its quarters and year to date"));
    return check.ToStatus();
  }
  const std::shared_ptr<const rating::Ledger> ledger = LedgerOf(*indicator);
  rating::Evaluation evaluation = rating::Evaluate(definition, ledger->definition_recorded(), ledger->slots(), *period);
  rating::WithAbsencesAsOf(definition, Today(), evaluation);
  const rating::Score score = rating::ScoreOf(evaluation);
  *response->mutable_explanation() = codec::ToProto(definition, rating::Explain(definition, evaluation), score);
  *response->mutable_score() = codec::ToProto(score);
  *response->mutable_definition() = codec::ToProto(definition, codec::WithScheme::kNo);
  return grpc::Status::OK;
}

grpc::Status Answers::LookUpReadings(const v1::LookUpReadingsRequest& request,
                                     v1::LookUpReadingsResponse* response) const {
  RequestCheck check;
  if (request.keys().empty() || request.keys_size() > core::limits::kLookUpKeys) {
    check.Add("keys", absl::StrCat(request.keys_size(), " keys; a call takes 1 to ", core::limits::kLookUpKeys));
    return check.ToStatus();
  }
  std::vector<std::optional<core::Period>> periods;
  for (int i = 0; i < request.keys_size(); ++i) {
    const v1::ReadingKey& key = request.keys(i);
    const std::string path = absl::StrCat("keys[", i, "].");
    if (const absl::Status s = core::CheckCouncil(key.council()); !s.ok()) {
      check.Add(path + "council", std::string(s.message()));
    }
    if (const absl::Status s = core::CheckRef(key.ref()); !s.ok()) {
      check.Add(path + "ref", std::string(s.message()));
    }
    if (const absl::Status s = core::CheckRecordId(key.reading_id()); !s.ok()) {
      check.Add(path + "reading_id", std::string(s.message()));
    }
    periods.push_back(PeriodField(path + "period", key.period(), &check));
  }
  if (!check.ok()) return check.ToStatus();

  for (int i = 0; i < request.keys_size(); ++i) {
    const v1::ReadingKey& key = request.keys(i);
    v1::ReadingLookUp* result = response->add_results();
    const IndicatorPtr indicator = view_->Find({key.council(), key.ref()});
    if (indicator == nullptr) continue;
    std::vector<Occurrence> found = OccurrencesOf(*indicator, key.reading_id());
    if (const auto& period = periods[static_cast<size_t>(i)]; period) {
      std::erase_if(found, [&](const Occurrence& occurrence) { return PeriodOf(occurrence) != period; });
    }
    result->set_total_occurrences(static_cast<int32_t>(found.size()));
    const size_t skipped = found.size() > kMaximumOccurrences ? found.size() - kMaximumOccurrences : 0;
    for (size_t n = skipped; n < found.size(); ++n) {
      *result->add_occurrences() = ToProto(*view_, *indicator, found[n]);
    }
  }
  return grpc::Status::OK;
}

grpc::Status Answers::ListReadings(const v1::ListReadingsRequest& request, v1::ListReadingsResponse* response) const {
  RequestCheck check;
  const Span span = SpanOf(request, &check);
  if (!check.ok()) return check.ToStatus();
  Page page;
  grpc::Status s = page.Open(request, request.page_token(), request.page_size(), kDefaultReadings, kMaximumReadings);
  if (!s.ok()) return s;
  std::vector<IndicatorPtr> indicators;
  if (s = SelectCouncil(*view_, request.council(), &indicators); !s.ok()) return s;
  v1::ReportFilter filter;
  *filter.mutable_refs() = request.refs();
  if (s = Filter(filter, &indicators); !s.ok()) return s;

  bool full = false;
  for (const IndicatorPtr& indicator : indicators) {
    const std::shared_ptr<const rating::Ledger> ledger = LedgerOf(*indicator);
    std::map<core::Period, v1::ReadingInForce> by_period;
    for (const auto& [period, slot] : ledger->slots()) {
      if (!span.Holds(period) || !slot.reading) continue;
      v1::ReadingInForce& in_force = by_period[period];
      *in_force.mutable_reading() = codec::ToProto(indicator->key, *slot.reading);
      *in_force.mutable_recorded_at() = codec::ToProto(slot.recorded.time);
    }
    for (const auto& [period, comment] : indicator->comments) {
      if (span.Holds(period)) *by_period[period].mutable_comment() = codec::ToProto(indicator->key, comment);
    }
    for (auto& [period, in_force] : by_period) {
      std::string cursor = absl::StrCat(CursorOf(*indicator), " ", CursorOf(period));
      if (!page.Wants(cursor)) continue;
      full = !page.HasRoom(in_force.ByteSizeLong());
      if (full) break;
      page.Took(std::move(cursor));
      *response->add_readings() = std::move(in_force);
    }
    if (full) break;
  }
  response->set_next_page_token(page.NextToken());
  return grpc::Status::OK;
}

}  // namespace bellwether::query
