#include "services/query/derived.h"

#include <gtest/gtest.h>

#include <string>

namespace bellwether::query {
namespace {

using Texts = Derived<std::string>;

MadeOf Of(int64_t offset, int day = 1) { return {{1, 0, offset}, core::Date(2022, 3, day)}; }
Texts::Pointer Text(const char* text) { return std::make_shared<const std::string>(text); }

TEST(DerivedTest, IsGoodExactlyAsLongAsWhatItWasMadeOf) {
  Texts texts(100);
  EXPECT_EQ(texts.Find("a", Of(1)), nullptr);
  texts.Keep("a", Of(1), Text("of 1"), 1);
  EXPECT_EQ(*texts.Find("a", Of(1)), "of 1");
  EXPECT_EQ(texts.Find("b", Of(1)), nullptr);
  EXPECT_EQ(texts.Find("a", Of(2)), nullptr) << "a record has come";
  EXPECT_EQ(*texts.Newest("a"), "of 1") << "and what it does not touch can be taken over";
  EXPECT_EQ(texts.Newest("b"), nullptr);
  EXPECT_EQ(texts.Find("a", Of(1, 2)), nullptr) << "another day";
  MadeOf of_another_log = Of(1);
  of_another_log.state.generation = 2;
  EXPECT_EQ(texts.Find("a", of_another_log), nullptr);
  texts.Keep("a", Of(2), Text("of 2"), 1);
  EXPECT_EQ(*texts.Find("a", Of(2)), "of 2");
  EXPECT_EQ(texts.Find("a", Of(1)), nullptr) << "it took its place";
}

TEST(DerivedTest, WhatIsTakenIsNotKept) {
  Texts texts(100);
  texts.Keep("a", Of(1), Text("of 1"), 1);
  EXPECT_EQ(texts.Take("a", Of(2)), nullptr);
  texts.Keep("a", Of(1), Text("of 1"), 1);
  const Texts::Pointer taken = texts.Take("a", Of(1));
  EXPECT_EQ(*taken, "of 1");
  EXPECT_TRUE(IsAlone(taken));
  EXPECT_EQ(texts.Find("a", Of(1)), nullptr);
}

TEST(DerivedTest, WhatNobodyAskedForLongestGoesFirst) {
  Texts texts(100);
  for (int i = 0; i < 1'000; ++i) {
    texts.Keep(std::to_string(i), Of(i), Text("text"), 10);
    if (i > 0) {
      ASSERT_NE(texts.Find("0", Of(0)), nullptr) << "asked for all the time, after " << i;
    }
  }
  EXPECT_EQ(texts.Find("500", Of(500)), nullptr);
  EXPECT_NE(texts.Find("999", Of(999)), nullptr);
  int kept = 0;
  for (int i = 0; i < 1'000; ++i) kept += texts.Find(std::to_string(i), Of(i)) != nullptr;
  EXPECT_EQ(kept, 10) << "and no room is left unused";
}

// What is made again and again, of one council, does not push the others out.
TEST(DerivedTest, OneNameHasOnePlace) {
  Texts texts(100);
  texts.Keep("other", Of(0), Text("text"), 10);
  for (int i = 0; i < 1'000; ++i) texts.Keep("a", Of(i), Text("text"), 10);
  EXPECT_NE(texts.Find("other", Of(0)), nullptr);
}

}  // namespace
}  // namespace bellwether::query
