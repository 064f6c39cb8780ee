// How calls are read and counted, before anything is answered.
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/impl/codegen/rpc_method.h>

#include <future>
#include <thread>

#include "bellwether/core/limits.h"
#include "bellwether/rpc/slots.h"
#include "services/query/service_fixture.h"

namespace bellwether::query::testing {
namespace {

using ::testing::HasSubstr;

// Whether so much is taken, soon.
bool Becomes(int64_t taken, const rpc::Slots& slots) {
  const core::SteadyTime limit = core::SteadyTime::Now() + absl::Seconds(20);
  while (slots.taken() != taken && !limit.over()) std::this_thread::yield();
  return slots.taken() == taken;
}

class CallsTest : public ServiceTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Becomes(0, calls_)) << "of tests before this one";
    ASSERT_TRUE(Becomes(0, memory_)) << "of tests before this one";
  }

  grpc::Status ReportStatus(const v1::GetReportRequest& request) {
    v1::GetReportResponse response;
    return Call(&v1::QueryService::Stub::GetReport, request, &response);
  }
  grpc::Status WatchStatus(const v1::ReportFilter& filter = {}) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    v1::WatchReportRequest request;
    request.set_council(kCouncil);
    *request.mutable_filter() = filter;
    const auto watch = stub_->WatchReport(&context, request);
    v1::WatchReportResponse first;
    EXPECT_FALSE(watch->Read(&first));
    return watch->Finish();
  }
  // Of a request that is counted with its memory.
  static v1::ReportFilter LargeFilter() {
    v1::ReportFilter filter;
    for (int i = 0; i < 40'000; ++i) filter.add_refs("T1");
    return filter;
  }

  rpc::Slots& calls_ = rpc::Slots::Calls();
  rpc::Slots& memory_ = rpc::Slots::RequestMemory();
};

// gRPC itself would say UNIMPLEMENTED, without words.
TEST_F(CallsTest, ARequestThatCannotBeReadIsTold) {
  const auto channel =
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()), grpc::InsecureChannelCredentials());
  const auto* methods = v1::GetReportRequest::descriptor()->file()->FindServiceByName("QueryService");
  ASSERT_EQ(methods->method_count(), 13);
  for (int i = 0; i < methods->method_count(); ++i) {
    const std::string path = absl::StrCat("/bellwether.v1.QueryService/", methods->method(i)->name());
    const bool streams = methods->method(i)->server_streaming();
    const auto call = [&](const std::string& bytes) {
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
      const grpc::Slice slice(bytes);
      const grpc::ByteBuffer request(&slice, 1);
      grpc::ByteBuffer answer;
      const auto type = streams ? grpc::internal::RpcMethod::SERVER_STREAMING : grpc::internal::RpcMethod::NORMAL_RPC;
      const grpc::internal::RpcMethod method(path.c_str(), type, channel);
      if (!streams) {
        return grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(channel.get(), method, &context,
                                                                                     request, &answer);
      }
      const std::unique_ptr<grpc::ClientReader<grpc::ByteBuffer>> reader(
          grpc::internal::ClientReaderFactory<grpc::ByteBuffer>::Create(channel.get(), method, &context, request));
      EXPECT_FALSE(reader->Read(&answer));
      return reader->Finish();
    };
    grpc::Status status = call("\x0a\x7f");
    EXPECT_THAT(status, Fails(grpc::StatusCode::INVALID_ARGUMENT, "NOT_A_MESSAGE")) << path;
    EXPECT_THAT(status.error_message(), HasSubstr("what begins at byte 0 of 2 cannot be read")) << path;
    const std::string& name = methods->method(i)->name();
    if (name == "LookUpReadings" || name == "WhoAmI" || name.starts_with("Check")) continue;  // No text is first there.
    status = call("\x0a\x01\xff");
    EXPECT_THAT(status, Fails(grpc::StatusCode::INVALID_ARGUMENT, "TEXT_NOT_ALLOWED")) << path;
    EXPECT_THAT(status.error_message(), ::testing::StartsWith("council: ")) << path;
  }
}

// Of this host others have all that it may have.
TEST_F(CallsTest, CallsBeyondTheLimitAreRefused) {
  Write("T1", Defines(DefinitionOf("T1", 1)));
  const auto of_host = [](int64_t most) { return most * core::limits::kPercentOfHost / 100; };
  v1::GetReportRequest request;
  request.set_council(kCouncil);
  v1::ListFindingsResponse findings;
  v1::ListFindingsRequest of_findings;
  of_findings.set_council(kCouncil);
  {
    const auto all = calls_.Take("ipv4:127.0.0.1", of_host(core::limits::kCallsOfServer));
    ASSERT_TRUE(all.has_value());
    EXPECT_THAT(ReportStatus(request), Fails(grpc::StatusCode::RESOURCE_EXHAUSTED, "TOO_MANY_CALLS"));
    EXPECT_THAT(Call(&v1::QueryService::Stub::ListFindings, of_findings, &findings),
                Fails(grpc::StatusCode::RESOURCE_EXHAUSTED, "TOO_MANY_CALLS"));
    EXPECT_THAT(WatchStatus(), Fails(grpc::StatusCode::RESOURCE_EXHAUSTED, "TOO_MANY_CALLS"));
  }
  EXPECT_TRUE(ReportStatus(request).ok()) << "there is room again";
  const auto all = memory_.Take("ipv4:127.0.0.1", of_host(core::limits::kRequestsMemoryBytes));
  ASSERT_TRUE(all.has_value());
  EXPECT_TRUE(ReportStatus(request).ok()) << "a small one takes none";
  *request.mutable_filter() = LargeFilter();
  EXPECT_THAT(ReportStatus(request), Fails(grpc::StatusCode::RESOURCE_EXHAUSTED, "TOO_MANY_CALLS"));
  EXPECT_THAT(WatchStatus(request.filter()), Fails(grpc::StatusCode::RESOURCE_EXHAUSTED, "TOO_MANY_CALLS"));
}

TEST_F(CallsTest, CallsThatWaitAreCountedWithTheirMemory) {
  Write("T1", Defines(DefinitionOf("T1", 1)));
  v1::GetReportRequest request;
  request.set_council(kCouncil);
  *request.mutable_filter() = LargeFilter();
  *request.mutable_min_position() = PositionOf(0, 1);
  v1::WatchReportRequest of_watch;
  of_watch.set_council(kCouncil);
  *of_watch.mutable_filter() = request.filter();
  *of_watch.mutable_min_position() = request.min_position();
  auto waiting = std::async(std::launch::async, [&] { return ReportStatus(request); });
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  const auto watch = stub_->WatchReport(&context, of_watch);
  EXPECT_TRUE(Becomes(2, calls_));
  EXPECT_TRUE(Becomes(3 * static_cast<int64_t>(request.ByteSizeLong() + of_watch.ByteSizeLong()), memory_));
  Write("T1", Reads("2022-02", "85"));
  EXPECT_TRUE(waiting.get().ok());
  v1::WatchReportResponse first;
  EXPECT_TRUE(watch->Read(&first));
  EXPECT_TRUE(Becomes(0, memory_)) << "a watch that has begun needs its request no more";
  EXPECT_TRUE(Becomes(1, calls_));
  context.TryCancel();
  (void)watch->Finish();
  EXPECT_TRUE(Becomes(0, calls_));
}

}  // namespace
}  // namespace bellwether::query::testing
