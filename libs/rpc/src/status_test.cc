#include "bellwether/rpc/status.h"

#include <gmock/gmock.h>

#include "bellwether/rpc/client_error.h"

namespace bellwether::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(StatusTest, CarriesReasonFieldsAndRetry) {
  CallError error;
  error.code = absl::StatusCode::kInvalidArgument;
  error.reason = "INVALID_REQUEST";
  error.message = "2 fields are wrong";
  error.fields = {{"readings[0].period", codec::Reason::kInvalidRequest, "\"2022-13\" is not a period"},
                  {"readings[1].ref", codec::Reason::kInvalidRequest, "is missing"}};
  error.retry_after = absl::Seconds(3);
  const grpc::Status status = ToGrpcStatus(error);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "INVALID_REQUEST");
  EXPECT_THAT(DescribeError(status), ElementsAre("refused: 2 fields are wrong [INVALID_REQUEST]",
                                                 "  readings[0].period: \"2022-13\" is not a period",
                                                 "  readings[1].ref: is missing", "  trying again in 3 s is safe"));
}

TEST(StatusTest, OneWrongFieldGivesItsOwnReasonAndSeveralAreToldTogether) {
  EXPECT_TRUE(Refused({}).ok());
  const codec::Violation period = {"period", codec::Reason::kPeriodNotBegun, "has not begun"};
  const grpc::Status one = Refused({period});
  EXPECT_EQ(ReasonOf(one), codec::NameOf(codec::Reason::kPeriodNotBegun));
  EXPECT_EQ(one.error_message(), "period: has not begun");
  const grpc::Status two = Refused({period, {"ref", codec::Reason::kInvalidRequest, "is missing"}});
  EXPECT_EQ(ReasonOf(two), "INVALID_REQUEST");
  EXPECT_EQ(two.error_message(), "2 fields are wrong; the first: period: has not begun");
  EXPECT_EQ(DescribeError(two).front(), "refused: 2 fields are wrong [INVALID_REQUEST]") << "it stands below";
  EXPECT_EQ(FieldsOf(two).size(), 2);
}

TEST(StatusTest, FailsInTheReasonsOwnWords) {
  EXPECT_THAT(Failed(codec::Reason::kQueueFull, "others ask").error_message(), HasSubstr(" (others ask)"));
  EXPECT_EQ(Failed(codec::Reason::kQueueFull).error_message(), codec::InfoOf(codec::Reason::kQueueFull).sentence);
}

TEST(StatusTest, FitsIntoTrailersHoweverMuchIsWrong) {
  CallError error;
  error.code = absl::StatusCode::kInvalidArgument;
  error.message = std::string(10'000, 'x');
  for (int i = 0; i < 500; ++i)
    error.fields.push_back(
        {"readings[" + std::to_string(i) + "].value", codec::Reason::kInvalidRequest, std::string(300, 'y')});
  const grpc::Status status = ToGrpcStatus(error);
  EXPECT_LT(status.error_message().size() + status.error_details().size() * 4 / 3, 8 * 1024);
  EXPECT_THAT(status.error_message(), HasSubstr("more fields are wrong"));
}

// A request's own bytes may stand in the words; a caller whose library reads UTF-8 must still get them.
TEST(StatusTest, WordsAreUtf8WithoutControlCharacters) {
  CallError error;
  error.code = absl::StatusCode::kInvalidArgument;
  error.message = "caf\xe9 \x1b[31m\n";
  error.fields = {{"\xff", codec::Reason::kInvalidRequest, "\xfe\x07"}};
  error.metadata = {{"frame", "\xff"}};
  const grpc::Status status = ToGrpcStatus(error);
  EXPECT_EQ(status.error_message(), "caf<0xE9> <U+001B>[31m<U+000A>");
  ASSERT_EQ(FieldsOf(status).size(), 1);
  EXPECT_EQ(FieldsOf(status)[0].field, "<0xFF>");
  EXPECT_EQ(FieldsOf(status)[0].message, "<0xFE><U+0007>");
}

TEST(StatusTest, DescribesWhatHasNoDetails) {
  EXPECT_THAT(DescribeError(grpc::Status(grpc::StatusCode::UNAVAILABLE, "connection\x1b[31m refused")),
              ElementsAre(StartsWith("cannot be reached: connection<U+001B>[31m refused")));
  EXPECT_EQ(ReasonOf(grpc::Status::OK), "");
}

}  // namespace
}  // namespace bellwether::rpc
