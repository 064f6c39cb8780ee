#include "encode.h"

#include <variant>

#include "bellwether/v1/record.pb.h"
#include "bellwether/v1/score.pb.h"
#include "bellwether/v1/types.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace bellwether::codec {
namespace {

constexpr int64_t kMillisecondsASecond = 1000;
constexpr int64_t kNanosecondsAMillisecond = 1'000'000;

void WriteFields(const core::Decimal& value, WireWriter& out) { Put(v1::Measurement::kValueFieldNumber, value, out); }

void WriteFields(const rating::Ratio& ratio, WireWriter& out) {
  out.Message(v1::Measurement::kRatioFieldNumber, [&] {
    Put(v1::Ratio::kValueFieldNumber, ratio.value, out);
    Put(v1::Ratio::kDenominatorFieldNumber, ratio.denominator, out);
    Put(v1::Ratio::kNumeratorFieldNumber, ratio.numerator, out);
  });
}

void WriteFields(const rating::WeightedMean& mean, WireWriter& out) {
  out.Message(v1::Measurement::kWeightedMeanFieldNumber, [&] {
    Put(v1::WeightedMean::kWeightFieldNumber, mean.weight, out);
    Put(v1::WeightedMean::kMeanFieldNumber, mean.mean, out);
  });
}

void WriteFields(const rating::NotAvailable& absent, WireWriter& out) {
  out.Message(v1::Measurement::kNotAvailableFieldNumber,
              [&] { out.Text(v1::NotAvailable::kReasonFieldNumber, absent.reason); });
}

void Write(const rating::Cell& cell, WireWriter& out) {
  out.Text(v1::Cell::kSchemeIdFieldNumber, cell.scheme_id);
  out.Text(v1::Cell::kPublishedStatusFieldNumber, cell.published_status);
  out.Text(v1::Cell::kPublishedArrowFieldNumber, cell.published_arrow);
  if (cell.observation_status != 'A') {
    out.Text(v1::Cell::kObservationStatusFieldNumber, {&cell.observation_status, 1});
  }
  out.Text(v1::Cell::kReasonFieldNumber, cell.reason);
  Put(v1::Cell::kComputedDenominatorFieldNumber, cell.computed_denominator, out);
  Put(v1::Cell::kComputedNumeratorFieldNumber, cell.computed_numerator, out);
  if (cell.other != rating::OtherMeasures{}) Put(v1::Cell::kOtherFieldNumber, cell.other, out);
  Put(v1::Cell::kSuppliedFieldNumber, cell.supplied, out);
  Put(v1::Cell::kComputedFieldNumber, cell.computed, out);
  Put(v1::Cell::kValueFieldNumber, cell.value, out);
  out.Text(v1::Cell::kStatusFieldNumber, cell.status);
  out.Number(v1::Cell::kStateFieldNumber, ToProto(cell.state));
  out.Text(v1::Cell::kPeriodFieldNumber, cell.period.Text().view());
}

void PutCell(int field, const rating::Cell& cell, WireWriter& out) {
  out.Message(field, [&] { Write(cell, out); });
}

}  // namespace

void Write(const core::Decimal& decimal, WireWriter& out) {
  out.Text(v1::Decimal::kValueFieldNumber, decimal.Text().view());
}

void Write(const rating::Range& range, WireWriter& out) {
  Put(v1::Range::kHighFieldNumber, range.high, out);
  Put(v1::Range::kLowFieldNumber, range.low, out);
}

void Write(const Position& position, WireWriter& out) {
  out.Number(v1::Position::kOffsetFieldNumber, position.offset);
  out.Number(v1::Position::kPartitionFieldNumber, position.partition);
  out.Number(v1::Position::kEpochFieldNumber, position.epoch);
}

