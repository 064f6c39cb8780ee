// The ingestion service over a bus in memory, behind real gRPC. Tests only.
#ifndef BELLWETHER_SERVICES_INGESTION_TEST_SERVER_H_
#define BELLWETHER_SERVICES_INGESTION_TEST_SERVER_H_

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bellwether/bus/topics.h"
#include "bellwether/codec/catalogue.h"
#include "bellwether/codec/record.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/rpc/client_error.h"
#include "bellwether/testing/fake_bus.h"
#include "bellwether/testing/fake_clock.h"
#include "bellwether/v1/ingestion_service.grpc.pb.h"
#include "libs/codec/testing/messages.h"
#include "services/ingestion/app.h"

namespace bellwether::ingestion::testing {

inline constexpr char kTopic[] = "bellwether.indicators.v1.e1";
inline constexpr char kDeadLetters[] = "bellwether.indicators.v1.e1.dlt";

// Waits until `condition` holds, for ten seconds at most.
inline bool Eventually(const std::function<bool()>& condition) {
  const core::SteadyTime deadline = core::SteadyTime::Now() + absl::Seconds(10);
  while (!condition()) {
    if (deadline.over()) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

class IngestionTest : public ::testing::Test {
 protected:
  IngestionTest() : clock_(core::Date(2022, 3, 10)) {
    bus_.CreateTopic(kTopic, 3);
    bus_.CreateTopic(kDeadLetters, 3);
    parts_.clock = &clock_;
    options_.listen = "127.0.0.1:0";
    options_.topics.indicators = kTopic;
    options_.topics.dead_letters = kDeadLetters;
  }

  // Starts the service, and waits until it is ready unless the broker is away.
  void Start() {
    auto app = App::Start(
        options_, [this] { fatal_ = true; },
        [this](const std::function<absl::Duration()>&) -> absl::StatusOr<Connection> {
          if (broker_away_) return absl::UnavailableError("the test has taken the broker away");
          Connection connection;
          connection.partitions = 3;
          connection.make_source = [this](ReadFor) {
            return absl::StatusOr<std::unique_ptr<bus::RecordSource>>(bus_.MakeSource());
          };
          connection.make_sink = [this](WriteFor) {
            return absl::StatusOr<std::unique_ptr<bus::RecordSink>>(bus_.MakeSink());
          };
          return connection;
        },
        parts_);
    ASSERT_TRUE(app.ok()) << app.status();
    app_ = *std::move(app);
    grpc::ChannelArguments arguments;  // As the clients of this repository set them.
    arguments.SetServiceConfigJSON(
        R"({"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 4, "initialBackoff": "0.1s",
        "maxBackoff": "1s", "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED"]}}]})");
    channel_ = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", app_->port()), grpc::InsecureChannelCredentials(),
                                         arguments);
    stub_ = v1::IngestionService::NewStub(channel_);
    if (!broker_away_) {
      ASSERT_TRUE(Eventually([this] { return app_->NotReadyReason().empty(); })) << app_->NotReadyReason();
    }
  }

  static std::unique_ptr<grpc::ClientContext> Context(absl::Duration deadline = absl::Seconds(10)) {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(absl::ToChronoTime(core::TimeOfDayAt(core::SteadyTime::Now() + deadline)));
    return context;
  }

  grpc::Status Apply(const v1::Catalogue& catalogue, const std::string& apply_id, v1::ApplyCatalogueResponse* response,
                     bool validate_only = false) {
    v1::ApplyCatalogueRequest request;
    *request.mutable_catalogue() = catalogue;
    request.set_apply_id(apply_id);
    request.set_validate_only(validate_only);
    response->Clear();
    return stub_->ApplyCatalogue(Context().get(), request, response);
  }
  void ApplyDefault() {
    v1::ApplyCatalogueResponse response;
    const grpc::Status status = Apply(codec::testing::CatalogueMessage(), "apply-1", &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_EQ(response.results_size(), 2);
    ASSERT_TRUE(response.results(0).result().has_position());
  }

  grpc::Status Record(const std::vector<v1::Reading>& readings, v1::RecordReadingsResponse* response,
                      absl::Duration deadline = absl::Seconds(10), bool validate_only = false) {
    v1::RecordReadingsRequest request;
    for (const v1::Reading& reading : readings) *request.add_readings() = reading;
    request.set_validate_only(validate_only);
    response->Clear();
    return stub_->RecordReadings(Context(deadline).get(), request, response);
  }

  static v1::Reading Reading(const std::string& id, const std::string& more = "") {
    v1::Reading reading = codec::testing::ReadingMessage(more);
    reading.set_reading_id(id);
    return reading;
  }

  // How many readings the log holds.
  size_t RecordedReadings() const {
    size_t count = 0;
    for (const bus::ConsumedRecord& record : bus_.Records(kTopic)) {
      count += bus::FindHeader(record.headers, "ce_type") == "uk.bellwether.reading.v1";
    }
    return count;
  }

  ::bellwether::testing::FakeBus bus_;
  ::bellwether::testing::FakeClock clock_;
  std::atomic<bool> broker_away_{false};
  std::atomic<bool> fatal_{false};
  Options options_;
  Parts parts_;
  std::unique_ptr<App> app_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::IngestionService::Stub> stub_;
};

// "field REASON" of each.
inline std::vector<std::string> Told(const v1::ItemResult& result) {
  std::vector<std::string> told;
  for (const v1::ItemError& error : result.errors()) told.push_back(error.field() + " " + error.reason());
  return told;
}

}  // namespace bellwether::ingestion::testing

#endif  // BELLWETHER_SERVICES_INGESTION_TEST_SERVER_H_
