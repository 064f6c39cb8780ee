#include "bellwether/codec/log.h"

#include <gmock/gmock.h>

#include "bellwether/core/partition.h"
#include "bellwether/testing/status_matchers.h"
#include "libs/codec/testing/messages.h"

namespace bellwether::codec {
namespace {

using ::bellwether::testing::IsError;

constexpr int32_t kPartitions = 12;
const char kKey[] = "E06000061/T1";

std::string Bytes() {
  Parsed<Keyed<rating::Reading>> parsed = FromProto(testing::ReadingMessage());
  return EncodeRecord({parsed.value.key, parsed.value.value});
}

TEST(LogTest, WhatEveryReaderOfTheLogTakesAndWhatNot) {
  const std::string bytes = Bytes();
  const int32_t own = core::PartitionOf(kKey, kPartitions);
  EXPECT_EQ(ReadLogRecord(kKey, bytes, own, kPartitions).dead_letter, std::nullopt);
  EXPECT_EQ(ReadLogRecord(kKey, bytes, own, kPartitions).record->key.ToString(), kKey);

  const struct {
    std::optional<std::string_view> key;
    std::optional<std::string_view> value;
    int32_t partition;
    DeadLetterReason reason;
    std::string_view words;
  } cases[] = {
      {std::nullopt, bytes, own, DeadLetterReason::kNullKey, "no key"},
      {kKey, std::nullopt, own, DeadLetterReason::kNullValue, "no value"},
      {kKey, "\xff", own, DeadLetterReason::kUnreadable, "not the bytes"},
      {kKey, "", own, DeadLetterReason::kUnreadable, "kind"},
      {"E06000061/T2", bytes, own, DeadLetterReason::kKeyMismatch, "is about E06000061/T1, but its key is"},
      {"E06000061", bytes, own, DeadLetterReason::kKeyMismatch, "E06000061/T1"},
      {"E06000061/T1/", bytes, own, DeadLetterReason::kKeyMismatch, "E06000061/T1"},
      {kKey, bytes, (own + 1) % kPartitions, DeadLetterReason::kWrongPartition, "another partitioner"},
  };
  for (const auto& c : cases) {
    const LogRecord read = ReadLogRecord(c.key, c.value, c.partition, kPartitions);
    EXPECT_EQ(read.dead_letter, c.reason) << c.words;
    EXPECT_THAT(read.record, IsError(absl::StatusCode::kInvalidArgument, std::string(c.words)));
  }
}

TEST(LogTest, ANoteGoesIntoALettersHeadersAndOutAgain) {
  const core::Headers own = {{"ce_id", "1"}, {"traceparent", "00-x"}};
  const absl::Time recorded = absl::FromUnixMillis(1'646'000'000'123);
  for (const DeadLetterReason reason : kDeadLetterReasons) {
    core::Headers headers = own;
    AddNote({"indicators", 7, 904, std::string(ReasonWord(reason)), "in words", recorded}, &headers);
    const DeadLetterNote note = TakeNote(&headers, absl::InfiniteFuture());
    EXPECT_EQ(headers, own);
    EXPECT_EQ(note.topic, "indicators");
    EXPECT_EQ(note.partition, 7);
    EXPECT_EQ(note.offset, 904);
    EXPECT_EQ(note.reason, ReasonWord(reason));
    EXPECT_FALSE(note.reason.empty());
    EXPECT_EQ(note.message, "in words");
    EXPECT_EQ(note.recorded_at, recorded);
  }
}

TEST(LogTest, ALetterWithoutANoteSaysSo) {
  core::Headers headers = {{"dlt_original_offset", "many"}, {"dlt_time", "yesterday"}};
  const absl::Time appended = absl::FromUnixSeconds(5);
  const DeadLetterNote note = TakeNote(&headers, appended);
  EXPECT_EQ(note.offset, -1);
  EXPECT_EQ(note.recorded_at, appended);
}

TEST(LogTest, ARestoredRecordKeepsItsTime) {
  const absl::Time appended = absl::FromUnixSeconds(1'700'000'000);
  EXPECT_EQ(RecordedAtOf({}, appended), appended);
  EXPECT_EQ(RecordedAtOf({{"bellwether-recorded-at", "2021-05-01T12:00:00Z"}}, appended),
            absl::FromCivil(absl::CivilHour(2021, 5, 1, 12), absl::UTCTimeZone()));
  EXPECT_EQ(RecordedAtOf({{"bellwether-recorded-at", "in May"}}, appended), appended);
}

}  // namespace
}  // namespace bellwether::codec
