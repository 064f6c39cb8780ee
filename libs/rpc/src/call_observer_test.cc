#include "call_observer.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <string>

#include "bellwether/rpc/server.h"
#include "bellwether/telemetry/metrics.h"
#include "bellwether/testing/status_matchers.h"
#include "bellwether/v1/query_service.grpc.pb.h"

namespace bellwether::rpc {
namespace {

using bellwether::testing::IsOk;

constexpr char kTraceparent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

// Answers with the status that the council names.
class Answers : public v1::QueryService::Service {
  grpc::Status ListIndicators(grpc::ServerContext* context, const v1::ListIndicatorsRequest* request,
                              v1::ListIndicatorsResponse* /*response*/) override {
    const auto found = context->client_metadata().find("traceparent");
    if (found != context->client_metadata().end()) traceparent = {found->second.data(), found->second.size()};
    if (request->council() == "down") return {grpc::StatusCode::UNAVAILABLE, "down"};
    if (request->council() == "wrong") return {grpc::StatusCode::INVALID_ARGUMENT, "wrong"};
    return grpc::Status::OK;
  }

 public:
  std::string traceparent;
};

class CallObserverTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = Server::Start({}, {&answers_}, {"bellwether.v1.QueryService"});
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
    stub_ = v1::QueryService::NewStub(
        grpc::CreateChannel("127.0.0.1:" + std::to_string(server_->port()), grpc::InsecureChannelCredentials()));
  }
  void TearDown() override { server_->Shutdown(absl::Seconds(5)); }

  grpc::Status Call(const std::string& council, grpc::ClientContext& context) {
    v1::ListIndicatorsRequest request;
    request.set_council(council);
    v1::ListIndicatorsResponse response;
    return stub_->ListIndicators(&context, request, &response);
  }
  // The value of a metric of a method; -1: there is none.
  static double Of(const std::string& family, const std::string& method, const std::string& type,
                   const std::string& code = "") {
    const std::string labels = (code.empty() ? "" : "grpc_code=\"" + code + "\",") + "grpc_method=\"" + method +
                               "\",grpc_service=\"bellwether.v1.QueryService\",grpc_type=\"" + type + "\"";
    const std::string name = "\n" + family + "{" + labels + "} ";
    const std::string page = telemetry::MetricsText();
    const size_t at = page.find(name);
    return at == std::string::npos ? -1 : std::stod(page.substr(at + name.size()));
  }
  static double Handled(const std::string& code) {
    return Of("grpc_server_handled_total", "ListIndicators", "unary", code);
  }

  Answers answers_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<v1::QueryService::Stub> stub_;
};

TEST_F(CallObserverTest, EveryMethodIsCountedFromTheStart) {
  EXPECT_EQ(Of("grpc_server_started_total", "GetReport", "unary"), 0);
  EXPECT_EQ(Of("grpc_server_handled_total", "WatchReport", "server_stream", "OK"), 0);
  EXPECT_EQ(Of("grpc_server_handled_total", "WatchReport", "server_stream", "UNAVAILABLE"), 0);
  EXPECT_EQ(Of("grpc_server_handling_seconds_count", "GetReport", "unary"), 0);
}

TEST_F(CallObserverTest, CallsAreCountedByMethodAndCode) {
  const double started = Of("grpc_server_started_total", "ListIndicators", "unary");
  const double ok = Handled("OK");
  const double unavailable = Handled("UNAVAILABLE");
  for (const auto& [council, code] : {std::pair("fine", grpc::StatusCode::OK),
                                      {"down", grpc::StatusCode::UNAVAILABLE},
                                      {"wrong", grpc::StatusCode::INVALID_ARGUMENT}}) {
    grpc::ClientContext context;
    EXPECT_EQ(Call(council, context).error_code(), code);
  }
  EXPECT_EQ(Of("grpc_server_started_total", "ListIndicators", "unary"), started + 3);
  EXPECT_EQ(Handled("OK"), ok + 1);
  EXPECT_EQ(Handled("UNAVAILABLE"), unavailable + 1);
  EXPECT_EQ(Handled("INVALID_ARGUMENT"), 1);
  EXPECT_EQ(Of("grpc_server_handling_seconds_count", "ListIndicators", "unary"), started + 3);
}

TEST_F(CallObserverTest, TheAnswerCarriesTheRequestId) {
  grpc::ClientContext own;
  own.AddMetadata("x-request-id", "mine");
  EXPECT_TRUE(Call("fine", own).ok());
  EXPECT_EQ(own.GetServerInitialMetadata().find("x-request-id")->second, "mine");
  grpc::ClientContext none;
  EXPECT_TRUE(Call("fine", none).ok());
  EXPECT_EQ(none.GetServerInitialMetadata().find("x-request-id")->second.size(), 16);
}

TEST_F(CallObserverTest, TheHandlerSeesTheTrace) {
  grpc::ClientContext context;
  context.AddMetadata("traceparent", kTraceparent);
  EXPECT_TRUE(Call("fine", context).ok());
  EXPECT_EQ(answers_.traceparent, kTraceparent) << "without a collector: the caller's own";
}

}  // namespace
}  // namespace bellwether::rpc
