#include "services/cli/yaml_message.h"

#include <gmock/gmock.h>

#include "bellwether/testing/status_matchers.h"
#include "bellwether/v1/definition.pb.h"

namespace bellwether::cli {
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

}  // namespace
}  // namespace bellwether::cli
