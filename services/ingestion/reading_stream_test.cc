#include "services/ingestion/reading_stream.h"

#include <gmock/gmock.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "services/ingestion/test_server.h"

namespace bellwether::ingestion {
namespace {

using ::bellwether::ingestion::testing::Eventually;
using ::bellwether::ingestion::testing::kTopic;
using ::bellwether::ingestion::testing::Told;
using ::bellwether::rpc::ReasonOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Stream = grpc::ClientReaderWriter<v1::StreamReadingsRequest, v1::StreamReadingsResponse>;

class ReadingStreamTest : public testing::IngestionTest {
 protected:
  void Open() {
    context_ = Context(absl::Seconds(60));
    stream_ = stub_->StreamReadings(context_.get());
    sent_ = 0;
  }
  // A frame of `count` readings, numbered over the stream, each with `more` merged into it.
  v1::StreamReadingsRequest Frame(int count, const std::string& more = "") {
    v1::StreamReadingsRequest frame;
    const v1::Reading reading = Reading("", more);
    for (int i = 0; i < count; ++i) {
      *frame.add_readings() = reading;
      frame.mutable_readings(i)->set_reading_id(absl::StrCat("r", sent_++));
    }
    return frame;
  }
  // Reads until `count` acknowledgements are there, or the stream ends.
  std::vector<v1::Acknowledgement> Acknowledgements(size_t count) {
    std::vector<v1::Acknowledgement> all;
    v1::StreamReadingsResponse response;
    while (all.size() < count && stream_->Read(&response)) {
      EXPECT_GT(response.acknowledgements_size(), 0);
      all.insert(all.end(), response.acknowledgements().begin(), response.acknowledgements().end());
    }
    return all;
  }

  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<Stream> stream_;
  int sent_ = 0;
};

TEST_F(ReadingStreamTest, AcknowledgesEachReadingInOrder) {
  Start();
  ApplyDefault();
  Open();
  ASSERT_TRUE(stream_->Write(Frame(1)));
  ASSERT_TRUE(stream_->Write(Frame(2, "ref: 'T9'")));
  ASSERT_TRUE(stream_->Write(Frame(500)));
  const auto acknowledgements = Acknowledgements(503);
  ASSERT_EQ(acknowledgements.size(), 503u);
  for (size_t i = 0; i < acknowledgements.size(); ++i) {
    EXPECT_EQ(acknowledgements[i].sequence(), i);
    EXPECT_EQ(acknowledgements[i].reading_id(), absl::StrCat("r", i));
    EXPECT_EQ(acknowledgements[i].result().has_position(), i != 1 && i != 2);
  }
  EXPECT_THAT(Told(acknowledgements[1].result()), ElementsAre("ref UNKNOWN_INDICATOR"));
  ASSERT_TRUE(stream_->WritesDone());
  EXPECT_THAT(Acknowledgements(1), IsEmpty());
  EXPECT_TRUE(stream_->Finish().ok());
}

TEST_F(ReadingStreamTest, AHalfClosedStreamIsAnsweredForAllThatItSent) {
  Start();
  ApplyDefault();
  Open();
  bus_.HoldDeliveries(true);
  ASSERT_TRUE(stream_->Write(Frame(3)));
  ASSERT_TRUE(stream_->WritesDone());
  bus_.HoldDeliveries(false);
  EXPECT_EQ(Acknowledgements(100).size(), 3u);
  EXPECT_TRUE(stream_->Finish().ok());
}

TEST_F(ReadingStreamTest, AMalformedFrameEndsTheStreamAfterWhatCameBefore) {
  Start();
  ApplyDefault();
  for (const int count : {0, 501}) {
    Open();
    ASSERT_TRUE(stream_->Write(Frame(2)));
    ASSERT_TRUE(stream_->Write(Frame(count)));
    EXPECT_EQ(Acknowledgements(100).size(), 2u);
    EXPECT_EQ(ReasonOf(stream_->Finish()), "FRAME_INVALID") << count;
  }
}

TEST_F(ReadingStreamTest, ReadsNoMoreThanItsWindow) {
  parts_.window = 1000;
  Start();
  ApplyDefault();
  Open();
  bus_.HoldDeliveries(true);
  std::thread writer([this] {
    for (int i = 0; i < 20; ++i) stream_->Write(Frame(500));
    stream_->WritesDone();
  });
  // Two frames fill the window; no third is handed over while none of them is acknowledged.
  bus_.FailDeliveries(absl::DeadlineExceededError("no answer"));
  bus_.HoldDeliveries(false);
  const auto acknowledgements = Acknowledgements(100'000);
  writer.join();
  EXPECT_EQ(acknowledgements.size(), 10'000u);
  EXPECT_TRUE(stream_->Finish().ok());
  EXPECT_THAT(Told(acknowledgements.back().result()), ElementsAre(" BROKER_UNAVAILABLE"));
}

TEST_F(ReadingStreamTest, AClientThatNeverReadsIsEndedWithAReason) {
  parts_.longest_unread = absl::Milliseconds(300);
  Start();
  ApplyDefault();
  Open();
  // Refused with many words, so that the acknowledgements soon fill what the connection holds.
  const v1::StreamReadingsRequest frame = Frame(500, "period: '2022-Q1' measurement { value { value: '1e9' } }");
  int written = 0;
  while (written < 10'000 && stream_->Write(frame)) ++written;
  EXPECT_LT(written, 10'000);
  // It is told once it reads what is on its way.
  Acknowledgements(10'000'000);
  const grpc::Status status = stream_->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  EXPECT_THAT(status.error_message(), ::testing::HasSubstr("ACKNOWLEDGEMENTS_NOT_READ"));
}

TEST_F(ReadingStreamTest, ACutStreamLosesNothingThatWasAcknowledgedAndMayBeRepeated) {
  Start();
  ApplyDefault();
  Open();
  ASSERT_TRUE(stream_->Write(Frame(10)));
  EXPECT_EQ(Acknowledgements(10).size(), 10u);
  ASSERT_TRUE(stream_->Write(Frame(10)));
  context_->TryCancel();
  EXPECT_EQ(stream_->Finish().error_code(), grpc::StatusCode::CANCELLED);

  Open();
  ASSERT_TRUE(stream_->Write(Frame(20)));
  ASSERT_TRUE(stream_->WritesDone());
  EXPECT_EQ(Acknowledgements(100).size(), 20u);
  EXPECT_TRUE(stream_->Finish().ok());
  std::set<std::string> ids;
  for (const bus::ConsumedRecord& record : bus_.Records(kTopic)) {
    ids.insert(std::string(bus::FindHeader(record.headers, "ce_id").value_or("")));
  }
  EXPECT_EQ(ids.size(), 21u);  // Twenty readings and one apply.
}

TEST_F(ReadingStreamTest, ADrainingServerAnswersForAllThatItTook) {
  Start();
  ApplyDefault();
  Open();
  ASSERT_TRUE(stream_->Write(Frame(5)));
  EXPECT_EQ(Acknowledgements(5).size(), 5u);
  bus_.HoldDeliveries(true);
  ASSERT_TRUE(stream_->Write(Frame(5)));
  std::thread stopper([this] { (void)app_->Stop(absl::Seconds(20)); });
  ASSERT_TRUE(Eventually([this] { return app_->NotReadyReason() == "stopping"; }));
  bus_.HoldDeliveries(false);
  const size_t answered = Acknowledgements(100).size();
  const grpc::Status status = stream_->Finish();
  stopper.join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "SERVER_DRAINING");
  EXPECT_EQ(RecordedReadings(), 5u + answered);
}

TEST_F(ReadingStreamTest, WaitsForDefinitionsBeforeItRefuses) {
  broker_away_ = true;
  parts_.longest_wait = absl::Milliseconds(100);
  Start();
  Open();
  ASSERT_TRUE(stream_->Write(Frame(1)));
  auto acknowledgements = Acknowledgements(1);
  ASSERT_EQ(acknowledgements.size(), 1u);
  EXPECT_THAT(Told(acknowledgements[0].result()), ElementsAre(" DEFINITIONS_NOT_CURRENT"));
  broker_away_ = false;
  ASSERT_TRUE(Eventually([this] { return app_->NotReadyReason().empty(); }));
  ApplyDefault();
  ASSERT_TRUE(stream_->Write(Frame(1)));
  acknowledgements = Acknowledgements(1);
  ASSERT_EQ(acknowledgements.size(), 1u);
  EXPECT_TRUE(acknowledgements[0].result().has_position());
  stream_->WritesDone();
  EXPECT_TRUE(stream_->Finish().ok());
}

}  // namespace
}  // namespace bellwether::ingestion
