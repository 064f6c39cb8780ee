// Requests whose bytes are not what the contract says, over real gRPC.
#include <gmock/gmock.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/impl/codegen/rpc_method.h>

#include <string>
#include <vector>

#include "services/ingestion/test_server.h"

namespace bellwether::ingestion {
namespace {

using ::bellwether::ingestion::testing::Told;
using ::bellwether::rpc::DescribeError;
using ::bellwether::rpc::ReasonOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kLatin1[] = "caf\xe9";  // protobuf's writer for C++ lets it through.

grpc::ByteBuffer BytesOf(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

class UnreadableTest : public testing::IngestionTest {
 protected:
  UnreadableTest() {
    Start();
    ApplyDefault();
  }

  grpc::Status Call(const char* method, const std::string& bytes) {
    const auto context = Context();
    grpc::ByteBuffer answer;
    return grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
        channel_.get(), Method(method, grpc::internal::RpcMethod::NORMAL_RPC), context.get(), BytesOf(bytes), &answer);
  }
  grpc::internal::RpcMethod Method(const char* method, grpc::internal::RpcMethod::RpcType type) {
    path_ = absl::StrCat("/bellwether.v1.IngestionService/", method);
    return grpc::internal::RpcMethod(path_.c_str(), type, channel_);
  }

  // Sends the frames on one stream, and takes what is answered until it ends.
  grpc::Status Stream(const std::vector<std::string>& frames, std::vector<v1::Acknowledgement>* acknowledgements) {
    const auto context = Context();
    const std::unique_ptr<grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>> stream(
        grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>::Create(
            channel_.get(), Method("StreamReadings", grpc::internal::RpcMethod::BIDI_STREAMING), context.get()));
    for (const std::string& frame : frames) {
      if (!stream->Write(BytesOf(frame))) break;
    }
    stream->WritesDone();
    for (grpc::ByteBuffer answer; stream->Read(&answer);) {
      grpc::Slice slice;
      EXPECT_TRUE(answer.DumpToSingleSlice(&slice).ok());
      v1::StreamReadingsResponse response;
      EXPECT_TRUE(response.ParseFromArray(slice.begin(), static_cast<int>(slice.size())));
      for (const v1::Acknowledgement& a : response.acknowledgements()) acknowledgements->push_back(a);
    }
    return stream->Finish();
  }

  static std::string Frame(const std::vector<v1::Reading>& readings) {
    v1::StreamReadingsRequest frame;
    for (const v1::Reading& reading : readings) *frame.add_readings() = reading;
    return frame.SerializeAsString();
  }
  static v1::Reading WithRef(const std::string& id, const std::string& ref) {
    v1::Reading reading = Reading(id);
    reading.set_ref(ref);
    return reading;
  }

  std::string path_;
};

TEST_F(UnreadableTest, AReadingThatIsNotUtf8IsRefusedAndTheOthersGoIn) {
  std::vector<v1::Acknowledgement> all;
  v1::Reading two_faults = WithRef("c", kLatin1);
  two_faults.set_period("2021-13");
  const grpc::Status end =
      Stream({Frame({Reading("a")}), Frame({Reading("b"), two_faults, Reading("d")}), Frame({Reading("e")})}, &all);
  EXPECT_TRUE(end.ok()) << end.error_message();
  ASSERT_EQ(all.size(), 5u);
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].sequence(), i);
    EXPECT_EQ(all[i].reading_id(), std::string(1, static_cast<char>('a' + i)));
    EXPECT_EQ(all[i].result().has_position(), i != 2);
  }
  EXPECT_THAT(Told(all[2].result()), ElementsAre("ref TEXT_NOT_ALLOWED", "period NOT_A_PERIOD"));
  EXPECT_EQ(all[2].result().errors(0).error_class(), v1::ERROR_CLASS_CALLER);
  EXPECT_THAT(all[2].result().errors(0).message(), HasSubstr("is not UTF-8"));
  EXPECT_EQ(RecordedReadings(), 4u);
}

// "caf?" may be the id of another reading, which must not pass for answered.
TEST_F(UnreadableTest, AnIdThatIsNotUtf8IsNotGivenBack) {
  std::vector<v1::Acknowledgement> all;
  EXPECT_TRUE(Stream({Frame({Reading(kLatin1), Reading("caf?")})}, &all).ok());
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].reading_id(), "");
  EXPECT_THAT(Told(all[0].result()), ElementsAre("reading_id TEXT_NOT_ALLOWED"));
  EXPECT_EQ(all[1].reading_id(), "caf?");
  EXPECT_TRUE(all[1].result().has_position());
}

