#include "services/query/indicator.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "libs/rating/testing/fixtures.h"

namespace bellwether::query {
namespace {

using rating::testing::P;
using ::testing::ElementsAre;

std::vector<std::string> Strings(const PackedList& list) {
  std::vector<std::string> strings;
  for (size_t i = 0; i < list.size(); ++i) strings.emplace_back(list.At(i));
  return strings;
}

// Whatever is done to it, and to a copy that is kept from some moment on.
TEST(PackedListTest, IsAsAVectorOfStrings) {
  EXPECT_TRUE(rc::check("a packed list is as a vector of strings", [] {
    PackedList list;
    PackedList copy;
    std::vector<std::string> model;
    std::vector<std::string> model_of_copy;
    const int steps = *rc::gen::inRange(0, 80);
    for (int i = 0; i < steps; ++i) {
      const std::string entry(static_cast<size_t>(*rc::gen::inRange(0, 300)), static_cast<char>('a' + i % 26));
      const auto index = static_cast<size_t>(*rc::gen::inRange(0, static_cast<int>(model.size()) + 1));
      const int what = *rc::gen::inRange(0, 8);
      if (what < 4) {
        list.Append(entry);
        model.push_back(entry);
      } else if (what < 6 && index < model.size()) {
        list.Replace(index, entry);
        model[index] = entry;
      } else if (what == 6) {
        list.Insert(index, entry);
        model.insert(model.begin() + static_cast<std::ptrdiff_t>(index), entry);
      } else {
        copy = list;
        model_of_copy = model;
      }
    }
    RC_ASSERT(list.size() == model.size());
    RC_ASSERT(Strings(list) == model);
    RC_ASSERT(Strings(copy) == model_of_copy);
    for (size_t i = 0; i < model.size(); ++i) RC_ASSERT(list.At(i) == model[i]);
  }));
}

TEST(OccurrencesTest, AreFoundByOffsetAndSettled) {
  Occurrences occurrences;
  for (const int64_t offset : {3, 7, 300, 70'000}) {
    occurrences.Append({offset, absl::UnixEpoch() + absl::Milliseconds(offset), rating::Outcome::kHeld, "record", ""});
  }
  EXPECT_EQ(occurrences.Find(300), 2u);
  EXPECT_EQ(occurrences.Find(8), 4u);
  EXPECT_EQ(occurrences.Find(70'001), 4u);
  const Occurrences before = occurrences;
  occurrences.Settle(300, rating::Outcome::kConflict, "no period of its own");
  occurrences.Settle(301, rating::Outcome::kFirst, "there is none");
  EXPECT_EQ(occurrences.At(2).outcome, rating::Outcome::kConflict);
  EXPECT_EQ(occurrences.At(2).detail, "no period of its own");
  EXPECT_EQ(occurrences.At(2).record, "record");
  EXPECT_EQ(occurrences.At(2).recorded_at, absl::UnixEpoch() + absl::Milliseconds(300));
  EXPECT_EQ(occurrences.At(3).outcome, rating::Outcome::kHeld);
  EXPECT_EQ(before.At(2).outcome, rating::Outcome::kHeld);
}

TEST(OccurrencesTest, TimesOfNoCalendarAreKept) {
  Occurrences occurrences;
  occurrences.Append({0, absl::InfinitePast(), rating::Outcome::kHeld, "", "detail"});
  EXPECT_EQ(occurrences.At(0).recorded_at, absl::InfinitePast());
  EXPECT_EQ(occurrences.At(0).detail, "detail");
}

std::vector<std::string> Words(const Scores& scores) {
  std::vector<std::string> words;
  for (size_t i = 0; i < scores.size(); ++i) {
    words.push_back(scores.At(i).period.ToString() + " " + std::string(scores.At(i).bytes));
  }
  return words;
}

TEST(ScoresTest, StandByPeriodEachOnce) {
  Scores scores;
  scores.Publish({P("2022-02"), "b"});
  scores.Publish({P("2022-03"), "c"});
  scores.Publish({P("2022-01"), "a"});
  scores.Publish({P("2022-02"), "B"});
  EXPECT_THAT(Words(scores), ElementsAre("2022-01 a", "2022-02 B", "2022-03 c"));
  EXPECT_EQ(scores.Find(P("2022-02"))->bytes, "B");
  EXPECT_FALSE(scores.Find(P("2022-04")));
  EXPECT_FALSE(scores.Find(P("2021-12")));
  scores.DropUnless([](const core::Period& period) { return period != P("2022-02"); });
  EXPECT_THAT(Words(scores), ElementsAre("2022-01 a", "2022-03 c"));
}

}  // namespace
}  // namespace bellwether::query
