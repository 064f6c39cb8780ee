#include "bellwether/bus/broker_watch.h"

#include <gmock/gmock.h>

#include "absl/time/clock.h"
#include "bellwether/telemetry/metrics.h"

namespace bellwether::bus {
namespace {

using ::testing::HasSubstr;

constexpr BrokerWatch::Times kQuick = {absl::ZeroDuration(), absl::Milliseconds(1), absl::Milliseconds(50)};

TEST(BrokerWatchTest, ASilenceShorterThanThePatienceIsNothing) {
  bool there = true;
  const absl::Time begin = absl::Now();
  BrokerWatch watch(
      "test",
      [&](absl::Duration timeout) {
        EXPECT_EQ(timeout, kQuick.timeout);
        return there ? absl::OkStatus() : absl::UnavailableError("");
      },
      kQuick);
  watch.Ask();
  there = false;
  watch.Ask();
  if (absl::Now() - begin < kQuick.patience) {
    EXPECT_TRUE(watch.answers());
  }
  while (watch.answers() && absl::Now() - begin < absl::Seconds(20)) watch.Ask();
  EXPECT_FALSE(watch.answers());
  EXPECT_GE(absl::Now() - begin, kQuick.patience);
  EXPECT_THAT(telemetry::MetricsText(), HasSubstr("kafka_broker_answers{client=\"test\"} 0\n"));
  there = true;
  watch.Ask();
  EXPECT_TRUE(watch.answers()) << "the first answer counts";
  EXPECT_THAT(telemetry::MetricsText(), HasSubstr("kafka_broker_answers{client=\"test\"} 1\n"));
}

TEST(BrokerWatchTest, WhatComesIsAnAnswerToo) {
  BrokerWatch watch("test", [](absl::Duration) { return absl::UnavailableError(""); },
                    {absl::ZeroDuration(), absl::Milliseconds(1), absl::ZeroDuration()});
  watch.Ask();
  EXPECT_FALSE(watch.answers());
  watch.Heard();
  int asked = 0;
  BrokerWatch heard("test",
                    [&](absl::Duration) {
                      ++asked;
                      return absl::UnavailableError("");
                    },
                    {absl::ZeroDuration(), absl::Milliseconds(1), absl::Hours(1)});
  heard.Heard();
  heard.Ask();
  EXPECT_TRUE(heard.answers());
  EXPECT_EQ(asked, 1);
}

TEST(BrokerWatchTest, AsksNoMoreOftenThanTheInterval) {
  int asked = 0;
  BrokerWatch watch("test",
                    [&](absl::Duration) {
                      ++asked;
                      return absl::OkStatus();
                    },
                    {absl::Hours(1), absl::Milliseconds(1), absl::Hours(1)});
  for (int i = 0; i < 100; ++i) watch.Ask();
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace bellwether::bus
