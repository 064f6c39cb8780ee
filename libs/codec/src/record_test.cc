#include "bellwether/codec/record.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "bellwether/codec/catalogue.h"
#include "bellwether/codec/definition.h"
#include "bellwether/codec/score.h"
#include "bellwether/codec/unopened.h"
#include "bellwether/testing/status_matchers.h"
#include "libs/codec/testing/messages.h"
#include "libs/codec/testing/update.h"
#include "libs/rating/testing/fixtures.h"

namespace bellwether::codec {
namespace {

using ::bellwether::testing::IsError;
using ::bellwether::testing::IsOk;
using ::testing::Contains;
using ::testing::Not;

constexpr char kTraceparent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

KeyedRecord ReadingRecord() {
  auto parsed = FromProto(testing::ReadingMessage());
  return {parsed.value.key, parsed.value.value};
}

TEST(RecordTest, GoesToItsBytesAndBack) {
  const KeyedRecord record = ReadingRecord();
  const std::string bytes = EncodeRecord(record);
  const auto back = DecodeRecord(bytes);
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(std::get<rating::Reading>(back->value), std::get<rating::Reading>(record.value));
  EXPECT_EQ(EncodeRecord(*back), bytes);
}

TEST(RecordTest, SaysWhoSentIt) {
  KeyedRecord record = ReadingRecord();
  const std::string unknown = EncodeRecord(record);
  SubmittedByOf(record) = {core::Interned("revenues"), true};
  const std::string bytes = EncodeRecord(record);
  EXPECT_EQ(ToProto(record).submitted_by(), "revenues");
  const auto back = DecodeRecord(bytes);
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(SubmittedByOf(*back), SubmittedByOf(record));
  EXPECT_EQ(EncodeRecord(*back), bytes);
  EXPECT_EQ(EnvelopeOf(record, "").source, "/councils/E06000061/feeds/feed/submitted-by/revenues");
  SubmittedByOf(record).principal = core::Interned("spiffe://a/b c");
  EXPECT_EQ(EnvelopeOf(record, "").source, "/councils/E06000061/feeds/feed/submitted-by/spiffe%3a%2f%2fa%2fb%20c");
  EXPECT_TRUE(SubmittedByOf(*DecodeRecord(unknown)).principal.empty());
  v1::IndicatorRecord forged = ToProto(record);
  forged.set_submitted_by("a\nb");
  EXPECT_THAT(FromProto(forged).status(), IsError(absl::StatusCode::kInvalidArgument, "submitted_by"));
}

TEST(RecordTest, ADefinitionComesBackWithItsScheme) {
  const ResolvedCatalogue catalogue = ResolveCatalogue(testing::CatalogueMessage(), {});
  const KeyedRecord record{{"E06000061", "T1"},
                           rating::AppliedDefinition{"apply-1", catalogue.indicators[0].definition}};
  const std::string bytes = EncodeRecord(record);
  const auto back = DecodeRecord(bytes);
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(std::get<rating::AppliedDefinition>(back->value).definition->scheme->id, "council");
  EXPECT_EQ(EncodeRecord(*back), bytes);
}

TEST(RecordTest, WhatCannotBeReadSaysWhy) {
  EXPECT_THAT(DecodeRecord("\xff\xff"), IsError(absl::StatusCode::kInvalidArgument, "IndicatorRecord"));
  EXPECT_THAT(DecodeRecord(""), IsError(absl::StatusCode::kInvalidArgument, "kind"));
}

std::vector<std::string> RecordsOfEachKind() {
  std::vector<std::string> records;
  for (const char* more : {
           "",
           "measurement { value { value: '-12.50' } }",
           "measurement { ratio { numerator { value: '3' } denominator { value: '4' } value { value: '75' } } }",
           "measurement { weighted_mean { mean { value: '3.5' } weight { value: '4' } } }",
           "measurement { not_available { reason: 'not counted in Ä' } } observation_status: 'L'",
           R"(corrects: 'before' as_at: '2022-02-28' published_arrow: '↑' published_status: 'GREEN' other {
                volume { value: '1' } amount { value: '2' } amount_in_period { value: '3' } attainment { value: '4' } })",
       }) {
    v1::IndicatorRecord record;
    *record.mutable_reading() = testing::ReadingMessage(more);
    records.push_back(SerializeDeterministically(record));
    record.set_submitted_by("revenues");
    records.push_back(SerializeDeterministically(record));
    record.set_for_all(true);
    records.push_back(SerializeDeterministically(record));
  }
  const ResolvedCatalogue catalogue = ResolveCatalogue(testing::CatalogueMessage(), {});
  records.push_back(EncodeRecord(
      KeyedRecord{{"E06000061", "T1"}, rating::AppliedDefinition{"apply-1", catalogue.indicators[0].definition}}));
  return records;
}

