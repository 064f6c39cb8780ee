#include "services/query/rows.h"

#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "bellwether/codec/definition.h"
#include "bellwether/codec/reading.h"
#include "bellwether/codec/scheme.h"
#include "bellwether/codec/score.h"
#include "bellwether/codec/unopened.h"
#include "bellwether/codec/values.h"
#include "bellwether/rating/evaluate.h"
#include "bellwether/rating/warnings.h"

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
                                          " cannot be read: ", read.status().message()));
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

namespace {

// The newest month for which any data period has a reading.
std::optional<core::Month> NewestMonthWithAny(const std::vector<IndicatorPtr>& indicators) {
  std::optional<core::Month> newest;
  for (const IndicatorPtr& indicator : indicators) {
    const auto period = NewestReadingPeriod(*indicator);
    if (!period) continue;
    const core::Month month = (*period + indicator->definition->reporting_lag_periods).last();
    if (!newest || month > *newest) newest = month;
  }
  return newest;
}

// Of a month's rows.
struct Rows {
  int all = 0;
  int with_reading = 0;
};
Rows CountRows(const std::vector<IndicatorPtr>& indicators, core::Month month) {
  Rows rows;
  for (const IndicatorPtr& indicator : indicators) {
    if (!IsInReport(*indicator, month)) continue;
    ++rows.all;
    if (HasReading(*indicator, rating::DataPeriodOf(*indicator->definition, month))) ++rows.with_reading;
  }
  return rows;
}

}  // namespace

std::optional<ReportMonth> NewestReportMonth(const std::vector<IndicatorPtr>& indicators, core::Date today) {
  constexpr int kMonths = 24;  // Who has sent nothing whole for longer may name the month.
  const std::optional<core::Month> newest = NewestMonthWithAny(indicators);
  if (!newest) return std::nullopt;
  std::optional<core::Month> chosen;
  std::optional<core::Month> over;
  for (core::Month month = *newest; !chosen && *newest - month < kMonths; month = month - 1) {
    if (month.LastDay() >= today) continue;
    const Rows rows = CountRows(indicators, month);
    if (rows.with_reading > 0 && !over) over = month;
    if (2 * rows.with_reading > rows.all) chosen = month;
  }
  ReportMonth report{chosen ? *chosen : over.value_or(*newest), ""};
  if (report.month != *newest) {
    const Rows rows = CountRows(indicators, *newest);
    report.note = absl::StrCat(newest->DisplayName(), newest->LastDay() >= today ? ", which is not over," : "",
                               " has readings of ", rows.with_reading, " of its ", rows.all, " indicators");
  }
  return report;
}

bool HasReading(const Indicator& indicator, const core::Period& period) {
  const std::optional<PublishedScore> score = indicator.scores.Find(period);
  return score && codec::HasReading(score->bytes);
}

namespace {

// As published, where that is all of it.
absl::StatusOr<rating::Score> Published(const Indicator& indicator, const PublishedScore& published, core::Date today) {
  absl::StatusOr<rating::Score> score = DecodeScore(indicator, published);
  if (score.ok()) rating::WithAbsencesAsOf(*indicator.definition, today, *score);
  return score;
}

rating::Score Rated(const Figures& figures, const core::Period& period, core::Date today) {
  const rating::Subject subject = figures.subject();
  rating::Score score = rating::Rate(*subject.definition, subject.definition_recorded, *subject.slots, period);
  rating::WithAbsencesAsOf(*subject.definition, today, score);
  return score;
}

}  // namespace

absl::StatusOr<rating::Score> ScoreOf(const Indicator& indicator, const core::Period& period, core::Date today,
                                      Effort* effort) {
  if (!effort->Spend(Effort::kRow)) return Effort::Ended();
  const std::optional<PublishedScore> published = indicator.scores.Find(period);
  if (published && !HasFiguresBefore(indicator)) return Published(indicator, *published, today);
  const absl::StatusOr<Figures> figures = FiguresOf(indicator, effort);
  if (!figures.ok()) return figures.status();
  return Rated(*figures, period, today);
}

absl::StatusOr<rating::Score> ScoreOf(const Indicator& indicator, const Figures& figures, const core::Period& period,
                                      core::Date today, Effort* effort) {
  if (!effort->Spend(Effort::kRow)) return Effort::Ended();
  const std::optional<PublishedScore> published = indicator.scores.Find(period);
  if (published && figures.joined == nullptr) return Published(indicator, *published, today);
  return Rated(figures, period, today);
}

MadeOf RowIsMadeOf(const Indicator& indicator, core::Month report_month, core::Date today) {
  MadeOf of{indicator.id, today};
  if (!indicator.seen_as.empty() || indicator.predecessor != nullptr) return of;
  const core::Period period = rating::DataPeriodOf(*indicator.definition, report_month);
  const std::optional<PublishedScore> published = indicator.scores.Find(period);
  if (!published || indicator.comments.contains(period)) return of;
  // A score is published anew with each record that it depends on, a definition among them.
  of.state.offset = codec::NewestOffsetOf(published->bytes);
  of.of_one_score = true;
  return of;
}

