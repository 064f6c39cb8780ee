#include "services/query/without_provisional.h"

#include <gmock/gmock.h>

#include <optional>
#include <random>
#include <string>
#include <utility>
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

template <typename Record>
Record By(const std::string& principal, Record record) {
  record.by.principal = core::Interned(principal);
  return record;
}

rating::Withdrawal WithdrawalOf(const std::string& period, std::string reading_id, std::string withdrawal_id) {
  auto withdrawal = std::get<rating::Withdrawal>(Withdraws(period, std::move(reading_id)));
  withdrawal.withdrawal_id = std::move(withdrawal_id);
  return withdrawal;
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

std::string FigureOf(const Indicator& indicator, const std::string& period) {
  v1::Score score;
  EXPECT_TRUE(score.ParseFromString(std::string(indicator.scores.Find(P(period))->bytes)));
  return score.current().value().value();
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

TEST_F(WithoutProvisionalTest, WhatIsPublicStaysSoWhenOneComes) {
  Write(Defines(DefinitionOf("T1")));
  Write(Provisional("2022-02", "80", "k1", 'E'));
  Write(Reads("2022-02", "90", "k2"));
  Write(Says("2022-02", "of 90"));
  EXPECT_THAT(Comments(*Seen()), ElementsAre("of 90"));
  Write(Provisional("2022-02", "4711", "k4", 'E'));
  EXPECT_THAT(Comments(*Seen()), ElementsAre("of 90"));
  rating::Comment comment = std::get<rating::Comment>(Says("2022-02", "of 4711"));
  comment.comment_id = "c2";
  Write(comment);
  EXPECT_THAT(Comments(*Seen()), ElementsAre("of 90"));
}

// The last record that is seen is the same, and what is left out before it is not.
TEST_F(WithoutProvisionalTest, WhatIsKeptOfItIsOfWhatIsSeen) {
  Write(Defines(DefinitionOf("T1")));
  Write(Reads("2022-02", "90", "k2"));
  Write(Provisional("2022-02", "80", "k2", 'E'));  // A conflict.
  Write(Says("2022-02", "of 80"));
  Write(Reads("2022-01", "91"));
  const auto comments = [&] {
    Effort effort = Effort::Whole();
    const absl::StatusOr<LedgerPtr> ledger = LedgerOf(*Seen(), &effort);
    EXPECT_THAT(ledger.status(), IsOk());
    return (*ledger)->comments().size();
  };
  EXPECT_EQ(comments(), 1U);
  Write(Provisional("2022-02", "81", "k3", 'E'));
  EXPECT_THAT(Offsets(*Seen()), ElementsAre(0, 1, 4));
  EXPECT_EQ(comments(), 0U);
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

// Ids are each principal's own: of two who use the same one only one is hidden.
TEST_F(WithoutProvisionalTest, WhatWasRefusedForAHiddenIdTakesNoForce) {
  Write(Defines(DefinitionOf("T1")));
  Write(By("b", Reads("2022-01", "60", "x")));
  Write(Provisional("2022-01", "5", "x", 'E', "a"));
  Write(By("a", Reads("2022-01", "4711", "x")));
  EXPECT_THAT(Offsets(*Seen()), ElementsAre(0, 1));
  EXPECT_EQ(FigureOf(*Seen(), "2022-01"), "60");
  EXPECT_THAT(Offsets(*Seen(kToday, "a")), ElementsAre(0, 1, 2, 3)) << "it is a's own";
  EXPECT_EQ(FigureOf(*Seen(kToday, "a"), "2022-01"), "5");
}

TEST_F(WithoutProvisionalTest, AWithdrawalOfOneIsLeftOutThoughAnotherHasItsId) {
  Write(Defines(DefinitionOf("T1")));
  Write(By("b", Reads("2022-01", "60", "y")));
  Write(Provisional("2022-02", "4712", "y", 'E', "a"));
  Write(By("a", WithdrawalOf("2022-02", "y", "w1")));
  rating::Withdrawal of_all = WithdrawalOf("2022-02", "y", "w2");
  of_all.by.for_all = true;
  Write(By("c", of_all));
  EXPECT_THAT(Offsets(*Seen()), ElementsAre(0, 1));
  of_all.period = P("2022-01");
  of_all.withdrawal_id = "w3";
  Write(By("c", of_all));
  EXPECT_THAT(Offsets(*Seen()), ElementsAre(0, 1, 5)) << "that one means b's";
}

TEST_F(WithoutProvisionalTest, NorDoesWhatWasRefusedForTheIdOfAWithdrawalOrComment) {
  Write(Defines(DefinitionOf("T1")));
  Write(Reads("2022-01", "60", "x"));
  Write(Says("2022-01", "of 60"));
  Write(Provisional("2022-02", "4712", "y"));
  Write(WithdrawalOf("2022-02", "y", "w"));
  Write(WithdrawalOf("2022-01", "x", "w"));
  rating::Comment comment = std::get<rating::Comment>(Says("2022-02", "of 4712"));
  Write(comment);
  comment.period = P("2022-01");
  Write(comment);
  EXPECT_THAT(Offsets(*Seen()), ElementsAre(0, 1, 2));
  EXPECT_EQ(FigureOf(*Seen(), "2022-01"), "60");
  EXPECT_THAT(Comments(*Seen()), ElementsAre("of 60"));
}

// Whatever comes of two principals, and of nobody, in whatever order: it is to the byte the view of a log in which they
// never were.
TEST_F(WithoutProvisionalTest, IsAsIfTheyHadNotCome) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    std::mt19937 dice(seed);
    const auto below = [&dice](int most) { return static_cast<int>(dice() % static_cast<unsigned>(most)); };
    const auto month = [&] { return absl::StrCat("2022-0", 1 + below(3)); };
    const auto who = [&] { return std::vector<std::string>{"a", "b", "a", "b", ""}[static_cast<size_t>(below(5))]; };
    // With its ids, of which some name a final reading as well as a provisional one.
    std::vector<rating::Record> records;
    for (int i = 0; i < 25; ++i) {
      const std::string id = absl::StrCat("v", below(6));
      const int what = below(10);
      if (what == 0 || (i == 0 && below(2) == 0)) {
        records.push_back(Defines(DefinitionOf("T1"), absl::StrCat("apply-", i)));
      } else if (what <= 2) {
        rating::Withdrawal withdrawal = WithdrawalOf(month(), id, absl::StrCat("w", below(5)));
        withdrawal.by.for_all = below(3) == 0;
        records.push_back(By(who(), withdrawal));
      } else {
        rating::Reading reading = Reads(month(), absl::StrCat(60 + below(40)), id);
        if (below(2) == 0) reading.observation_status = "PEFN"[below(4)];
        std::string corrects = below(4) == 0 ? absl::StrCat("v", below(6)) : "";
        if (corrects != id) reading.seldom.Edit().corrects = std::move(corrects);
        reading.by.for_all = below(4) == 0;
        records.push_back(By(who(), reading));
      }
    }
    testing::Log whole(2);
    View view(ViewOptions{}, &clock_);
    view.Reset(2);
    for (const rating::Record& record : records)
      ASSERT_THAT(view.Apply(RecordOf(whole.Write(0, "T1", record))), IsOk());
    const IndicatorPtr of = view.Find({kCouncil, "T1"}).indicator;
    const auto is_conflict = [](const Indicator& indicator, size_t i) {
      return indicator.occurrences.At(i).outcome == rating::Outcome::kConflict;
    };
    // Which of them were never there: first the readings, then what withdraws them.
    std::vector<bool> gone(records.size());
    using Id = std::pair<std::string, core::Interned>;
    const auto first_is_gone = [&](size_t at, const auto& id_of) {
      for (size_t i = 0; i < at; ++i) {
        if (id_of(records[i]) == id_of(records[at]) && of->occurrences.At(i).outcome != rating::Outcome::kRepeat)
          return static_cast<bool>(gone[i]);
      }
      return false;
    };
    const auto reading_id = [](const rating::Record& record) {
      const auto* reading = std::get_if<rating::Reading>(&record);
      return reading == nullptr ? std::nullopt : std::optional<Id>({reading->reading_id, reading->by.principal});
    };
    const auto withdrawal_id = [](const rating::Record& record) {
      const auto* withdrawal = std::get_if<rating::Withdrawal>(&record);
      return withdrawal == nullptr ? std::nullopt
                                   : std::optional<Id>({withdrawal->withdrawal_id, withdrawal->by.principal});
    };
    for (size_t i = 0; i < records.size(); ++i) {
      const auto* reading = std::get_if<rating::Reading>(&records[i]);
      if (reading == nullptr) continue;
      gone[i] = IsProvisional(*reading, kToday) || (is_conflict(*of, i) && first_is_gone(i, reading_id));
    }
    for (size_t i = 0; i < records.size(); ++i) {
      const auto* withdrawal = std::get_if<rating::Withdrawal>(&records[i]);
      if (withdrawal == nullptr) continue;
      bool means_hidden = false;
      bool means_shown = false;
      for (size_t k = 0; k < records.size(); ++k) {
        const auto* reading = std::get_if<rating::Reading>(&records[k]);
        if (reading == nullptr || reading->reading_id != withdrawal->reading_id) continue;
        if (!withdrawal->by.MayTouch(reading->by)) continue;
        if (IsProvisional(*reading, kToday)) means_hidden = true;
        const bool first = !is_conflict(*of, k) && of->occurrences.At(k).outcome != rating::Outcome::kRepeat;
        if (!gone[k] && first && reading->period == withdrawal->period) means_shown = true;
      }
      gone[i] = (means_hidden && !means_shown) || (is_conflict(*of, i) && first_is_gone(i, withdrawal_id));
    }
    testing::Log without(2);
    View expected(ViewOptions{}, &clock_);
    expected.Reset(2);
    for (size_t i = 0; i < records.size(); ++i) {
      ASSERT_THAT(expected.Apply(RecordOf(gone[i] ? without.WriteDeadLetter(0) : without.Write(0, "T1", records[i]))),
                  IsOk());
    }
    Effort effort = Effort::Whole();
    const IndicatorPtr there = expected.Find({kCouncil, "T1"}).indicator;
    const absl::StatusOr<IndicatorPtr> seen = WithoutProvisional(of, kToday, "", &effort);
    ASSERT_THAT(seen.status(), IsOk());
    ASSERT_EQ(Words(**seen), there == nullptr ? std::vector<std::string>() : Words(*there)) << "seed " << seed;
    // Nothing that was refused takes force in their absence.
    for (size_t i = 0; i < (*seen)->occurrences.size(); ++i) {
      const size_t place = of->occurrences.Find((*seen)->occurrences.At(i).offset);
      ASSERT_TRUE(!is_conflict(*of, place) || is_conflict(**seen, i)) << "seed " << seed << " record " << place;
    }
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
