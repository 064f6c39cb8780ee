#include "services/query/view_metrics.h"

#include <gmock/gmock.h>

#include "bellwether/rating/evaluate.h"
#include "bellwether/testing/fake_clock.h"
#include "bellwether/testing/status_matchers.h"
#include "services/query/testing.h"

namespace bellwether::query {
namespace {

using bellwether::testing::FakeClock;
using bellwether::testing::IsOk;
using query::testing::Defines;
using query::testing::DefinitionOf;
using query::testing::kCouncil;
using query::testing::Log;
using query::testing::Reads;
using query::testing::RecordOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ViewMetricsTest : public ::testing::Test {
 protected:
  ViewMetricsTest() { view_.Reset(1); }
  void Write(const std::string& ref, rating::Record record) {
    ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, ref, std::move(record)))), IsOk());
  }

  FakeClock clock_{absl::FromUnixSeconds(1'646'000'000)};
  Log log_{1};
  View view_{ViewOptions{}, &clock_};
  const ViewMetrics metrics_{&view_, &clock_, [] { return size_t{7}; }};
};

TEST_F(ViewMetricsTest, TellsWhatIsInTheView) {
  Write("T1", Defines(DefinitionOf("T1")));
  Write("T1", Reads("2022-01", "90"));
  rating::Reading other = Reads("2022-02", "91");
  other.source = "housing";
  Write("T1", other);
  ASSERT_THAT(view_.Apply(RecordOf(log_.WriteDeadLetter(0))), IsOk());
  const std::string page = telemetry::MetricsText();
  for (const char* line : {
           "bellwether_view_indicators 1\n",
           "bellwether_view_dead_letters 1\n",
           "bellwether_open_watches 7\n",
           "bellwether_gap_alarm 0\n",
           "bellwether_feed_last_reading_timestamp_seconds{feed=\"test\"} 1646000001\n",
           "bellwether_feed_last_reading_timestamp_seconds{feed=\"housing\"} 1646000002\n",
       }) {
    EXPECT_THAT(page, HasSubstr(line));
  }
  EXPECT_THAT(page, Not(HasSubstr("bellwether_view_scores 0\n")));
}

TEST_F(ViewMetricsTest, AHoleIsAnAlarm) {
  log_.Write(0, "T1", Defines(DefinitionOf("T1")));
  ASSERT_THAT(view_.Apply(RecordOf(log_.Write(0, "T1", Reads("2022-01", "90")))), IsOk());
  clock_.SetNow(clock_.Now() + absl::Seconds(31));
  EXPECT_THAT(telemetry::MetricsText(), HasSubstr("bellwether_gap_alarm 1\n"));
}

TEST_F(ViewMetricsTest, AReadingIsOverdueTheDayAfterItWasDue) {
  rating::Definition definition = DefinitionOf("T1");
  definition.days_until_due = 45;  // In the second month after.
  Write("T1", Defines(definition));
  const core::Date due = rating::DueDate(definition, rating::testing::P("2022-02"));
  definition.ref = "T2";
  Write("T2", Defines(definition));
  EXPECT_EQ(CountOverdue(view_, kCouncil, due), 2) << "those of January";
  for (const char* ref : {"T1", "T2"}) Write(ref, Reads("2022-01", "90"));
  EXPECT_EQ(CountOverdue(view_, kCouncil, due), 0);
  EXPECT_EQ(CountOverdue(view_, kCouncil, due + 1), 2);
  Write("T1", Reads("2022-02", "90"));
  EXPECT_EQ(CountOverdue(view_, kCouncil, due + 1), 1);
  EXPECT_EQ(CountOverdue(view_, "E06000062", due + 1), 0);
}

}  // namespace
}  // namespace bellwether::query
