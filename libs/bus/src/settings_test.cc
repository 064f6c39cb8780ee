#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bellwether/bus/options.h"

namespace bellwether::bus {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const ClientOptions& options) { return std::string(CheckClientOptions(options).message()); }

TEST(ParsePropertyTest, SplitsAtTheFirstEqualsSign) {
  EXPECT_EQ(ParseProperty("a.b=c=d")->key, "a.b");
  EXPECT_EQ(ParseProperty("a.b=c=d")->value, "c=d");
  EXPECT_EQ(ParseProperty("a=")->value, "");
  EXPECT_FALSE(ParseProperty("=b").ok());
  EXPECT_FALSE(ParseProperty("a").ok());
}

TEST(CheckClientOptionsTest, TakesGoodOnes) {
  EXPECT_EQ(ErrorOf({.bootstrap_servers = "kafka-1:9092,kafka-2:9092",
                     .properties = {{"security.protocol", "ssl"}, {"linger.ms", "3"}, {"fetch.min.bytes", "1"}}}),
            "");
}

TEST(CheckClientOptionsTest, NamesEveryMistake) {
  const std::string error =
      ErrorOf({.bootstrap_servers = "kafka", .properties = {{"no.such", "1"}, {"acks", "0"}, {"linger.ms", "long"}}});
  EXPECT_THAT(error, HasSubstr("\"kafka\" is not HOST:PORT"));
  EXPECT_THAT(error, HasSubstr("kafka-property no.such: No such configuration property"));
  EXPECT_THAT(error, HasSubstr("kafka-property acks: may not be set"));
  EXPECT_THAT(error, HasSubstr("kafka-property linger.ms: Invalid value"));
  EXPECT_THAT(ErrorOf({}), HasSubstr("no address given"));
  EXPECT_THAT(ErrorOf({.bootstrap_servers = "h:0"}), HasSubstr("port from 1 to 65535"));
}

}  // namespace
}  // namespace bellwether::bus
