#include "bellwether/yaml/message.h"

#include <gmock/gmock.h>

#include "bellwether/testing/status_matchers.h"
#include "bellwether/v1/definition.pb.h"

namespace bellwether::yaml {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;
constexpr auto kRefused = absl::StatusCode::kInvalidArgument;

TEST(YamlMessageTest, ReadsACatalogue) {
  v1::Catalogue catalogue;
  YamlPlaces places;
  ASSERT_THAT(YamlToMessage("council: E06000061\n"
                            "indicators:\n"
                            "  - ref: T21a\n"
                            "    alternate_refs: [KPI 1]\n"
                            "    polarity: close-to\n"
                            "    decimal_places: 2\n"
                            "    targets:\n"
                            "      - {effective_from: 2021-04, value: 90.0, cells: [current, year-to-date]}\n"
                            "      - tracking: true\n",
                            &catalogue, &places),
              IsOk());
  const v1::IndicatorDefinition& d = catalogue.indicators(0);
  EXPECT_EQ(d.polarity(), v1::POLARITY_CLOSE_TO);
  EXPECT_EQ(d.targets(0).value().value(), "90.0") << "precision is kept";
  EXPECT_EQ(d.targets(0).effective_from(), "2021-04");
  EXPECT_EQ(d.targets(0).cells(1), v1::CELL_KIND_YEAR_TO_DATE);
  EXPECT_TRUE(d.targets(1).tracking());
  EXPECT_EQ(places.at("indicators[0].polarity"), "line 5, column 15");
}

TEST(YamlMessageTest, SaysEverythingThatIsWrongWithItsPlace) {
  v1::Catalogue catalogue;
  const absl::Status s = YamlToMessage(
      "council: [E06000061]\n"
      "indicators:\n"
      "  - reff: T1\n"
      "    polarity: sideways\n"
      "    unit: percent\n"
      "    unit: days\n"
      "    decimal_places: two\n"
      "    targets: {value: 1}\n"
      "  - targets: [{value: 1, tracking: true}]\n",
      &catalogue, nullptr);
  for (const char* words :
       {"line 1, column 10: council must be a single value", "line 3, column 5: indicators[0] has no \"reff\"",
        "line 4, column 15: indicators[0].polarity is \"sideways\", which is none of higher, lower, none, close-to",
        "line 6, column 5: indicators[0] has \"unit\" twice",
        "line 7, column 21: indicators[0].decimal_places must be a whole number",
        "line 8, column 14: indicators[0].targets must be a list",
        "line 9, column 26: indicators[1].targets[0] has \"tracking\" beside another"}) {
    EXPECT_THAT(s, IsError(kRefused, words));
  }
}

TEST(YamlMessageTest, SaysWhatWasMeant) {
  v1::Catalogue catalogue;
  const absl::Status s = YamlToMessage(
      "indicators:\n  - target: 90\n    targets: [{value: 1, tolerance: 5}]\n    polarity: POLARITY_LOWER\n",
      &catalogue, nullptr);
  EXPECT_THAT(s, IsError(kRefused, "line 2, column 5: indicators[0] has no \"target\"; did you mean targets?"));
  EXPECT_THAT(s, IsError(kRefused, "tolerance must be a map of names and values, of shortfall, low, high, exclusive"));
  EXPECT_EQ(catalogue.indicators(0).polarity(), v1::POLARITY_LOWER);  // As the services' errors say it.
  EXPECT_THAT(YamlToMessage("a: % of calls", &catalogue, nullptr), IsError(kRefused, "wants quotes, \"% of calls\""));
  EXPECT_THAT(YamlToMessage("a: Calls: answered", &catalogue, nullptr),
              IsError(kRefused, "wants quotes, \"Calls: answered\""));
}

TEST(YamlMessageTest, RefusesWhatIsNoYaml) {
  v1::Catalogue catalogue;
  EXPECT_THAT(YamlToMessage("a: [1", &catalogue, nullptr), IsError(kRefused, "line "));
  EXPECT_THAT(YamlToMessage("", &catalogue, nullptr), IsError(kRefused, "empty"));
  EXPECT_THAT(YamlToMessage("just words", &catalogue, nullptr), IsError(kRefused, "must be a map"));
}

TEST(YamlMessageTest, WritesWhatItReads) {
  v1::Catalogue catalogue;
  ASSERT_THAT(
      YamlToMessage(
          "council: E06000061\nindicators: [{ref: T1, notes: [\"two\\nlines: yes\"], targets: [{value: \"1.50\"}]}]\n",
          &catalogue, nullptr),
      IsOk());
  v1::Catalogue again;
  ASSERT_THAT(YamlToMessage(MessageToYaml(catalogue), &again, nullptr), IsOk());
  EXPECT_EQ(again.SerializeAsString(), catalogue.SerializeAsString());
}

TEST(YamlMessageTest, AliasesMakeNoMoreOfAFileThanARequestHolds) {
  std::string laughs = "council: E06000061\n";
  laughs += "indicators:\n  - &a {ref: T1, notes: [";
  for (int i = 0; i < 10'000; ++i) laughs += "x,";
  laughs += "]}\n";
  for (int i = 0; i < 20'000; ++i) laughs += "  - *a\n";
  v1::Catalogue catalogue;
  YamlPlaces places;
  EXPECT_THAT(YamlToMessage(laughs, &catalogue, &places), IsError(kRefused, "makes more than 500000 values"));
  catalogue.Clear();
  std::string large =
      "council: E06000061\nindicators:\n  - &a {ref: T1, description: " + std::string(100'000, 'x') + "}\n";
  for (int i = 0; i < 10'000; ++i) large += "  - *a\n";
  EXPECT_THAT(YamlToMessage(large, &catalogue, &places), IsError(kRefused, "16 MiB"));
  EXPECT_LT(catalogue.ByteSizeLong(), 20U << 20);
}

TEST(YamlMessageTest, AliasesOfWhatIsWrongAreToldInAHundredLines) {
  std::string text = "council: E06000061\nindicators:\n  - &a {";
  for (int i = 0; i < 1'000; ++i) text += "wrong" + std::to_string(i) + ": x,";
  text += "}\n";
  for (int i = 0; i < 20'000; ++i) text += "  - *a\n";
  v1::Catalogue catalogue;
  const absl::Status status = YamlToMessage(text, &catalogue, nullptr);
  EXPECT_THAT(status, IsError(kRefused, "more like these"));
  EXPECT_LT(status.message().size(), 200'000U);
}

TEST(YamlMessageTest, ErrorsSteerNoTerminal) {
  v1::Catalogue catalogue;
  const absl::Status s = YamlToMessage(
      "\"a\\e[2J\": 1\nindicators: [{polarity: \"up\\u202E\\nline 9: all is well\"}]\n", &catalogue, nullptr);
  EXPECT_THAT(s, IsError(kRefused, "has no \"a<U+001B>[2J\""));
  EXPECT_THAT(s, IsError(kRefused, "is \"up<U+202E><U+000A>line 9: all is well\", which is none of"));
}

TEST(YamlMessageTest, AFileThatHoldsItselfIsRefused) {
  v1::Catalogue catalogue;
  EXPECT_FALSE(YamlToMessage("&a {indicators: [*a], council: *a}", &catalogue, nullptr).ok());
  EXPECT_FALSE(YamlToMessage("indicators: &a [{targets: *a}]", &catalogue, nullptr).ok());
}

}  // namespace
}  // namespace bellwether::yaml