absl::StatusOr<v1::ReportRow> MakeRow(const Indicator& indicator, core::Month report_month, core::Date today,
                                      Effort* effort) {
  const core::Period period = rating::DataPeriodOf(*indicator.definition, report_month);
  const absl::StatusOr<rating::Score> score = ScoreOf(indicator, period, today, effort);
  if (!score.ok()) return score.status();
  v1::ReportRow row;
  *row.mutable_definition() = codec::WordingToProto(rating::InForceIn(*indicator.definition, period.last()));
  *row.mutable_score() = codec::ToProto(*score);
  if (const auto comment = indicator.comments.find(period); comment != indicator.comments.end()) {
    *row.mutable_comment() = codec::ToProto(indicator.key, comment->second);
  }
  return row;
}

absl::StatusOr<v1::Occurrence> ToProto(uint32_t epoch, const Indicator& indicator, const Figures& figures,
                                       const Occurrence& occurrence) {
  v1::Occurrence proto;
  *proto.mutable_position() = codec::ToProto(codec::Position{epoch, indicator.id.partition, occurrence.offset});
  *proto.mutable_recorded_at() = codec::ToProto(occurrence.recorded_at);
  const std::string_view record = occurrence.record;
  if (!proto.mutable_record()->ParseFromArray(record.data(), static_cast<int>(record.size()))) {
    return absl::InternalError(
        absl::StrCat("the record of ", indicator.key.ToString(), " at offset ", occurrence.offset, " cannot be read"));
  }
  proto.set_outcome(codec::ToProto(occurrence.outcome));
  proto.set_detail(std::string(occurrence.detail));
  if (IsInForce(*figures.ledger, occurrence)) {
    proto.set_in_force(true);
    const rating::Slot& slot = figures.ledger->slots().find(*PeriodOf(occurrence))->second;
    const rating::Subject subject = figures.subject();
    for (const rating::Warning& warning :
         rating::WarningsOf(*subject.definition, *slot.reading, *subject.slots, rating::DayOf(slot.recorded))) {
      *proto.add_warnings() = codec::ToProto(warning);
    }
  }
  return proto;
}

void AppendField(int number, std::string_view message, std::string* out) {
  using google::protobuf::io::CodedOutputStream;
  constexpr uint32_t kLengthDelimited = 2;
  std::array<uint8_t, 15> head{};
  uint8_t* end =
      CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(number) << 3 | kLengthDelimited, head.data());
  end = CodedOutputStream::WriteVarint64ToArray(message.size(), end);
  out->append(reinterpret_cast<const char*>(head.data()), static_cast<size_t>(end - head.data()));
  out->append(message);
}

std::vector<std::shared_ptr<const rating::Scheme>> EarlierSchemes(const Indicator& indicator) {
  std::vector<std::shared_ptr<const rating::Scheme>> schemes;
  for (const Indicator* of = &indicator; of != nullptr; of = of->predecessor.get()) {
    if (of != &indicator) schemes.push_back(of->definition->scheme);
    for (const auto& earlier : of->definition->earlier) schemes.push_back(earlier->scheme);
  }
  return schemes;
}

std::vector<std::shared_ptr<const rating::Scheme>> SchemeCollector::Add(const Indicator& indicator) {
  std::vector<std::shared_ptr<const rating::Scheme>> brought;
  for (auto& scheme : EarlierSchemes(indicator)) {
    if (Add(scheme, absl::InfinitePast())) brought.push_back(std::move(scheme));  // Any newer one stands.
  }
  const std::shared_ptr<const rating::Scheme>& own = indicator.definition->scheme;
  if (Add(own, indicator.definition_recorded)) brought.push_back(own);
  return brought;
}

bool SchemeCollector::Add(const std::shared_ptr<const rating::Scheme>& scheme, absl::Time recorded) {
  if (newest_ != nullptr && newest_->scheme == scheme) {  // As that of the row before, mostly.
    newest_->recorded = std::max(newest_->recorded, recorded);
    return false;
  }
  const auto [found, added] = by_id_.try_emplace(scheme->id, Newest{scheme, recorded});
  newest_ = &found->second;
  const bool is_other = newest_->scheme != scheme;
  if (recorded > newest_->recorded) *newest_ = {scheme, recorded};
  return added || (is_other && newest_->scheme == scheme);
}

size_t SchemeCollector::BytesWith(const Indicator& indicator) const {
  size_t bytes = BytesWith(*indicator.definition->scheme);
  for (const auto& scheme : EarlierSchemes(indicator)) bytes += BytesWith(*scheme);
  return bytes;
}

size_t SchemeCollector::BytesWith(const rating::Scheme& scheme) const {
  if (newest_ != nullptr && newest_->scheme.get() == &scheme) return 0;
  return by_id_.contains(scheme.id) ? 0 : ToProto(scheme).ByteSizeLong();
}

v1::Scheme SchemeCollector::ToProto(const rating::Scheme& scheme) { return codec::ToProto(scheme); }

}  // namespace bellwether::query