void Write(absl::Time time, WireWriter& out) {
  if (time == absl::InfinitePast()) return;
  const int64_t milliseconds = absl::ToUnixMillis(time);
  const int64_t seconds = absl::ToUnixSeconds(time);
  out.Number(google::protobuf::Timestamp::kNanosFieldNumber,
             (milliseconds - seconds * kMillisecondsASecond) * kNanosecondsAMillisecond);
  out.Number(google::protobuf::Timestamp::kSecondsFieldNumber, seconds);
}

void Write(const rating::Measurement& measurement, WireWriter& out) {
  std::visit([&](const auto& kind) { WriteFields(kind, out); }, measurement);
}

void Write(const rating::OtherMeasures& other, WireWriter& out) {
  Put(v1::OtherMeasures::kAttainmentFieldNumber, other.attainment, out);
  Put(v1::OtherMeasures::kAmountInPeriodFieldNumber, other.amount_in_period, out);
  Put(v1::OtherMeasures::kAmountFieldNumber, other.amount, out);
  Put(v1::OtherMeasures::kVolumeFieldNumber, other.volume, out);
}

void Write(const core::IndicatorKey& key, const rating::Reading& reading, WireWriter& out) {
  const rating::SaidSeldom& seldom = *reading.seldom;
  out.Text(v1::Reading::kSourceFieldNumber, reading.source);
  out.Text(v1::Reading::kPublishedStatusFieldNumber, seldom.published_status);
  out.Text(v1::Reading::kPublishedArrowFieldNumber, seldom.published_arrow);
  if (seldom.other != rating::OtherMeasures{}) Put(v1::Reading::kOtherFieldNumber, seldom.other, out);
  out.Text(v1::Reading::kAsAtFieldNumber, seldom.as_at);
  out.Text(v1::Reading::kObservationStatusFieldNumber, {&reading.observation_status, 1});
  Put(v1::Reading::kMeasurementFieldNumber, reading.measurement, out);
  out.Text(v1::Reading::kCorrectsFieldNumber, seldom.corrects);
  out.Text(v1::Reading::kReadingIdFieldNumber, reading.reading_id);
  out.Text(v1::Reading::kPeriodFieldNumber, reading.period.Text().view());
  out.Text(v1::Reading::kRefFieldNumber, key.ref);
  out.Text(v1::Reading::kCouncilFieldNumber, key.council);
}

void Write(const rating::Score& score, WireWriter& out) {
  if (score.newest.time != absl::InfinitePast()) Put(v1::Score::kRecordedAtFieldNumber, score.newest.time, out);
  out.Number(v1::Score::kNewestOffsetFieldNumber, score.newest.offset);
  out.Text(v1::Score::kReadingIdFieldNumber, score.reading_id);
  out.Text(v1::Score::kSchemeIdFieldNumber, score.scheme_id);
  Put(v1::Score::kVarianceFieldNumber, score.variance, out);
  Put(v1::Score::kToleratedFieldNumber, score.tolerated, out);
  Put(v1::Score::kPreviousTargetFieldNumber, score.previous_target, out);
  Put(v1::Score::kAnnualTargetFieldNumber, score.annual_target, out);
  Put(v1::Score::kTargetRangeFieldNumber, score.target_range, out);
  Put(v1::Score::kTargetFieldNumber, score.target, out);
  out.Text(v1::Score::kArrowFieldNumber, score.arrow);
  out.Number(v1::Score::kJudgementFieldNumber, ToProto(score.judgement));
  out.Number(v1::Score::kPerformanceFieldNumber, ToProto(score.performance));
  out.Number(v1::Score::kMovementFieldNumber, ToProto(score.movement));
  PutCell(v1::Score::kYearToDateFieldNumber, score.year_to_date, out);
  for (auto quarter = score.quarters.rbegin(); quarter != score.quarters.rend(); ++quarter) {
    PutCell(v1::Score::kQuartersFieldNumber, *quarter, out);
  }
  PutCell(v1::Score::kPreviousFieldNumber, score.previous, out);
  PutCell(v1::Score::kCurrentFieldNumber, score.current, out);
  out.Text(v1::Score::kPeriodFieldNumber, score.period.Text().view());
}

}  // namespace bellwether::codec
