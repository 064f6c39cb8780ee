#include "bellwether/bus/topics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"

namespace bellwether::bus {
namespace {

using ::testing::HasSubstr;

TopicNames Names() { return NamesOfTopics("e1", "r1").value(); }

std::string BuiltIn() { return std::string(BuiltInTopicsFile()); }

TEST(NamesOfTopicsTest, CarryEpochAndRulesVersion) {
  const TopicNames names = NamesOfTopics("e2", "r13").value();
  EXPECT_EQ(names.indicators, "bellwether.indicators.v1.e2");
  EXPECT_EQ(names.scores, "bellwether.scores.v1.e2.r13");
  EXPECT_EQ(names.dead_letters, "bellwether.indicators.v1.e2.dlt");
  EXPECT_EQ(names.scoring_group, "bellwether.scoring.e2.r13");
}

TEST(NamesOfTopicsTest, RefuseWhatIsNoVersion) {
  for (const char* bad : {"", "e", "1", "e0", "e01", "x1", "e1.", "e1234567890"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(NamesOfTopics(bad, "r1").status())) << bad;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(NamesOfTopics("e1", "e1").status()));
}

TEST(ParseTopicsTest, ReadsTheFileForOneBroker) {
  const auto topics = ParseTopics(BuiltIn(), Names(), 1);
  ASSERT_TRUE(topics.ok()) << topics.status();
  ASSERT_EQ(topics->size(), 4u);
  const TopicSpec& indicators = TopicOf(*topics, TopicRole::kIndicators);
  EXPECT_EQ(indicators.name, Names().indicators);
  EXPECT_EQ(indicators.partitions, 12);
  EXPECT_EQ(indicators.replication_factor, 1);
  EXPECT_EQ(indicators.settings.at("min.insync.replicas"), "1");
  EXPECT_EQ(indicators.settings.at("retention.ms"), "-1");
  for (const TopicSpec& topic : *topics) {
    EXPECT_EQ(topic.settings.at("message.timestamp.type"), "LogAppendTime") << topic.name;
  }
  EXPECT_EQ(TopicOf(*topics, TopicRole::kScores).settings.at("max.message.bytes"), "8454144");
}

TEST(ParseTopicsTest, ReplicatesFromThreeBrokersOn) {
  EXPECT_EQ(ParseTopics(BuiltIn(), Names(), 2)->front().replication_factor, 1);
  EXPECT_EQ(ParseTopics(BuiltIn(), Names(), 3)->front().replication_factor, 3);
  EXPECT_EQ(ParseTopics(BuiltIn(), Names(), 5)->front().settings.at("min.insync.replicas"), "2");
}

TEST(ParseTopicsTest, SaysWhereAMistakeIs) {
  const auto error = [](const std::string& from, const std::string& to) {
    return std::string(ParseTopics(absl::StrReplaceAll(BuiltIn(), {{from, to}}), Names(), 1).status().message());
  };
  EXPECT_THAT(error("partitions: 12", "partitions: none"), HasSubstr("line 6: partitions: must be 1 or more"));
  EXPECT_THAT(error("  scores:", "  points:"), HasSubstr("scores: is missing"));
  EXPECT_THAT(error("indicators.v1.{epoch}\n", "other.v1\n"), HasSubstr("gives bellwether.other.v1"));
  EXPECT_THAT(error("topics:", "topics: ["), HasSubstr("line "));
  EXPECT_FALSE(ParseTopics("", Names(), 1).ok());
}

}  // namespace
}  // namespace bellwether::bus
