#include "bellwether/core/ids.h"

#include <gtest/gtest.h>

#include <string>

#include "bellwether/testing/status_matchers.h"

namespace bellwether::core {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using ::testing::Not;

TEST(IdsTest, ChecksCouncils) {
  EXPECT_THAT(CheckCouncil("E06000061"), IsOk());
  for (const char* code : {"", "E0600006", "E060000611", "e06000061", "X06000061", "E0600006A"}) {
    EXPECT_THAT(CheckCouncil(code), Not(IsOk())) << code;
  }
}

TEST(IdsTest, ChecksRefs) {
  for (const char* ref : {"T21a", "KPI-1", "a.b_c", "1"}) EXPECT_THAT(CheckRef(ref), IsOk()) << ref;
  EXPECT_THAT(CheckRef(std::string(32, 'a')), IsOk());
  EXPECT_THAT(CheckRef(std::string(33, 'a')), Not(IsOk()));
  for (const char* ref : {"", "T 1", "T/1", "é"}) EXPECT_THAT(CheckRef(ref), Not(IsOk())) << ref;
}

TEST(IdsTest, ChecksRecordIds) {
  EXPECT_THAT(CheckRecordId("feed 7/é"), IsOk());
  EXPECT_THAT(CheckRecordId(std::string(128, 'x')), IsOk());
  for (const std::string& id : {std::string(), std::string(129, 'x'), std::string("a\nb"), std::string("\xFF"),
                                std::string("a\0b", 3), std::string("a\u0085b")}) {
    EXPECT_THAT(CheckRecordId(id), Not(IsOk())) << id;
  }
}

TEST(IdsTest, CountsTheCharactersOfARecordIdNotItsBytes) {
  std::string id;
  for (int i = 0; i < 128; ++i) id += "é";
  EXPECT_THAT(CheckRecordId(id), IsOk());
  EXPECT_THAT(CheckRecordId(id + "é"), IsError(absl::StatusCode::kInvalidArgument, "1 to 128 characters"));
}

TEST(IdsTest, ChecksSlugs) {
  EXPECT_THAT(CheckSlug("no-rag", 6), IsOk());
  for (const char* id : {"", "no-rags", "No", "a_b", "a b", "é"}) EXPECT_THAT(CheckSlug(id, 6), Not(IsOk())) << id;
}

TEST(IdsTest, QuotesWhatItRefuses) {
  EXPECT_THAT(CheckRef("T\x1b[1m"), IsError(absl::StatusCode::kInvalidArgument, "\"T<U+001B>[1m\" is not a ref"));
}

TEST(IdsTest, ReadsKeys) {
  const absl::StatusOr<IndicatorKey> key = IndicatorKey::Parse("E06000061/T21a");
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->ToString(), "E06000061/T21a");
  for (const char* text : {"", "E06000061", "E06000061/", "/T1", "E06000061/T1/x"})
    EXPECT_THAT(IndicatorKey::Parse(text), Not(IsOk()));
}

}  // namespace
}  // namespace bellwether::core
