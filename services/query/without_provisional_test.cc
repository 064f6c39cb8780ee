#include "services/query/without_provisional.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bellwether/testing/fake_clock.h"
#include "bellwether/testing/status_matchers.h"
#include "services/query/testing.h"
#include "services/query/view.h"

namespace bellwether::query {
namespace {

using bellwether::testing::IsOk;
using query::testing::Defines;
using query::testing::DefinitionOf;
using query::testing::kCouncil;
using query::testing::Reads;
using query::testing::RecordOf;
using query::testing::Says;
using query::testing::Withdraws;
using rating::testing::P;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const core::Date kToday(2022, 3, 20);

// A log of T1, and of what continues it, T2, and a view of it.
class WithoutProvisionalTest : public ::testing::Test {
 protected:
  WithoutProvisionalTest() { view_.Reset(2); }

  void Write(rating::Record record, const std::string& ref = "T1") { Apply(log_.Write(0, ref, std::move(record))); }
  void Apply(const codec::Update& update) { ASSERT_THAT(view_.Apply(RecordOf(update)), IsOk()); }

  IndicatorPtr Whole(const std::string& ref = "T1") { return view_.Find({kCouncil, ref}).indicator; }
  IndicatorPtr Seen(core::Date today = kToday, const std::string& owner = "", const std::string& ref = "T1") {
    Effort effort = Effort::Whole();
    absl::StatusOr<IndicatorPtr> seen = WithoutProvisional(Whole(ref), today, owner, &effort);
    EXPECT_THAT(seen.status(), IsOk());
    return *std::move(seen);
  }

