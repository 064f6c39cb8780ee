// The bytes that are written without a message between are those of protobuf's own deterministic encoding.
#include "encode.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "bellwether/codec/record.h"
#include "bellwether/codec/score.h"
#include "bellwether/v1/record.pb.h"
#include "bellwether/v1/score.pb.h"

namespace bellwether::codec {
namespace {

// Written by protobuf itself from the message that was read from the bytes.
template <typename M>
std::string Again(std::string_view bytes) {
  M message;
  EXPECT_TRUE(message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return SerializeDeterministically(message);
}

core::Decimal AnyDecimal() {
  const int64_t units = *rc::gen::inRange<int64_t>(-999'999'999'999, 1'000'000'000'000);
  return core::Decimal::Parse(std::to_string(units / 1000) + "." + std::to_string(100 + std::abs(units) % 900)).value();
}
core::Decimal AnyPositive() {
  return core::Decimal::Parse(std::to_string(*rc::gen::inRange<int64_t>(1, 1'000'000'000))).value();
}
std::optional<core::Decimal> MaybeDecimal() {
  return *rc::gen::arbitrary<bool>() ? std::optional(AnyDecimal()) : std::nullopt;
}
std::string AnyText() {
  return *rc::gen::resize(200, rc::gen::container<std::string>(rc::gen::inRange<char>('a', 'z')));
}
core::Period AnyPeriod() {
  return core::Period::OfMonth(core::Month(*rc::gen::inRange(1990, 2100), *rc::gen::inRange(1, 13)));
}

rating::Measurement AnyMeasurement() {
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return AnyDecimal();
    case 1:
      return rating::Ratio{AnyDecimal(), AnyPositive(), MaybeDecimal()};
    case 2:
      return rating::WeightedMean{AnyDecimal(), AnyPositive()};
    default:
      return rating::NotAvailable{"because" + AnyText()};
  }
}
rating::OtherMeasures AnyOther() { return {MaybeDecimal(), MaybeDecimal(), MaybeDecimal(), MaybeDecimal()}; }

rating::Cell AnyCell() {
  rating::Cell cell;
  cell.period = AnyPeriod();
  cell.state = *rc::gen::element(rating::CellState::kRated, rating::CellState::kMissing, rating::CellState::kNotShown);
  cell.status = AnyText();
  cell.value = MaybeDecimal();
  cell.computed = MaybeDecimal();
  if (*rc::gen::arbitrary<bool>()) cell.supplied = AnyMeasurement();
  cell.other = AnyOther();
  cell.computed_numerator = MaybeDecimal();
  cell.computed_denominator = MaybeDecimal();
  cell.reason = AnyText();
  cell.observation_status = *rc::gen::element('A', 'P', 'M');
  cell.published_arrow = AnyText();
  cell.published_status = AnyText();
  cell.scheme_id = AnyText();
  return cell;
}

rating::Score AnyScore() {
  rating::Score score;
  score.period = AnyPeriod();
  score.current = AnyCell();
  score.previous = AnyCell();
  for (int i = *rc::gen::inRange(0, 5); i > 0; --i) score.quarters.push_back(AnyCell());
  score.year_to_date = AnyCell();
  score.movement = *rc::gen::element(rating::Movement::kNone, rating::Movement::kUp);
  score.performance = *rc::gen::element(rating::Performance::kNone, rating::Performance::kDeclined);
  score.judgement = *rc::gen::element(rating::Judgement::kNotComparable, rating::Judgement::kWorse);
  score.arrow = AnyText();
  score.target = MaybeDecimal();
  if (*rc::gen::arbitrary<bool>()) score.target_range = rating::Range{MaybeDecimal(), MaybeDecimal()};
  score.annual_target = MaybeDecimal();
  score.previous_target = MaybeDecimal();
  if (*rc::gen::arbitrary<bool>()) score.tolerated = rating::Range{MaybeDecimal(), MaybeDecimal()};
  score.variance = MaybeDecimal();
  score.scheme_id = AnyText();
  score.reading_id = AnyText();
  score.newest = {*rc::gen::inRange<int64_t>(-1, 1'000'000'000'000),
                  absl::FromUnixMillis(*rc::gen::inRange<int64_t>(0, 4'000'000'000'000))};
  return score;
}

RC_GTEST_PROP(EncodeTest, AnUpdateIsAsProtobufWritesIt, ()) {
  rating::Reading reading;
  reading.period = AnyPeriod();
  reading.reading_id = "id" + AnyText();
  reading.seldom.Edit().corrects = AnyText();
  reading.measurement = AnyMeasurement();
  reading.seldom.Edit().as_at = AnyText();
  reading.seldom.Edit().other = AnyOther();
  reading.seldom.Edit().published_arrow = AnyText();
  reading.seldom.Edit().published_status = AnyText();
  reading.source = AnyText();
  const std::string record = EncodeRecord({{"E06000061", "T1"}, reading});
  RC_ASSERT(Again<v1::IndicatorRecord>(record) == record);

  Update update;
  update.position = {*rc::gen::inRange<uint32_t>(0, 5), *rc::gen::inRange(0, 300),
                     *rc::gen::inRange<int64_t>(0, 1'000'000)};
  if (*rc::gen::arbitrary<bool>())
    update.recorded_at = absl::FromUnixMillis(*rc::gen::inRange<int64_t>(0, 4'000'000'000'000));
  update.record = record;
  update.outcome = rating::Outcome::kRevision;
  update.detail = AnyText();
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
    update.settled.push_back({*rc::gen::inRange<int64_t>(0, 1000), AnyText(), rating::Outcome::kFirst, AnyText()});
  }
  for (int i = *rc::gen::inRange(0, 9); i > 0; --i) update.scores.push_back(AnyScore());
  const std::string bytes = EncodeUpdate(update);
  RC_ASSERT(Again<v1::Update>(bytes) == bytes);
  for (const rating::Score& score : update.scores) {
    const auto back = FromProto(ToProto(score));
    RC_ASSERT(back.ok());
    RC_ASSERT(*back == score);
  }
}

TEST(EncodeTest, AnEmptyValueIsAnEmptyMessage) {
  EXPECT_EQ(ToProto(absl::InfinitePast()).ByteSizeLong(), 0u);
  EXPECT_EQ(ToProto(Position{}).ByteSizeLong(), 0u);
  EXPECT_EQ(ToProto(rating::Range{}).ByteSizeLong(), 0u);
}

}  // namespace
}  // namespace bellwether::codec
