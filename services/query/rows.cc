#include "services/query/rows.h"

#include "absl/strings/str_cat.h"
#include "bellwether/codec/definition.h"
#include "bellwether/codec/reading.h"
#include "bellwether/codec/scheme.h"
#include "bellwether/codec/score.h"
#include "bellwether/codec/unopened.h"
#include "bellwether/rating/evaluate.h"

namespace bellwether::query {
namespace {

// Of an update's scores only their periods are read before the view takes it.
absl::StatusOr<rating::Score> DecodeScore(const Indicator& indicator, const PublishedScore& score) {
  v1::Score proto;
  const bool parsed = proto.ParseFromArray(score.bytes.data(), static_cast<int>(score.bytes.size()));
  absl::StatusOr<rating::Score> read =
      parsed ? codec::FromProto(proto) : absl::InvalidArgumentError("the bytes are no Score");
  if (read.ok()) return read;
  return absl::InternalError(absl::StrCat(indicator.key.ToString(), ": the score of ", score.period.ToString(),
                                          " in the update of partition ", indicator.id.partition, ", offset ",
                                          score.offset, ", cannot be read: ", read.status().message()));
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

absl::StatusOr<rating::Score> ScoreOf(const Indicator& indicator, const core::Period& period, core::Date today,
                                      Effort* effort) {
  if (!effort->Spend(Effort::kRow)) return Effort::Ended();
  rating::Score score;
  if (const std::optional<PublishedScore> published = indicator.scores.Find(period)) {
    absl::StatusOr<rating::Score> read = DecodeScore(indicator, *published);
    if (!read.ok()) return read;
    score = *std::move(read);
  } else {
    const auto ledger = LedgerOf(indicator, effort);
    if (!ledger.ok()) return ledger.status();
    score = rating::Rate(*indicator.definition, (*ledger)->definition_recorded(), (*ledger)->slots(), period);
  }
  rating::WithAbsencesAsOf(*indicator.definition, today, score);
  return score;
}

absl::StatusOr<v1::ReportRow> RowOf(const Indicator& indicator, core::Month report_month, core::Date today,
                                    Effort* effort) {
  const core::Period period = rating::DataPeriodOf(*indicator.definition, report_month);
  const absl::StatusOr<rating::Score> score = ScoreOf(indicator, period, today, effort);
  if (!score.ok()) return score.status();
  v1::ReportRow row;
  *row.mutable_definition() = codec::ToProto(*indicator.definition, codec::WithScheme::kNo);
  *row.mutable_score() = codec::ToProto(*score);
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

size_t SchemeCollector::BytesWith(const Indicator& indicator) const {
  const auto& scheme = indicator.definition->scheme;
  if (newest_ != nullptr && newest_->scheme == scheme) return 0;
  return by_id_.contains(scheme->id) ? 0 : ToProto(*scheme).ByteSizeLong();
}

std::vector<std::shared_ptr<const rating::Scheme>> SchemeCollector::Schemes() const {
  std::vector<std::shared_ptr<const rating::Scheme>> schemes;
  for (const auto& [id, newest] : by_id_) schemes.push_back(newest.scheme);
  return schemes;
}

v1::Scheme SchemeCollector::ToProto(const rating::Scheme& scheme) { return codec::ToProto(scheme); }

}  // namespace bellwether::query