// Nearly all of the log is read without protobuf, which must show nowhere: not in what is read, nor in what is said of
// the rest.
bool IsReadAsByProtobuf(const std::string& bytes) {
  const absl::StatusOr<KeyedRecord> read = DecodeRecord(bytes);
  v1::IndicatorRecord message;
  if (!message.ParseFromString(bytes))
    return !read.ok() && read.status().message().find("not the bytes") != std::string::npos;
  const absl::StatusOr<KeyedRecord> parsed = FromProto(message);
  return read.status() == parsed.status() &&
         (!read.ok() || (read->key == parsed->key && EncodeRecord(*read) == EncodeRecord(*parsed)));
}

TEST(RecordTest, OfEachKindIsReadAsByProtobuf) {
  for (const std::string& bytes : RecordsOfEachKind()) {
    EXPECT_THAT(DecodeRecord(bytes), IsOk());
    EXPECT_TRUE(IsReadAsByProtobuf(bytes + bytes));  // Which merges the two.
    for (size_t end = 0; end <= bytes.size(); ++end) EXPECT_TRUE(IsReadAsByProtobuf(bytes.substr(0, end))) << end;
  }
}

RC_GTEST_PROP(RecordTest, OfChangedBytesIsReadAsByProtobuf, ()) {
  std::string bytes = *rc::gen::elementOf(RecordsOfEachKind());
  for (int changes = *rc::gen::inRange(1, 4); changes > 0; --changes) {
    const size_t at = *rc::gen::inRange<size_t>(0, bytes.size());
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        bytes[at] = *rc::gen::arbitrary<char>();
        break;
      case 1:
        bytes.insert(at, 1, *rc::gen::arbitrary<char>());
        break;
      default:
        bytes.erase(at, 1);
        break;
    }
  }
  RC_ASSERT(IsReadAsByProtobuf(bytes));
}

TEST(RecordTest, WhatHoldsNoDefinitionIsToldFromItsBytes) {
  const std::string reading = EncodeRecord(ReadingRecord());
  const ResolvedCatalogue catalogue = ResolveCatalogue(testing::CatalogueMessage(), {});
  const std::string definition =
      EncodeRecord({{"E06000061", "T1"}, rating::AppliedDefinition{"apply-1", catalogue.indicators[0].definition}});
  EXPECT_FALSE(MayHoldDefinition(reading));
  EXPECT_FALSE(MayHoldDefinition(""));
  EXPECT_TRUE(MayHoldDefinition(definition));
  EXPECT_TRUE(MayHoldDefinition(reading + definition)) << "the last of a oneof stands";
}