  bellwether::testing::FakeClock clock_{kToday};
  testing::Log log_{2};
  View view_{ViewOptions{}, &clock_};
};

rating::Reading Provisional(const std::string& period, const std::string& figure, std::string id, char status = 'P',
                            const std::string& by = "") {
  rating::Reading reading = Reads(period, figure, std::move(id));
  reading.observation_status = status;
  reading.by.principal = core::Interned(by);
  return reading;
}

// All that answers are made of, in words.
std::vector<std::string> Words(const Indicator& indicator) {
  std::vector<std::string> words;
  for (size_t i = 0; i < indicator.occurrences.size(); ++i) {
    const Occurrence o = indicator.occurrences.At(i);
    words.push_back(absl::StrCat(o.offset, " ", absl::FormatTime(o.recorded_at), " ",
                                 std::string(rating::OutcomeWord(o.outcome)), " ", std::string(o.detail), " ",
                                 std::string(o.record)));
  }
  for (size_t i = 0; i < indicator.scores.size(); ++i) {
    const PublishedScore score = indicator.scores.At(i);
    v1::Score read;
    EXPECT_TRUE(read.ParseFromString(std::string(score.bytes)));
    words.push_back(score.period.ToString() + " " + codec::SerializeDeterministically(read));
  }
  for (const auto& [period, comment] : indicator.comments) words.push_back(period.ToString() + ": " + comment.text);
  return words;
}

std::vector<int64_t> Offsets(const Indicator& indicator) {
  std::vector<int64_t> offsets;
  for (size_t i = 0; i < indicator.occurrences.size(); ++i) offsets.push_back(indicator.occurrences.At(i).offset);
  return offsets;
}

std::vector<std::string> Comments(const Indicator& indicator) {
  std::vector<std::string> texts;
  for (const auto& [period, comment] : indicator.comments) texts.push_back(comment.text);
  return texts;
}

TEST_F(WithoutProvisionalTest, IsTheSameWhereNothingIs) {
  Write(Defines(DefinitionOf("T1")));
  Write(Reads("2022-02", "91"));
  EXPECT_EQ(Seen(), Whole());
  EXPECT_EQ(Seen(), Whole()) << "nor the second time";
}

TEST_F(WithoutProvisionalTest, LeavesOutWhatSaysSoAndWhatIsNotOver) {
  Write(Defines(DefinitionOf("T1")));
  for (const char status : {'P', 'E', 'F'}) {
    Write(Provisional(absl::StrCat("2021-0", status == 'P' ? 4 : status == 'E' ? 5 : 6), "91", "v1", status));
  }
  Write(Reads("2022-03", "91"));
  EXPECT_THAT(Offsets(*Seen()), ElementsAre(0));
  EXPECT_EQ(Seen()->scores.size(), 0U);
  EXPECT_THAT(Offsets(*Seen(core::Date(2022, 3, 31))), ElementsAre(0)) << "the month is not over on its last day";
  EXPECT_THAT(Offsets(*Seen(core::Date(2022, 4, 1))), ElementsAre(0, 4));
  EXPECT_THAT(Offsets(*Seen()), ElementsAre(0)) << "whatever is kept of another day";
}

TEST_F(WithoutProvisionalTest, WhatStoodBeforeStandsOn) {
  Write(Defines(DefinitionOf("T1")));
  Write(Reads("2022-02", "95", "v1"));
  Write(Says("2022-02", "of the first"));
  Write(Provisional("2022-02", "40", "v2"));
  rating::Comment comment = std::get<rating::Comment>(Says("2022-02", "of the second, 40"));
  comment.comment_id = "c2";
  Write(comment);
  const IndicatorPtr seen = Seen();
  EXPECT_THAT(Offsets(*seen), ElementsAre(0, 1, 2));
  EXPECT_THAT(Comments(*seen), ElementsAre("of the first"));
  v1::Score score;
  ASSERT_TRUE(score.ParseFromString(std::string(seen->scores.Find(P("2022-02"))->bytes)));
  EXPECT_EQ(score.current().status(), "green");
  // Once it is final, all that was said of it stands.
  Write(Reads("2022-02", "41", "v3"));
  EXPECT_THAT(Comments(*Seen()), ElementsAre("of the second, 40"));
  EXPECT_THAT(Offsets(*Seen()), ElementsAre(0, 1, 2, 4, 5));
}

TEST_F(WithoutProvisionalTest, AWithdrawalOfOneIsLeftOutWithIt) {
  Write(Defines(DefinitionOf("T1")));
  Write(Provisional("2022-02", "40", "v1"));
  Write(Says("2022-02", "of 40"));
  Write(Withdraws("2022-02", "v1"));
  EXPECT_THAT(Offsets(*Seen()), ElementsAre(0));
  EXPECT_THAT(Comments(*Seen()), IsEmpty());
}

TEST_F(WithoutProvisionalTest, WhoSentItSeesItOn) {
  Write(Defines(DefinitionOf("T1")));
  Write(Provisional("2022-01", "40", "v1", 'P', "feed"));
  Write(Provisional("2022-02", "41", "v1", 'P', "other"));
  EXPECT_THAT(Offsets(*Seen()), ElementsAre(0));
  EXPECT_THAT(Offsets(*Seen(kToday, "feed")), ElementsAre(0, 1));
  EXPECT_THAT(Offsets(*Seen(kToday, "other")), ElementsAre(0, 2));
}

TEST_F(WithoutProvisionalTest, NorAreThereAnyOfWhatItContinues) {
  Write(Defines(DefinitionOf("T1")));
  Write(Provisional("2021-12", "40", "v1"));
  rating::Definition next = DefinitionOf("T2", 2);
  next.predecessor = "T1";
  next.active_from = rating::testing::M("2022-01");
  Write(Defines(next), "T2");
  Write(Reads("2022-01", "91"), "T2");
  ASSERT_NE(Whole("T2")->predecessor, nullptr);
  const IndicatorPtr seen = Seen(kToday, "", "T2");
  EXPECT_THAT(Offsets(*seen), ElementsAre(2, 3));
  ASSERT_NE(seen->predecessor, nullptr);
  EXPECT_THAT(Offsets(*seen->predecessor), ElementsAre(0));
}

TEST_F(WithoutProvisionalTest, IsGivenUpWhereItTakesLong) {
  Write(Defines(DefinitionOf("T1")));
  for (int i = 0; i < 2'000; ++i) Write(Provisional("2022-02", "40", absl::StrCat("v", i)));
  Effort effort = Effort::Quick();
  EXPECT_EQ(WithoutProvisional(Whole(), kToday, "", &effort).status().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(effort.TooLong());
}

// Whatever comes, in whatever order: it is to the byte the view of a log in which they never were.
TEST_F(WithoutProvisionalTest, IsAsIfTheyHadNotCome) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 dice(seed);
    const auto below = [&dice](int most) { return static_cast<int>(dice() % static_cast<unsigned>(most)); };
    const auto month = [&] { return absl::StrCat("2022-0", 1 + below(3)); };
    // With its ids, of which some name a final reading as well as a provisional one.
    std::vector<rating::Record> records;
    for (int i = 0; i < 25; ++i) {
      const std::string id = absl::StrCat("v", below(8));
      const int what = below(10);
      if (what == 0 || (i == 0 && below(2) == 0)) {
        records.push_back(Defines(DefinitionOf("T1"), absl::StrCat("apply-", i)));
      } else if (what == 1) {
        records.push_back(Withdraws(month(), id));
      } else {
        rating::Reading reading = Reads(month(), absl::StrCat(60 + below(40)), id);
        if (below(2) == 0) reading.observation_status = "PEFN"[below(4)];
        std::string corrects = below(4) == 0 ? absl::StrCat("v", below(8)) : "";
        if (corrects != id) reading.seldom.Edit().corrects = std::move(corrects);
        records.push_back(reading);
      }
    }
    testing::Log whole(2);
    View view(ViewOptions{}, &clock_);
    view.Reset(2);
    for (const rating::Record& record : records)
      ASSERT_THAT(view.Apply(RecordOf(whole.Write(0, "T1", record))), IsOk());
    const IndicatorPtr of = view.Find({kCouncil, "T1"}).indicator;
    // Which of them were never there.
    std::vector<bool> gone(records.size());
    std::set<std::string> hidden;
    std::set<std::string> shown;
    const auto is_hidden = [&](const std::string& id) { return hidden.contains(id) && !shown.contains(id); };
    for (size_t i = 0; i < records.size(); ++i) {
      const auto* reading = std::get_if<rating::Reading>(&records[i]);
      if (reading == nullptr) continue;
      const bool conflict = of->occurrences.At(i).outcome == rating::Outcome::kConflict;
      gone[i] = IsProvisional(*reading, kToday) || (conflict && is_hidden(reading->reading_id));
      if (!gone[i]) shown.insert(reading->reading_id);
      if (IsProvisional(*reading, kToday)) hidden.insert(reading->reading_id);
    }
    testing::Log without(2);
    View expected(ViewOptions{}, &clock_);
    expected.Reset(2);
    for (size_t i = 0; i < records.size(); ++i) {
      const auto* withdrawal = std::get_if<rating::Withdrawal>(&records[i]);
      const bool dead = gone[i] || (withdrawal != nullptr && is_hidden(withdrawal->reading_id));
      ASSERT_THAT(expected.Apply(RecordOf(dead ? without.WriteDeadLetter(0) : without.Write(0, "T1", records[i]))),
                  IsOk());
    }
    Effort effort = Effort::Whole();
    const IndicatorPtr there = expected.Find({kCouncil, "T1"}).indicator;
    const absl::StatusOr<IndicatorPtr> seen = WithoutProvisional(of, kToday, "", &effort);
    ASSERT_THAT(seen.status(), IsOk());
    ASSERT_EQ(Words(**seen), there == nullptr ? std::vector<std::string>() : Words(*there)) << "seed " << seed;
    // What is worked out of it later comes to the same.
    const absl::StatusOr<LedgerPtr> ledger = LedgerOf(**seen, &effort);
    ASSERT_THAT(ledger.status(), IsOk());
    for (const auto& [period, slot] : (*ledger)->slots()) {
      ASSERT_TRUE(!slot.reading || !IsProvisional(*slot.reading, kToday)) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace bellwether::query
