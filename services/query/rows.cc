#include "services/query/rows.h"

#include "bellwether/codec/definition.h"
#include "bellwether/codec/reading.h"
#include "bellwether/codec/scheme.h"
#include "bellwether/codec/score.h"
#include "bellwether/rating/evaluate.h"

namespace bellwether::query {

bool IsInReport(const Indicator& indicator, core::Month report_month) {
  const rating::Definition& definition = *indicator.ledger.definition();
  return rating::IsActiveIn(definition, rating::DataPeriodOf(definition, report_month));
}

std::optional<core::Period> NewestReadingPeriod(const Indicator& indicator) {
  const rating::Definition& definition = *indicator.ledger.definition();
  const rating::Slots& slots = indicator.ledger.slots();
  for (auto slot = slots.rbegin(); slot != slots.rend(); ++slot) {
    const core::Period& period = slot->first;
    if (slot->second.reading && rating::PeriodContaining(definition, period.first()) == period) return period;
  }
  return std::nullopt;
}

std::optional<core::Month> NewestReportMonth(const std::vector<IndicatorPtr>& indicators) {
  std::optional<core::Month> newest;
  for (const IndicatorPtr& indicator : indicators) {
    const auto period = NewestReadingPeriod(*indicator);
    if (!period) continue;
    const core::Month month = (*period + indicator->ledger.definition()->reporting_lag_periods).last();
    if (!newest || month > *newest) newest = month;
  }
  return newest;
}

bool HasReading(const Indicator& indicator, const core::Period& period) {
  const auto slot = indicator.ledger.slots().find(period);
  return slot != indicator.ledger.slots().end() && slot->second.reading;
}

rating::Score DecodeScore(const std::string& bytes) {
  v1::Score proto;
  (void)proto.ParseFromString(bytes);
  return codec::FromProto(proto).value();  // Scoring wrote it, and Kafka's checksum brought it whole.
}

rating::Score ScoreOf(const Indicator& indicator, const core::Period& period, core::Date today) {
  const rating::Ledger& ledger = indicator.ledger;
  const auto published = indicator.scores.find(period);
  rating::Score score = published != indicator.scores.end()
                            ? DecodeScore(published->second)
                            : rating::Rate(*ledger.definition(), ledger.definition_recorded(), ledger.slots(), period);
  rating::WithAbsencesAsOf(*ledger.definition(), today, score);
  return score;
}

v1::ReportRow RowOf(const Indicator& indicator, core::Month report_month, core::Date today) {
  const rating::Ledger& ledger = indicator.ledger;
  const core::Period period = rating::DataPeriodOf(*ledger.definition(), report_month);
  v1::ReportRow row;
  *row.mutable_definition() = codec::ToProto(*ledger.definition(), codec::WithScheme::kNo);
  *row.mutable_score() = codec::ToProto(ScoreOf(indicator, period, today));
  const auto comment = ledger.comments().find(period);
  if (comment != ledger.comments().end() && !comment->second.comment.text.empty()) {
    *row.mutable_comment() = codec::ToProto(indicator.key, comment->second.comment);
  }
  return row;
}

void SchemeCollector::Add(const Indicator& indicator) {
  const rating::Ledger& ledger = indicator.ledger;
  const auto& scheme = ledger.definition()->scheme;
  const absl::Time recorded = ledger.definition_recorded().time;
  const auto [found, added] = by_id_.try_emplace(scheme->id, Newest{scheme, recorded});
  if (!added && recorded > found->second.recorded) found->second = {scheme, recorded};
}

v1::Scheme SchemeCollector::ToProto(const rating::Scheme& scheme) { return codec::ToProto(scheme); }

}  // namespace bellwether::query