TEST(UpdateTest, GoesToItsBytesAndBack) {
  rating::Slots slots;
  rating::testing::Put(slots, "2022-01", "40/60");
  rating::testing::Put(slots, "2022-02", "45/60");
  const rating::Definition definition = rating::testing::IndicatorOf(rating::Polarity::kHigher);
  Update update;
  update.position = {1, 3, 42};
  update.recorded_at = absl::FromUnixMillis(1'646'000'000'123);
  const std::string record = EncodeRecord(ReadingRecord());
  update.record = record;
  update.outcome = rating::Outcome::kFirst;
  update.detail = "words";
  update.settled = {{7, "old", rating::Outcome::kRevision, "more words"}};
  update.scores = {rating::testing::ScoreAt(definition, slots, "2022-02")};
  update.scores[0].newest.time = update.recorded_at;
  update.warnings = {{rating::WarningKind::kOtherSize, "ten times"}, {rating::WarningKind::kCarriedForward, "copied"}};
  const std::string bytes = EncodeUpdate(update);
  v1::Update as_message;
  ASSERT_TRUE(as_message.ParseFromString(bytes));
  ASSERT_EQ(as_message.warnings_size(), 2);
  EXPECT_EQ(as_message.warnings(0).kind(), v1::WARNING_KIND_OTHER_SIZE);
  EXPECT_EQ(as_message.warnings(1).message(), "copied");
  const auto back = testing::DecodeUpdate(bytes);
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->position, update.position);
  EXPECT_EQ(back->recorded_at, update.recorded_at);
  EXPECT_EQ(back->settled[0].reading_id, "old");
  EXPECT_EQ(back->scores, update.scores);
  EXPECT_EQ(EncodeRecord(*back->record), record);

  const auto unopened = DecodeUnopened(bytes);
  ASSERT_THAT(unopened, IsOk());
  EXPECT_EQ(unopened->position, update.position);
  EXPECT_EQ(unopened->recorded_at, update.recorded_at);
  EXPECT_EQ(unopened->outcome, update.outcome);
  EXPECT_EQ(unopened->detail, update.detail);
  ASSERT_THAT(unopened->settled, ::testing::SizeIs(1));
  EXPECT_EQ(unopened->settled[0].outcome, rating::Outcome::kRevision);
  EXPECT_EQ(unopened->record, record);
  const auto& reading = std::get<rating::Reading>(back->record->value);
  ASSERT_TRUE(unopened->label);
  EXPECT_EQ(unopened->label->kind, RecordLabel::Kind::kReading);
  EXPECT_EQ(unopened->label->council, back->record->key.council);
  EXPECT_EQ(unopened->label->ref, back->record->key.ref);
  EXPECT_EQ(unopened->label->period, reading.period);
  EXPECT_EQ(unopened->label->reading_id, reading.reading_id);
  EXPECT_EQ(unopened->label->source, reading.source);
  ASSERT_THAT(unopened->scores, ::testing::SizeIs(1));
  EXPECT_EQ(unopened->scores[0].period, update.scores[0].period);
  EXPECT_EQ(unopened->scores[0].bytes, SerializeDeterministically(ToProto(update.scores[0])));
  EXPECT_TRUE(HasReading(unopened->scores[0].bytes));
  EXPECT_EQ(NewestOffsetOf(unopened->scores[0].bytes), update.scores[0].newest.offset);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(DecodeUnopened(bytes.substr(0, size)).ok(), testing::DecodeUpdate(bytes.substr(0, size)).ok()) << size;
  }
}

// The log keeps a record as its producer wrote it: what scoring takes must not be read otherwise, or not at all, by a
// view.
TEST(LabelTest, IsThatOfTheRecordThatProtobufReads) {
  v1::IndicatorRecord council_only;
  council_only.mutable_reading()->set_council("E06000061");
  v1::IndicatorRecord rest;
  ASSERT_TRUE(rest.ParseFromString(EncodeRecord(ReadingRecord())));
  rest.mutable_reading()->clear_council();
  v1::IndicatorRecord other;
  other.mutable_comment()->set_council("E06000062");
  const std::string group =
      "\x1b\x0a\x03"
      "abc"
      "\x08\x05\x0d"
      "1234"
      "\x09"
      "12345678"
      "\x23\x24\x1c";
  for (const std::string& odd : {
           other.SerializeAsString() + council_only.SerializeAsString() + rest.SerializeAsString(),  // Merged.
           EncodeRecord(ReadingRecord()) + "\x08\x05",  // A definition, by its number, that is none.
           group + EncodeRecord(ReadingRecord()),
       }) {
    const absl::StatusOr<KeyedRecord> record = DecodeRecord(odd);
    ASSERT_THAT(record, IsOk());
    const absl::StatusOr<RecordLabel> label = ReadLabel(odd);
    ASSERT_THAT(label, IsOk());
    EXPECT_EQ(label->kind, RecordLabel::Kind::kReading);
    EXPECT_EQ(label->council, record->key.council);
    EXPECT_EQ(label->ref, record->key.ref);
    EXPECT_EQ(label->period, std::get<rating::Reading>(record->value).period);
  }
}

