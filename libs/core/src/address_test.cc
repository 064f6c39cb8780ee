#include "bellwether/core/address.h"

#include <gtest/gtest.h>

namespace bellwether::core {
namespace {

TEST(ParseAddress, TakesAHostAndAPort) {
  for (const auto& [text, host, port] :
       {std::tuple("127.0.0.1:7401", "127.0.0.1", 7401), std::tuple("[::1]:0", "[::1]", 0),
        std::tuple("broker.example.org:65535", "broker.example.org", 65535)}) {
    const std::optional<Address> address = ParseAddress(text);
    ASSERT_TRUE(address.has_value()) << text;
    EXPECT_EQ(address->host, host);
    EXPECT_EQ(address->port, port);
  }
}

TEST(ParseAddress, TakesNothingElse) {
  for (const char* text : {"", ":", "nowhere", ":7401", "host:", "host:-1", "host:+1", "host: 1", "host:1 ",
                           "host:65536", "host:99999999999", "host:0x10", "host:port"}) {
    EXPECT_FALSE(ParseAddress(text).has_value()) << text;
  }
  EXPECT_TRUE(ParseAddress("host:0").has_value());
  EXPECT_FALSE(ParseAddress("host:0", 1).has_value());
}

}  // namespace
}  // namespace bellwether::core
