#include "services/admin/topics.h"

#include <gmock/gmock.h>

#include <sstream>
#include <string>

#include "bellwether/testing/fake_cluster.h"
#include "bellwether/testing/status_matchers.h"

namespace bellwether::admin {
namespace {

using bellwether::testing::IsError;
using ::testing::HasSubstr;

// Has no topics; its brokers are fenced so many times.
class NewCluster : public bellwether::testing::FakeCluster {
 public:
  explicit NewCluster(int fenced) : fenced_(fenced) {}
  absl::StatusOr<int> PartitionCount(std::string_view, absl::Duration) const override {
    return absl::NotFoundError("no such topic");
  }
  absl::Status CreateTopic(const bus::TopicSpec&, absl::Duration) const override {
    if (fenced_ <= 0) return absl::OkStatus();
    --fenced_;
    return absl::UnavailableError("all brokers are fenced");
  }

 private:
  mutable int fenced_;
};

TEST(BringTopics, WaitsForBrokersThatAreFencedForAMoment) {
  std::ostringstream out;
  const auto good = BringTopics(NewCluster(2), *bus::NamesOfTopics("e1", "r1"), BringOptions(), absl::Seconds(60), out);
  ASSERT_TRUE(good.ok()) << good.status();
  EXPECT_TRUE(*good);
  EXPECT_THAT(out.str(), HasSubstr("bellwether.indicators.v1.e1: created"));
}

TEST(BringTopics, SaysSoWhenTheyStayFenced) {
  std::ostringstream out;
  EXPECT_THAT(
      BringTopics(NewCluster(1'000'000), *bus::NamesOfTopics("e1", "r1"), BringOptions(), absl::Milliseconds(1), out)
          .status(),
      IsError(absl::StatusCode::kUnavailable, "fenced"));
}

}  // namespace
}  // namespace bellwether::admin