// Cells beside a period at the edge of the calendar lie beyond what a feed may write; no view may choke on them.
TEST(UpdateTest, OfTheFirstAndTheLastMonthGoesToItsBytesAndBack) {
  const std::string record = EncodeRecord(ReadingRecord());
  rating::Definition definition = rating::testing::IndicatorOf(rating::Polarity::kHigher);
  for (const core::YearKind year : {core::YearKind::kFinancial, core::YearKind::kCalendar}) {
    definition.reporting_year = year;
    for (const char* month : {"1990-01", "1990-03", "2099-05", "2099-12"}) {
      rating::Slots slots;
      rating::testing::Put(slots, month, "40/60");
      Update update;
      update.scores = {rating::testing::ScoreAt(definition, slots, month)};
      update.record = record;
      const auto back = testing::DecodeUpdate(EncodeUpdate(update));
      ASSERT_THAT(back, IsOk()) << month;
      EXPECT_EQ(back->scores, update.scores) << month;
    }
  }
}

TEST(UpdateTest, OfADeadLetterKeepsTheKeyAsItWas) {
  Update update;
  update.position = {1, 0, 0};
  update.detail = "cannot be read";
  update.original_key = std::string("\xff\x00 odd", 6);
  const auto back = testing::DecodeUpdate(EncodeUpdate(update));
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->original_key, update.original_key);
  EXPECT_FALSE(back->record.has_value());
}

// Those that were read well are kept: each definition still has its own.
TEST(RecordTest, ReadsTheSchemeThatTheDefinitionHolds) {
  const ResolvedCatalogue catalogue = ResolveCatalogue(testing::CatalogueMessage(), {});
  v1::IndicatorDefinition definition = ToProto(*catalogue.indicators[0].definition, WithScheme::kYes);
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 20; ++i) {
      definition.mutable_scheme()->set_name(absl::StrCat("Key ", i));
      const auto parsed = FromProto(definition);
      ASSERT_TRUE(parsed.ok());
      EXPECT_EQ(parsed.value.scheme->name, definition.scheme().name());
      EXPECT_EQ(FromProto(definition).value.scheme, parsed.value.scheme);
    }
    definition.mutable_scheme()->clear_name();
    EXPECT_THAT(testing::Told(FromProto(definition).violations), Contains(::testing::StartsWith("scheme.name ")));
  }
}

TEST(EnvelopeTest, IsCloudEventsInBinaryMode) {
  const auto headers = HeadersOf(EnvelopeOf(ReadingRecord(), kTraceparent));
  EXPECT_THAT(headers, Contains(core::Header{"ce_specversion", "1.0"}));
  EXPECT_THAT(headers, Contains(core::Header{"ce_id", "feed/T1/2022-02"}));
  EXPECT_THAT(headers, Contains(core::Header{"ce_source", "/councils/E06000061/feeds/feed"}));
  EXPECT_THAT(headers, Contains(core::Header{"ce_type", "uk.bellwether.reading.v1"}));
  EXPECT_THAT(headers, Contains(core::Header{"ce_subject", "E06000061/T1"}));
  EXPECT_THAT(headers, Contains(core::Header{"content-type", "application/protobuf"}));
  EXPECT_THAT(headers, Contains(core::Header{"traceparent", kTraceparent}));
}

TEST(EnvelopeTest, PassesNoMalformedTraceOn) {
  for (const char* bad : {"", "00-0", "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                          "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                          "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"}) {
    EXPECT_FALSE(core::IsTraceparent(bad)) << bad;
    EXPECT_THAT(HeadersOf(EnvelopeOf(ReadingRecord(), bad)), Not(Contains(core::Header{"traceparent", bad})));
  }
}

}  // namespace
}  // namespace bellwether::codec
