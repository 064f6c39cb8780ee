// ListDeadLetters and ReplayDeadLetter, over real gRPC and a bus in memory.
#include "services/ingestion/dead_letters.h"

#include "bellwether/codec/values.h"
#include "bellwether/testing/status_matchers.h"
#include "services/ingestion/test_server.h"

namespace bellwether::ingestion::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kKey[] = "E06000061/T1";

class DeadLettersTest : public IngestionTest {
 protected:
  DeadLettersTest() {
    Start();
    ApplyDefault();
  }

  // A letter as scoring writes it, of a record at that offset of the log.
  void AddLetter(int64_t offset, const std::string& value, const std::string& reason = "unreadable",
                 absl::Time recorded_at = absl::FromUnixSeconds(1'640'000'000), int32_t partition = 0) {
    bus::OutgoingRecord letter;
    letter.topic = kDeadLetters;
    letter.partition = partition;
    letter.key = "some key";
    letter.value = value;
    letter.headers = {{"ce_id", "x1"},
                      {"dlt_original_topic", kTopic},
                      {"dlt_original_partition", absl::StrCat(partition)},
                      {"dlt_original_offset", absl::StrCat(offset)},
                      {"dlt_reason", reason},
                      {"dlt_message", "in words"},
                      {"dlt_time", absl::FormatTime(absl::RFC3339_full, recorded_at, absl::UTCTimeZone())}};
    bus_.Append(letter);
  }
  static std::string ReadingBytes(const std::string& id, const std::string& more = "") {
    v1::IndicatorRecord record;
    *record.mutable_reading() = Reading(id, more);
    return codec::SerializeDeterministically(record);
  }

  v1::ListDeadLettersResponse List(int page_size = 0, const std::string& token = "") {
    v1::ListDeadLettersRequest request;
    request.set_page_size(page_size);
    request.set_page_token(token);
    v1::ListDeadLettersResponse response;
    const grpc::Status status = stub_->ListDeadLetters(Context().get(), request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  static std::vector<int64_t> OffsetsOf(const v1::ListDeadLettersResponse& response) {
    std::vector<int64_t> offsets;
    for (const v1::DeadLetter& letter : response.dead_letters()) offsets.push_back(letter.position().offset());
    return offsets;
  }
  grpc::Status Replay(int64_t offset, bool supersede = false, bool validate_only = false, uint32_t epoch = 1) {
    v1::ReplayDeadLetterRequest request;
    request.mutable_position()->set_epoch(epoch);
    request.mutable_position()->set_offset(offset);
    request.set_supersede(supersede);
    request.set_validate_only(validate_only);
    replayed_.Clear();
    return stub_->ReplayDeadLetter(Context().get(), request, &replayed_);
  }

  v1::ReplayDeadLetterResponse replayed_;
  v1::RecordReadingsResponse recorded_;
};

TEST_F(DeadLettersTest, ListsEachLetterOnceAndPageByPage) {
  EXPECT_THAT(List().dead_letters(), IsEmpty());
  AddLetter(3, "\xff");
  AddLetter(4, "\xfe");
  AddLetter(3, "\xff");  // Scoring was killed, and wrote both again.
  AddLetter(4, "\xfe");
  AddLetter(9, "x");
  AddLetter(2, "y", "null-key", absl::UnixEpoch(), 2);
  EXPECT_THAT(OffsetsOf(List()), ElementsAre(3, 4, 9, 2));
  const v1::ListDeadLettersResponse first = List(2);
  EXPECT_THAT(OffsetsOf(first), ElementsAre(3, 4));
  const v1::ListDeadLettersResponse second = List(2, first.next_page_token());
  EXPECT_THAT(OffsetsOf(second), ElementsAre(9, 2));
  EXPECT_EQ(second.next_page_token(), "");
  EXPECT_EQ(second.dead_letters(1).reason(), "null-key");
  EXPECT_EQ(second.dead_letters(1).position().partition(), 2);
  EXPECT_EQ(first.dead_letters(0).value(), "") << "only where one is asked for";
  EXPECT_EQ(first.dead_letters(0).value_bytes(), 1u);
  ASSERT_THAT(first.dead_letters(0).headers(), SizeIs(1)) << "the record's own alone";
  EXPECT_EQ(first.dead_letters(0).headers(0).name(), "ce_id");
}

// Who writes past ingestion may write large ones.
TEST_F(DeadLettersTest, APageHoldsNoMoreThanACallerTakes) {
  for (int64_t offset = 0; offset < 8; ++offset) {
    bus::OutgoingRecord letter;
    letter.topic = kDeadLetters;
    letter.partition = 0;
    letter.key = std::string(1 << 20, 'k');
    letter.value = "x";
    letter.headers = {{"dlt_original_offset", absl::StrCat(offset)}};
    bus_.Append(letter);
  }
  std::vector<int64_t> offsets;
  std::string token;
  do {
    const v1::ListDeadLettersResponse page = List(500, token);  // A default client's limit is 4 MiB.
    for (const int64_t offset : OffsetsOf(page)) offsets.push_back(offset);
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_THAT(offsets, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST_F(DeadLettersTest, NothingIsReadOnceTheCallerIsGone) {
  AddLetter(3, "\xff");
  const std::unique_ptr<bus::RecordSource> source = bus_.MakeSource();
  const std::atomic<bool> stopped{false};
  DeadLetterReader reader(source.get(), 1, kDeadLetters, kTopic, core::SteadyTime::Now() + absl::Seconds(60), stopped,
                          [] { return true; });
  LetterCursor cursor;
  std::vector<DeadLetter> letters;
  EXPECT_EQ(reader.List(10, &cursor, &letters).status().code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(letters, IsEmpty());
  EXPECT_EQ(reader.Find({1, 0, 3}).status().code(), absl::StatusCode::kCancelled);
}

TEST_F(DeadLettersTest, ShowsOneWithItsBytes) {
  AddLetter(3, "\xff");
  v1::ListDeadLettersRequest request;
  request.mutable_position()->set_epoch(1);
  request.mutable_position()->set_offset(3);
  v1::ListDeadLettersResponse response;
  ASSERT_TRUE(stub_->ListDeadLetters(Context().get(), request, &response).ok());
  ASSERT_THAT(response.dead_letters(), SizeIs(1));
  EXPECT_EQ(response.dead_letters(0).value(), "\xff");
  EXPECT_EQ(response.dead_letters(0).key(), "some key");
  request.mutable_position()->set_offset(4);
  EXPECT_EQ(rpc::ReasonOf(stub_->ListDeadLetters(Context().get(), request, &response)), "DEAD_LETTER_NOT_FOUND");
  request.mutable_position()->set_epoch(2);
  EXPECT_EQ(rpc::ReasonOf(stub_->ListDeadLetters(Context().get(), request, &response)), "LOG_REBUILT");
}

TEST_F(DeadLettersTest, RefusesWhatItCannotList) {
  v1::ListDeadLettersRequest request;
  v1::ListDeadLettersResponse response;
  request.set_page_token("nonsense");
  EXPECT_EQ(rpc::ReasonOf(stub_->ListDeadLetters(Context().get(), request, &response)), "PAGE_TOKEN_INVALID");
  request.clear_page_token();
  request.set_page_size(-1);
  EXPECT_EQ(stub_->ListDeadLetters(Context().get(), request, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(DeadLettersTest, ReplaysWhatCanBeReadUnderItsOwnKey) {
  AddLetter(3, ReadingBytes("r1"), "key-mismatch");
  ASSERT_TRUE(Replay(3, /*supersede=*/false, /*validate_only=*/true).ok());
  EXPECT_EQ(replayed_.outcome(), v1::OUTCOME_FIRST);
  EXPECT_FALSE(replayed_.has_position());
  EXPECT_EQ(RecordedReadings(), 0u);
  ASSERT_TRUE(Replay(3).ok());
  EXPECT_EQ(replayed_.outcome(), v1::OUTCOME_FIRST);
  ASSERT_TRUE(replayed_.has_position());
  EXPECT_EQ(replayed_.record().reading().reading_id(), "r1");
  const auto records = bus_.Records(kTopic, replayed_.position().partition());
  EXPECT_EQ(records.at(static_cast<size_t>(replayed_.position().offset())).key, kKey);

  ASSERT_TRUE(Replay(3).ok());
  EXPECT_EQ(replayed_.outcome(), v1::OUTCOME_REPEAT);
  EXPECT_FALSE(replayed_.has_position()) << "it would change nothing";
  EXPECT_EQ(RecordedReadings(), 1u);
}

TEST_F(DeadLettersTest, RefusesToReplaceWhatIsNewer) {
  AddLetter(0, ReadingBytes("old"), "key-mismatch");
  v1::Reading newer = Reading("new");
  newer.mutable_measurement()->mutable_value()->set_value("77");
  ASSERT_TRUE(Record({newer}, &recorded_).ok());
  ASSERT_TRUE(recorded_.results(0).has_position());
  const grpc::Status refused = Replay(0);
  EXPECT_EQ(rpc::ReasonOf(refused), "NEWER_IN_FORCE");
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(refused.error_message(), HasSubstr("reading new of 2022-02"));
  EXPECT_EQ(RecordedReadings(), 1u);
  ASSERT_TRUE(Replay(0, /*supersede=*/true).ok());
  EXPECT_EQ(replayed_.outcome(), v1::OUTCOME_REVISION);
  EXPECT_EQ(RecordedReadings(), 2u);
}

TEST_F(DeadLettersTest, ReplacesWhatIsOlder) {
  v1::Reading older = Reading("old");
  older.mutable_measurement()->mutable_value()->set_value("77");
  ASSERT_TRUE(Record({older}, &recorded_).ok());
  AddLetter(1000, ReadingBytes("later"), "key-mismatch", absl::FromUnixSeconds(4'000'000'000));
  ASSERT_TRUE(Replay(1000).ok());
  EXPECT_EQ(replayed_.outcome(), v1::OUTCOME_REVISION);
}

TEST_F(DeadLettersTest, ChecksAReplayAsIfItWereSentNow) {
  AddLetter(3, "\xff\xfe");
  const grpc::Status unreadable = Replay(3);
  EXPECT_EQ(rpc::ReasonOf(unreadable), "DEAD_LETTER_UNREADABLE");
  AddLetter(4, ReadingBytes("r", "ref: 'T99'"), "key-mismatch");
  const grpc::Status unknown = Replay(4);
  EXPECT_EQ(rpc::ReasonOf(unknown), "UNKNOWN_INDICATOR");
  EXPECT_THAT(unknown.error_message(), HasSubstr("record.reading.ref"));
  EXPECT_EQ(rpc::ReasonOf(Replay(5)), "DEAD_LETTER_NOT_FOUND");
  EXPECT_EQ(rpc::ReasonOf(Replay(4, false, false, 7)), "LOG_REBUILT");
  EXPECT_EQ(RecordedReadings(), 0u);
}

TEST_F(DeadLettersTest, SaysThatTheBrokerIsAway) {
  bus_.BecomeOtherCluster();
  broker_away_ = true;
  ASSERT_TRUE(Eventually([this] { return !app_->NotReadyReason().empty(); }));
  v1::ListDeadLettersResponse response;
  const grpc::Status status = stub_->ListDeadLetters(Context(absl::Seconds(2)).get(), {}, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
}

}  // namespace
}  // namespace bellwether::ingestion::testing
