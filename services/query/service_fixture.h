// A real gRPC server over a view that a test fills, and a client of it.
#ifndef BELLWETHER_SERVICES_QUERY_SERVICE_FIXTURE_H_
#define BELLWETHER_SERVICES_QUERY_SERVICE_FIXTURE_H_

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bellwether/rpc/client_error.h"
#include "bellwether/rpc/server.h"
#include "bellwether/testing/fake_clock.h"
#include "bellwether/testing/status_matchers.h"
#include "bellwether/v1/query_service.grpc.pb.h"
#include "services/query/service.h"
#include "services/query/testing.h"
#include "services/query/view.h"

namespace bellwether::query::testing {

class ServiceTest : public ::testing::Test {
 protected:
  // Without a door it is open to everyone.
  explicit ServiceTest(const ServiceOptions& options = {}, std::unique_ptr<rpc::Door> door = nullptr)
      : door_(door == nullptr ? std::make_unique<rpc::Door>() : std::move(door)),
        service_(&view_, &clock_, door_.get(), options) {
    view_.Reset(2);
    service_.SetViewReady(true);
    auto server = rpc::Server::Start({}, {service_.grpc_service()}, {});
    EXPECT_THAT(server, bellwether::testing::IsOk());
    server_ = *std::move(server);
    stub_ = NewStub();
  }
  ~ServiceTest() override {
    service_.Drain();
    server_->Shutdown(absl::Seconds(5));
    server_.reset();
  }

  // For those who show nothing what the grants say, each "actions: [read], refs: [T1]".
  static std::unique_ptr<rpc::Door> DoorFor(const std::vector<std::string>& grants) {
    std::string roles = "roles:\n";
    std::string lines = "grants:\n";
    for (size_t i = 0; i < grants.size(); ++i) {
      const std::pair<std::string, std::string> parts = absl::StrSplit(grants[i], absl::MaxSplits("], ", 1));
      absl::StrAppend(&roles, "  - {name: role-", i, ", ", parts.first, "]}\n");
      absl::StrAppend(&lines, "  - {principals: [anonymous], role: role-", i, ", ", parts.second, "}\n");
    }
    rpc::AccessOptions options;
    options.file = absl::StrCat(::testing::TempDir(), "/access-", getpid(), ".yaml");
    std::ofstream(options.file) << roles << lines;
    absl::StatusOr<std::unique_ptr<rpc::Door>> door = rpc::Door::Make(options);
    EXPECT_THAT(door, bellwether::testing::IsOk());
    return *std::move(door);
  }

  // A stub with a connection of its own.
  std::unique_ptr<v1::QueryService::Stub> NewStub(grpc::ChannelArguments arguments = {}) {
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return v1::QueryService::NewStub(grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server_->port()),
                                                               grpc::InsecureChannelCredentials(), arguments));
  }

  // The next update of the log: written and applied.
  void Write(const std::string& ref, rating::Record record, int32_t partition = 0) {
    ASSERT_THAT(view_.Apply(RecordOf(log_.Write(partition, ref, std::move(record)))), bellwether::testing::IsOk());
    service_.Advanced();
  }

  // One call, with a deadline that no test should meet.
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (v1::QueryService::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response, absl::Duration deadline = absl::Seconds(20)) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(core::TimeOfDayAt(core::SteadyTime::Now() + deadline)));
    return (stub_.get()->*method)(&context, request, response);
  }

  static v1::Position PositionOf(int32_t partition, int64_t offset, uint32_t epoch = 1) {
    v1::Position position;
    position.set_epoch(epoch);
    position.set_partition(partition);
    position.set_offset(offset);
    return position;
  }

  bellwether::testing::FakeClock clock_{core::Date(2022, 3, 20)};
  Log log_{2};
  std::unique_ptr<rpc::Door> door_;
  View view_{ViewOptions{}, &clock_, [this](const core::IndicatorKey& key) { service_.Changed(key); }};
  Service service_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<v1::QueryService::Stub> stub_;
};

// A failed call with the reason of docs/error-reasons.md.
MATCHER_P2(Fails, code, reason, "fails with the code and the reason") {
  *result_listener << arg.error_code() << " " << rpc::ReasonOf(arg) << ": " << arg.error_message();
  return arg.error_code() == code && rpc::ReasonOf(arg) == reason;
}

// With what most of its tests ask for.
class QueryServiceTest : public ServiceTest {
 protected:
  using ServiceTest::ServiceTest;
  v1::GetReportResponse Report(v1::GetReportRequest request = {}) {
    if (request.council().empty()) request.set_council(kCouncil);
    v1::GetReportResponse response;
    const grpc::Status s = Call(&v1::QueryService::Stub::GetReport, request, &response);
    EXPECT_TRUE(s.ok()) << s.error_message();
    return response;
  }
  grpc::Status ReportStatus(const v1::GetReportRequest& request, absl::Duration deadline = absl::Seconds(20)) {
    v1::GetReportResponse response;
    return Call(&v1::QueryService::Stub::GetReport, request, &response, deadline);
  }
  static std::vector<std::string> Refs(const v1::GetReportResponse& report) {
    std::vector<std::string> refs;
    for (const v1::ReportRow& row : report.rows()) refs.push_back(row.definition().ref());
    return refs;
  }
  // As people write a position.
  template <typename Answer>
  static std::string PlaceOf(const Answer& answer) {
    const v1::Position& p = answer.position();
    return absl::StrCat("e", p.epoch(), "/", p.partition(), "/", p.offset());
  }
  void DefineThree() {
    Write("T1", Defines(DefinitionOf("T1", 3)));
    auto t2 = DefinitionOf("T2", 1);
    t2.alternate_refs = {"KPI 2"};
    t2.directorate = "Public Health";
    t2.reporting_lag_periods = 1;
    Write("T2", Defines(t2));
    Write("T3", Defines(DefinitionOf("T3", 2)));
  }
};

}  // namespace bellwether::query::testing

#endif  // BELLWETHER_SERVICES_QUERY_SERVICE_FIXTURE_H_
