#include "bellwether/telemetry/metrics.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>

#include "absl/time/clock.h"

namespace bellwether::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(MetricsTest, CountsByLabels) {
  CounterOf("test_refused_total", "Refused", {{"reason", "A"}}).Increment();
  CounterOf("test_refused_total", "Refused", {{"reason", "A"}}).Increment(2);
  CounterOf("test_refused_total", "Refused", {{"reason", "B"}}).Increment();
  const std::string page = MetricsText();
  EXPECT_THAT(page, HasSubstr("# TYPE test_refused_total counter"));
  EXPECT_THAT(page, HasSubstr("test_refused_total{reason=\"A\"} 3"));
  EXPECT_THAT(page, HasSubstr("test_refused_total{reason=\"B\"} 1"));
}

TEST(MetricsTest, ScrapedValuesAreAskedForAtEachReadingAndLeaveWithTheirOwner) {
  double lag = 7;
  const auto values = [&lag](const char* partition) {
    return [&lag, partition] { return Scraped::Values{{{{"partition", partition}}, lag}}; };
  };
  const Scraped first(Scraped::Kind::kGauge, "test_lag", "Lag", values("0"));
  auto second = std::make_unique<Scraped>(Scraped::Kind::kGauge, "test_lag", "Lag", values("1"));
  EXPECT_THAT(MetricsText(), HasSubstr("test_lag{partition=\"0\"} 7\ntest_lag{partition=\"1\"} 7\n"))
      << "one family for all owners";
  lag = 8;
  second.reset();
  EXPECT_THAT(MetricsText(), HasSubstr("test_lag{partition=\"0\"} 8\n"));
  EXPECT_THAT(MetricsText(), Not(HasSubstr("partition=\"1\"")));
}

TEST(MetricsTest, OwnersOfTheSameLabelsAreSummedOrTheGreatestIsTold) {
  const auto value = [](double v) { return [v] { return Scraped::Values{{{}, v}}; }; };
  const Scraped first(Scraped::Kind::kGauge, "test_records", "Sum", value(2));
  const Scraped second(Scraped::Kind::kGauge, "test_records", "Sum", value(3));
  const Scraped third(Scraped::Kind::kGreatest, "test_waiting", "Greatest", value(3));
  const Scraped fourth(Scraped::Kind::kGreatest, "test_waiting", "Greatest", value(2));
  EXPECT_THAT(MetricsText(), HasSubstr("test_records 5\n"));
  EXPECT_THAT(MetricsText(), HasSubstr("# TYPE test_waiting gauge\ntest_waiting 3\n"));
}

double ValueOf(const std::string& name) {
  const std::string page = MetricsText();
  const size_t at = page.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(page.substr(at + name.size() + 2));
}

TEST(MetricsTest, TellsOfTheProcess) {
  for (const char* name : {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"}) {
    EXPECT_GE(ValueOf(name), 0) << name;
  }
  EXPECT_GE(ValueOf("process_max_fds"), ValueOf("process_open_fds"));
  const double now = absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch());
  EXPECT_NEAR(ValueOf("process_start_time_seconds"), now, 120) << "the test has just been started";
  EXPECT_EQ(ValueOf("process_start_time_seconds"), ValueOf("process_start_time_seconds"));
}

TEST(MetricsTest, HistogramCountsBelowEachBound) {
  HistogramOf("test_seconds", "Time", {0.1, 1}).Observe(0.5);
  EXPECT_THAT(MetricsText(), HasSubstr("test_seconds_bucket{le=\"0.1\"} 0\ntest_seconds_bucket{le=\"1\"} 1\n"));
}

TEST(MetricsTest, ATallyIsInTheHistogramOnceItIsHandedOver) {
  Tally tally("test_tally_seconds", "Time", {0.1, 1});
  for (const double value : {0.05, 0.1, 0.5, 3.0}) tally.Observe(value);
  EXPECT_THAT(MetricsText(), HasSubstr("test_tally_seconds_count 0\n"));
  tally.Flush();
  tally.Flush();  // Nothing new.
  EXPECT_THAT(MetricsText(), HasSubstr("test_tally_seconds_bucket{le=\"0.1\"} 2\n"
                                       "test_tally_seconds_bucket{le=\"1\"} 3\n"
                                       "test_tally_seconds_bucket{le=\"+Inf\"} 4\n"));
  EXPECT_THAT(MetricsText(), HasSubstr("test_tally_seconds_sum 3.65\n"));
}

}  // namespace
}  // namespace bellwether::telemetry
