#include "services/query/rows.h"

#include "bellwether/codec/definition.h"
#include "bellwether/codec/reading.h"
#include "bellwether/codec/scheme.h"
#include "bellwether/codec/score.h"
#include "bellwether/codec/unopened.h"
#include "bellwether/rating/evaluate.h"

namespace bellwether::query {
namespace {

rating::Score DecodeScore(const PublishedScore& score) {
  v1::Score proto;
  (void)proto.ParseFromArray(score.bytes.data(), static_cast<int>(score.bytes.size()));
  return codec::FromProto(proto).value();  // Scoring wrote it, and Kafka's checksum brought it whole.
}

}  // namespace

bool IsInReport(const Indicator& indicator, core::Month report_month) {
  const rating::Definition& definition = *indicator.definition;
  return rating::IsActiveIn(definition, rating::DataPeriodOf(definition, report_month));
}

std::optional<core::Period> NewestReadingPeriod(const Indicator& indicator) {
  for (size_t i = indicator.scores.size(); i-- > 0;) {
    const PublishedScore score = indicator.scores.At(i);
    if (codec::HasReading(score.bytes)) return score.period;
  }
  return std::nullopt;
}

std::optional<core::Month> NewestReportMonth(const std::vector<IndicatorPtr>& indicators) {
  std::optional<core::Month> newest;
  for (const IndicatorPtr& indicator : indicators) {
    const auto period = NewestReadingPeriod(*indicator);
    if (!period) continue;
    const core::Month month = (*period + indicator->definition->reporting_lag_periods).last();
    if (!newest || month > *newest) newest = month;
  }
  return newest;
}

bool HasReading(const Indicator& indicator, const core::Period& period) {
  const std::optional<PublishedScore> score = indicator.scores.Find(period);
  return score && codec::HasReading(score->bytes);
}

rating::Score ScoreOf(const Indicator& indicator, const core::Period& period, core::Date today) {
  rating::Score score;
  if (const std::optional<PublishedScore> published = indicator.scores.Find(period)) {
    score = DecodeScore(*published);
  } else {
    const std::shared_ptr<const rating::Ledger> ledger = LedgerOf(indicator);
    score = rating::Rate(*indicator.definition, ledger->definition_recorded(), ledger->slots(), period);
  }
  rating::WithAbsencesAsOf(*indicator.definition, today, score);
  return score;
}

v1::ReportRow RowOf(const Indicator& indicator, core::Month report_month, core::Date today) {
  const core::Period period = rating::DataPeriodOf(*indicator.definition, report_month);
  v1::ReportRow row;
  *row.mutable_definition() = codec::ToProto(*indicator.definition, codec::WithScheme::kNo);
  *row.mutable_score() = codec::ToProto(ScoreOf(indicator, period, today));
  if (const auto comment = indicator.comments.find(period); comment != indicator.comments.end()) {
    *row.mutable_comment() = codec::ToProto(indicator.key, comment->second);
  }
  return row;
}

void SchemeCollector::Add(const Indicator& indicator) {
  const auto& scheme = indicator.definition->scheme;
  const absl::Time recorded = indicator.definition_recorded;
  if (newest_ != nullptr && newest_->scheme == scheme) {  // As that of the row before, mostly.
    newest_->recorded = std::max(newest_->recorded, recorded);
    return;
  }
  const auto [found, added] = by_id_.try_emplace(scheme->id, Newest{scheme, recorded});
  if (!added && recorded > found->second.recorded) found->second = {scheme, recorded};
  newest_ = &found->second;
}

std::vector<std::shared_ptr<const rating::Scheme>> SchemeCollector::Schemes() const {
  std::vector<std::shared_ptr<const rating::Scheme>> schemes;
  for (const auto& [id, newest] : by_id_) schemes.push_back(newest.scheme);
  return schemes;
}

v1::Scheme SchemeCollector::ToProto(const rating::Scheme& scheme) { return codec::ToProto(scheme); }

}  // namespace bellwether::query
