// Reads that wait for a position, and what each says that it was made from.
#include <future>
#include <thread>

#include "services/query/service_fixture.h"

namespace bellwether::query::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Stub = v1::QueryService::Stub;

TEST_F(QueryServiceTest, WaitsForThePositionsAskedFor) {
  DefineThree();
  v1::GetReportRequest request;
  request.set_council(kCouncil);
  request.set_period("2022-02");
  *request.mutable_min_position() = PositionOf(0, 3);
  auto waiting = std::async(std::launch::async, [&] { return Report(request); });
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  Write("T1", Reads("2022-02", "95"));
  EXPECT_EQ(waiting.get().rows(2).score().current().status(), "green");
}

TEST_F(QueryServiceTest, WaitsNoLongerThanTheDeadline) {
  DefineThree();
  v1::GetReportRequest request;
  request.set_council(kCouncil);
  *request.mutable_min_position() = PositionOf(0, 99);
  EXPECT_THAT(ReportStatus(request, absl::Milliseconds(500)),
              Fails(grpc::StatusCode::DEADLINE_EXCEEDED, "NOT_YET_VISIBLE"));
}

TEST_F(QueryServiceTest, PositionsOfAnotherEpochOrPartitionAreRefused) {
  DefineThree();
  v1::GetReportRequest request;
  request.set_council(kCouncil);
  *request.mutable_min_position() = PositionOf(0, 0, 2);
  EXPECT_THAT(ReportStatus(request), Fails(grpc::StatusCode::FAILED_PRECONDITION, "LOG_REBUILT"));
  for (const v1::Position& wrong : {PositionOf(2, 0), PositionOf(-1, 0), PositionOf(0, -1)}) {
    *request.mutable_min_position() = wrong;
    EXPECT_THAT(ReportStatus(request), Fails(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST"));
  }
  *request.mutable_min_position() = PositionOf(1, 0);
  EXPECT_THAT(ReportStatus(request).error_message(), HasSubstr("1 is not the council's, which is 0"));
  v1::LookUpReadingsRequest look_up;
  look_up.add_keys()->set_council(kCouncil);
  look_up.mutable_keys(0)->set_reading_id("a");
  v1::LookUpReadingsResponse response;
  *look_up.add_min_positions() = PositionOf(0, 0);
  *look_up.add_min_positions() = PositionOf(2, 0);
  const grpc::Status s = Call(&Stub::LookUpReadings, look_up, &response);
  EXPECT_THAT(s, Fails(grpc::StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST"));
  EXPECT_THAT(s.error_message(), HasSubstr("min_positions[1].partition: 2 is not one of 0 to 1"));
}

// Another council's records, and what cannot be read, move a partition on too.
TEST_F(QueryServiceTest, EveryReadSaysWhatItWasMadeFrom) {
  DefineThree();
  Write("T1", Reads("2022-02", "85"));
  ASSERT_THAT(view_.Apply(RecordOf(log_.WriteDeadLetter(0))), bellwether::testing::IsOk());
  Write("T1", Defines(DefinitionOf("T1", 1)), 1);
  const auto expect_position = [this](auto method, auto request, auto response) {
    request.set_council(kCouncil);
    if constexpr (requires { request.set_ref("T1"); }) request.set_ref("T1");
    const grpc::Status s = Call(method, request, &response);
    EXPECT_TRUE(s.ok()) << s.error_message();
    EXPECT_EQ(PlaceOf(response), "e1/0/4") << response.GetTypeName();
  };
  for (int i = 0; i < 2; ++i) expect_position(&Stub::GetReport, v1::GetReportRequest(), v1::GetReportResponse());
  expect_position(&Stub::ListIndicators, v1::ListIndicatorsRequest(), v1::ListIndicatorsResponse());
  expect_position(&Stub::GetIndicator, v1::GetIndicatorRequest(), v1::GetIndicatorResponse());
  expect_position(&Stub::ExplainScore, v1::ExplainScoreRequest(), v1::ExplainScoreResponse());
  expect_position(&Stub::ListFindings, v1::ListFindingsRequest(), v1::ListFindingsResponse());
  expect_position(&Stub::ListDueReadings, v1::ListDueReadingsRequest(), v1::ListDueReadingsResponse());
  expect_position(&Stub::ListReadings, v1::ListReadingsRequest(), v1::ListReadingsResponse());
  v1::GetReportRequest other;
  other.set_council(kOtherCouncil);
  EXPECT_EQ(PlaceOf(Report(other)), "e1/1/0");
  v1::LookUpReadingsRequest look_up;
  for (const char* council : {kCouncil, kOtherCouncil}) {
    look_up.add_keys()->set_council(council);
    look_up.mutable_keys()->rbegin()->set_reading_id("none");
  }
  v1::LookUpReadingsResponse found;
  ASSERT_TRUE(Call(&Stub::LookUpReadings, look_up, &found).ok());
  EXPECT_EQ(PlaceOf(found.results(0)), "e1/0/4");
  EXPECT_EQ(PlaceOf(found.results(1)), "e1/1/0");
}

// The page before may come from a replica that is ahead of this one.
TEST_F(QueryServiceTest, APageIsNeverOlderThanTheOneBefore) {
  DefineThree();
  v1::GetReportRequest request;
  request.set_council(kCouncil);
  request.set_page_size(2);
  Write("T1", Reads("2022-02", "85"));
  request.set_page_token(Report(request).next_page_token());
  view_.Reset(2);
  log_ = Log(2);
  EXPECT_THAT(ReportStatus(request, absl::Milliseconds(500)),
              Fails(grpc::StatusCode::DEADLINE_EXCEEDED, "NOT_YET_VISIBLE"));
  auto waiting = std::async(std::launch::async, [&] { return Report(request); });
  DefineThree();
  Write("T1", Reads("2022-02", "95"));
  const v1::GetReportResponse page = waiting.get();
  EXPECT_THAT(Refs(page), ElementsAre("T1"));
  EXPECT_EQ(page.rows(0).score().current().status(), "green");
}

TEST_F(QueryServiceTest, CallsThatWaitAreEndedByADrain) {
  DefineThree();
  v1::GetReportRequest request;
  request.set_council(kCouncil);
  *request.mutable_min_position() = PositionOf(0, 99);
  auto waiting = std::async(std::launch::async, [&] { return ReportStatus(request); });
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  service_.Drain();
  EXPECT_THAT(waiting.get(), Fails(grpc::StatusCode::UNAVAILABLE, "SERVER_DRAINING"));
}

TEST_F(QueryServiceTest, CancelledCallsDoNotWait) {
  DefineThree();
  v1::GetReportRequest request;
  request.set_council(kCouncil);
  *request.mutable_min_position() = PositionOf(0, 99);
  grpc::ClientContext context;
  std::thread cancel([&] { context.TryCancel(); });
  v1::GetReportResponse response;
  EXPECT_EQ(stub_->GetReport(&context, request, &response).error_code(), grpc::StatusCode::CANCELLED);
  cancel.join();
}

}  // namespace
}  // namespace bellwether::query::testing