TEST_F(UnreadableTest, AReadingThatIsNoMessageIsRefusedAlone) {
  std::vector<v1::Acknowledgement> all;
  const std::string broken("\x0a\x02\x0a\x7f", 4);  // A reading whose council is longer than it.
  EXPECT_TRUE(Stream({Frame({Reading("a")}) + broken + Frame({Reading("b")}), Frame({Reading("c")})}, &all).ok());
  ASSERT_EQ(all.size(), 4u);
  EXPECT_THAT(Told(all[1].result()), ElementsAre(" NOT_A_MESSAGE"));
  EXPECT_EQ(RecordedReadings(), 3u);
}

TEST_F(UnreadableTest, AFrameThatIsNoMessageEndsTheStreamAfterWhatCameBefore) {
  std::vector<v1::Acknowledgement> all;
  const grpc::Status end =
      Stream({Frame({Reading("a")}), Frame({Reading("b")}), "\xff\xff", Frame({Reading("c")})}, &all);
  EXPECT_EQ(end.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(end), "NOT_A_MESSAGE");
  EXPECT_THAT(end.error_message(), HasSubstr("frames[2]: is no StreamReadingsRequest: what begins at byte 0 of 2"));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_TRUE(all[1].result().has_position());
  EXPECT_EQ(RecordedReadings(), 2u);
}

// An empty reading takes two bytes on the wire and two hundred in memory: they are counted before they are read.
TEST_F(UnreadableTest, AFrameOfCountlessEmptyReadingsIsRefused) {
  std::string frame;
  for (int i = 0; i < 500'000; ++i) frame += std::string("\x0a\x00", 2);
  std::vector<v1::Acknowledgement> all;
  const grpc::Status end = Stream({frame}, &all);
  EXPECT_EQ(ReasonOf(end), "FRAME_INVALID");
  EXPECT_THAT(end.error_message(), HasSubstr("frames[0].readings: holds 500000 readings"));
}

TEST_F(UnreadableTest, ARequestOfCountlessEmptyFieldsIsRefused) {
  std::string catalogue;
  for (int i = 0; i < 400'000; ++i) catalogue += std::string("\x12\x00", 2);
  v1::ApplyCatalogueRequest request;
  std::string bytes("\x0a", 1);
  for (size_t size = catalogue.size(); size > 0; size >>= 7U) {
    bytes.push_back(static_cast<char>((size & 0x7fU) | (size > 0x7fU ? 0x80U : 0U)));
  }
  const grpc::Status status = Call("ApplyCatalogue", bytes + catalogue);
  EXPECT_EQ(ReasonOf(status), "REQUEST_TOO_LARGE") << status.error_message();
}

TEST_F(UnreadableTest, ABatchIsAnsweredItemByItem) {
  v1::RecordReadingsResponse response;
  ASSERT_TRUE(Record({Reading("a"), WithRef("b", kLatin1), Reading("c")}, &response).ok());
  ASSERT_EQ(response.results_size(), 3);
  EXPECT_TRUE(response.results(0).has_position());
  EXPECT_THAT(Told(response.results(1)), ElementsAre("ref TEXT_NOT_ALLOWED"));
  EXPECT_TRUE(response.results(2).has_position());
}

TEST_F(UnreadableTest, EveryUnaryCallSaysWhatIsWrong) {
  for (const char* method : {"ApplyCatalogue", "RecordReadings", "WithdrawReading", "RecordComment", "ListDeadLetters",
                             "ReplayDeadLetter"}) {
    const grpc::Status status = Call(method, "\x0a\x7f");
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << method;
    EXPECT_EQ(ReasonOf(status), "NOT_A_MESSAGE") << method;
    EXPECT_THAT(status.error_message(), HasSubstr("what begins at byte 0 of 2 cannot be read")) << method;
  }
  v1::WithdrawReadingRequest withdraw;
  withdraw.mutable_withdrawal()->set_ref(kLatin1);
  const grpc::Status status = Call("WithdrawReading", withdraw.SerializeAsString());
  EXPECT_EQ(ReasonOf(status), "TEXT_NOT_ALLOWED");
  EXPECT_THAT(DescribeError(status), ::testing::Contains(HasSubstr("withdrawal.ref: \"caf<0xE9>\" is not UTF-8")));
}

}  // namespace
}  // namespace bellwether::ingestion
