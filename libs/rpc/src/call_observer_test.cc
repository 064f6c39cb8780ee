#include "call_observer.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

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
  // One call as plain HTTP/2, whatever the id holds, to its end.
  void CallWithRawId(const std::string& id) {
    const auto frame = [](uint8_t type, uint8_t flags, uint8_t stream, const std::string& payload) {
      const auto size = static_cast<unsigned char>(payload.size());  // All are short.
      return std::string{'\0', '\0', static_cast<char>(size),  static_cast<char>(type), static_cast<char>(flags), '\0',
                         '\0', '\0', static_cast<char>(stream)} +
             payload;
    };
    std::string headers;
    for (const auto& [name, value] :
         std::vector<std::pair<std::string, std::string>>{{":method", "POST"},
                                                          {":scheme", "http"},
                                                          {":path", "/bellwether.v1.QueryService/ListIndicators"},
                                                          {":authority", "x"},
                                                          {"content-type", "application/grpc"},
                                                          {"te", "trailers"},
                                                          {"x-request-id", id}}) {
      headers +=  // Literals that no table keeps.
          std::string(1, '\0') + static_cast<char>(name.size()) + name + static_cast<char>(value.size()) + value;
    }
    const std::string request = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, "") + frame(1, 4, 1, headers) +
                                frame(0, 1, 1, std::string(5, '\0'));
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(server_->port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{10, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(send(fd, request.data(), request.size(), MSG_NOSIGNAL), static_cast<ssize_t>(request.size()));
    std::string answer;
    char buffer[4096];
    while (answer.find("grpc-status") == std::string::npos) {  // The trailer's name, written out.
      const ssize_t got = recv(fd, buffer, sizeof(buffer), 0);
      if (got <= 0) break;
      answer.append(buffer, static_cast<size_t>(got));
    }
    EXPECT_NE(answer.find("grpc-status"), std::string::npos);
    close(fd);
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

TEST(RequestIdTest, HasLettersDigitsAndAFewMarks) {
  for (const char* id : {"caf\xc3\xa9", "\xff", "a\tb", "a\x7f", "a b", "a,b", "a\"b", "a%b", ""}) {
    EXPECT_FALSE(IsRequestId(id)) << id;
  }
  EXPECT_FALSE(IsRequestId(std::string_view("a\0b", 3)));
  EXPECT_FALSE(IsRequestId(std::string(129, 'x')));
  EXPECT_TRUE(IsRequestId(std::string(128, 'x')));
  EXPECT_TRUE(IsRequestId("Root=1-67891233-abcdef012345678912345678;Self=a/b:c.d_e~f+g@h#i"));
}

// gRPC's own client would not send such an id; a server takes it off the wire.
TEST_F(CallObserverTest, NoByteOfARequestIdEndsTheProcess) {
  for (int byte = 0; byte < 256; ++byte) {
    CallWithRawId(std::string("id") + static_cast<char>(byte));
    ASSERT_FALSE(HasFailure()) << "byte " << byte;
  }
  grpc::ClientContext context;
  EXPECT_TRUE(Call("fine", context).ok());
}

TEST_F(CallObserverTest, AnotherIdStandsForOneThatNoHeaderMayHold) {
  grpc::ClientContext context;
  context.AddMetadata("x-request-id", "not an id");
  EXPECT_TRUE(Call("fine", context).ok());
  EXPECT_THAT(std::string(context.GetServerInitialMetadata().find("x-request-id")->second.data(), 16),
              ::testing::MatchesRegex("[0-9a-f]+"));
}

TEST_F(CallObserverTest, AMessageThatIsPackedIsRefused) {
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  const grpc::Status status = Call(std::string(100'000, 'x'), context);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << status.error_message();
  EXPECT_THAT(status.error_message(), ::testing::HasSubstr("'gzip' is disabled"));
}

TEST_F(CallObserverTest, TheHandlerSeesTheTrace) {
  grpc::ClientContext context;
  context.AddMetadata("traceparent", kTraceparent);
  EXPECT_TRUE(Call("fine", context).ok());
  EXPECT_EQ(answers_.traceparent, kTraceparent) << "without a collector: the caller's own";
}

}  // namespace
}  // namespace bellwether::rpc
