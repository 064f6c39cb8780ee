#include "bellwether/codec/reasons.h"

#include <gmock/gmock.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bellwether/core/text.h"

namespace bellwether::codec {
namespace {

using ::testing::MatchesRegex;

const char* ClassWord(ErrorClass error_class) {
  switch (error_class) {
    case ErrorClass::kCaller:
      return "caller";
    case ErrorClass::kTryAgain:
      return "try again";
    case ErrorClass::kService:
      return "service";
  }
  return "";
}

std::string Row(const ReasonInfo& info) {
  return absl::StrCat("| `", core::ToAbsl(info.name), "` | ", ClassWord(info.error_class), " | ",
                      absl::StatusCodeToString(info.code), " | ", core::ToAbsl(info.sentence), " |");
}

TEST(ReasonsTest, StandInTheOrderOfTheirEnumeration) {
  int place = 0;
  for (const ReasonInfo& info : AllReasons()) EXPECT_EQ(static_cast<int>(info.reason), place++) << info.name;
  EXPECT_EQ(InfoOf(Reason::kInternal).name, "INTERNAL");
}

TEST(ReasonsTest, HaveNamesThatErrorInfoTakes) {
  std::set<std::string> names;
  for (const ReasonInfo& info : AllReasons()) {
    EXPECT_THAT(std::string(info.name), MatchesRegex("[A-Z][A-Z_]{1,61}[A-Z]"));
    EXPECT_TRUE(names.insert(std::string(info.name)).second) << info.name;
  }
}

TEST(ReasonsTest, AreTheListOfTheDocument) {
  std::ifstream document(BELLWETHER_SOURCE_DIR "/docs/error-reasons.md");
  ASSERT_TRUE(document) << "docs/error-reasons.md cannot be read";
  std::vector<std::string> rows;
  for (std::string line; std::getline(document, line);) {
    if (line.rfind("| `", 0) == 0) rows.push_back(line);
  }
  std::vector<std::string> expected;
  for (const ReasonInfo& info : AllReasons()) expected.push_back(Row(info));
  EXPECT_EQ(rows, expected);
}

}  // namespace
}  // namespace bellwether::codec
