#include "bellwether/telemetry/log.h"

#include <gmock/gmock.h>
#include <google/protobuf/any.pb.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

namespace bellwether::telemetry {
namespace {

using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

std::string LineOf(LogFormat format, const std::function<void()>& log) {
  SetUpLog("bellwether-test", format);
  SetLogLevel("debug");
  CaptureStderr();
  log();
  spdlog::default_logger()->flush();
  return GetCapturedStderr();
}

TEST(LogTest, JsonIsOneObjectALine) {
  const std::string line = LineOf(LogFormat::kJson, [] { spdlog::warn("a \"hole\"\n in {}", "T1"); });
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  const auto object = nlohmann::json::parse(line);
  EXPECT_EQ(object["level"], "warning");
  EXPECT_EQ(object["service"], "bellwether-test");
  EXPECT_EQ(object["message"], "a \"hole\"\n in T1");
  EXPECT_THAT(std::string(object["time"]), ::testing::MatchesRegex("....-..-..T..:..:......Z"));
}

TEST(LogTest, FieldsStandBesideTheMessage) {
  const LogFields fields = {{"trace_id", "abc"}, {"request_id", "x\"y"}, {"empty", ""}};
  const auto object = nlohmann::json::parse(LineOf(LogFormat::kJson, [&] { LogWarning("call", fields); }));
  EXPECT_EQ(object["message"], "call");
  EXPECT_EQ(object["trace_id"], "abc");
  EXPECT_EQ(object["request_id"], "x\"y");
  EXPECT_FALSE(object.contains("empty"));
  EXPECT_THAT(LineOf(LogFormat::kText, [&] { LogWarning("call", fields); }),
              ::testing::EndsWith("[warning] call trace_id=\"abc\" request_id=\"x\\\"y\"\n"));
}

// What came from outside must neither break a line nor forge a field.
TEST(LogTest, ForgedFieldsStayWords) {
  const std::string forged = "x\x1e{\"level\":\"info\"}\nsecond line";
  const std::string line = LineOf(LogFormat::kJson, [&] { LogWarning(forged, {{"method", "m"}}); });
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(nlohmann::json::parse(line)["level"], "warning");
  const std::string invalid = LineOf(LogFormat::kJson, [] { spdlog::info("\xff\xfe"); });
  EXPECT_TRUE(nlohmann::json::accept(invalid));
  const std::string text = LineOf(LogFormat::kText, [&] { spdlog::info("{}", "a\nb"); });
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

// Whoever knows how fields are passed on must not be able to write some.
TEST(LogTest, WhatAnyCodeLogsHoldsNoFields) {
  const std::string forged = "hello\x1e{\"level\":\"error\",\"service\":\"another\"}";
  const auto object = nlohmann::json::parse(LineOf(LogFormat::kJson, [&] { spdlog::info("grpc: {}", forged); }));
  EXPECT_EQ(object["level"], "info");
  EXPECT_EQ(object["service"], "bellwether-test");
  EXPECT_EQ(object["message"], "grpc: " + forged);
}

TEST(LogTest, ALimitLetsTenLinesASecondThrough) {
  LogLimit limit;
  int taken = 0;
  for (int i = 0; i < 1000; ++i) taken += limit.Take() ? 1 : 0;
  EXPECT_GE(taken, 10);
  EXPECT_LE(taken, 50) << "unless the thousand took seconds";
}

// A string that is not UTF-8: libprotobuf writes a line for each.
TEST(LogTest, ProtobufSaysNothingUnlessItIsAskedFor) {
  const auto parse_often = [] {
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(google::protobuf::Any().ParseFromString("\n\x02\xff\xff"));
  };
  EXPECT_EQ(LineOf(LogFormat::kJson,
                   [&] {
                     SetLogLevel("info");
                     parse_often();
                   }),
            "");
  const std::string lines = LineOf(LogFormat::kJson, parse_often);
  EXPECT_GE(std::count(lines.begin(), lines.end(), '\n'), 1);
  EXPECT_LE(std::count(lines.begin(), lines.end(), '\n'), 30);
  EXPECT_TRUE(nlohmann::json::accept(lines.substr(0, lines.find('\n')))) << lines;
}

TEST(LogTest, LevelChangesWhileItRuns) {
  EXPECT_EQ(LineOf(LogFormat::kText,
                   [] {
                     EXPECT_TRUE(SetLogLevel("error"));
                     spdlog::warn("not wanted");
                     EXPECT_FALSE(SetLogLevel("loud"));
                   }),
            "");
  EXPECT_EQ(LogLevelName(), "error");
  EXPECT_FALSE(LogsDebug());
}

}  // namespace
}  // namespace bellwether::telemetry
