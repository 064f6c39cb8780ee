// The published arrows of the February 2022 report, row by row, under the keys as written.
#include <gmock/gmock.h>

#include "libs/rating/testing/fixtures.h"

namespace bellwether::rating::testing {
namespace {

struct Row {
  const char* ref;
  const char* polarity;
  const char* previous;
  const char* current;
  const char* target;  // "-": none.
  const char* arrow;   // By the key; of rows without polarity the key's hollow arrow.
};

constexpr Row kRows[] = {
    {"T11", "higher", "88.10", "85.71", "85", "↓"},
    {"T12", "higher", "100.00", "100.00", "85", "→"},
    {"T13", "higher", "70.00", "93.33", "90", "↑G"},
    {"T14", "higher", "95.06", "97.25", "95", "↑G"},
    {"T15", "higher", "93.1", "94.94", "96", "↓"},
    {"T16", "higher", "87.03", "91.89", "96", "↑G"},
    {"T17", "lower", "20.65", "20.55", "21", "↓G"},
    {"T18", "lower", "5.83", "1.52", "9", "↓G"},
    {"T21a", "higher", "87.53", "87.78", "90", "↑G"},
    {"T21b", "none", "34008", "31558", "-", "⇩"},
    {"T22", "lower", "113", "124", "-", "↑R"},
    {"T23", "lower", "8", "8", "-", "→"},
    {"T1", "higher", "100", "100", "90", "→"},
    {"T2", "higher", "85.71", "93.94", "85", "↑G"},
    {"T3", "higher", "85.29", "94.00", "88", "↑G"},
    {"T4", "higher", "93.01", "93.95", "95", "↑G"},
    {"T5", "none", "13", "13", "-", "⇨"},
    {"T6", "none", "23", "86", "-", "⇧"},
    {"T54", "none", "1504", "1732", "-", "⇧"},
    {"T55", "none", "622", "714", "-", "⇧"},
    {"T56", "higher", "100", "100", "95..97", "→"},
    {"T58", "lower", "3.6", "3.7", "-", "↑"},
    {"T60a", "none", "3295.72", "2583.89", "-", "⇩"},
    {"T60b", "none", "332", "285.02", "-", "⇩"},
    {"T60c", "none", "496.88", "466.38", "-", "⇩"},
    {"T65", "none", "92.60", "94.70", "-", "⇧"},
    {"T66", "higher", "34.30", "35.86", "-", "↑G"},
    {"T44", "higher", "75.7", "75.7", "88", "→"},
    {"T45", "higher", "80", "75", "65", "↓"},
    {"T46", "none", "661", "679", "-", "⇧"},
    {"T47", "lower", "6", "5", "-", "↓G"},
    {"T48", "lower", "9", "9", "-", "→"},
    {"T24", "higher", "98", "91", "85", "↓A"},
    {"T25", "lower", "35", "37", "29", "↓A"},
    {"T26", "higher", "97", "97", "85", "→"},
    {"T27", "lower", "39", "37", "35", "↑G"},
    {"T28", "higher", "73", "95", "81", "↑G"},
    {"T29", "lower", "33", "43", "20", "↓A"},
    {"T30", "higher", "73", "72", "66", "↓A"},
    {"T31", "lower", "12.7", "12.9", "10", "↓A"},
    {"T32", "higher", "73", "73", "55", "→"},
    {"T33", "higher", "95", "94", "90", "↓A"},
    {"T34", "lower", "15.8", "15.7", "12", "↑G"},
    {"T35", "lower", "18", "18", "18", "→"},
    {"T36", "higher", "50", "0", "50", "↓A"},
    {"T37", "lower", "51", "45", "30", "↑G"},
    {"T38", "lower", "19.7", "20.2", "20", "↓A"},
    {"T39", "lower", "17.9", "17.0", "18", "↑G"},
    {"T7a", "none", "12", "14", "-", "⇧"},
    {"T7b", "none", "22", "20", "-", "⇩"},
    {"T8", "lower", "10", "8", "9", "↓G"},
    {"T10", "none", "98", "61", "-", "⇩"},
    {"T67", "lower", "5531", "5469", "-", "↓G"},
    {"T68", "lower", "105", "123", "-", "↑R"},
    {"T69", "higher", "39", "38", "-", "↓"},
    {"T70", "lower", "238", "266", "-", "↑R"},
    {"T71", "none", "65", "64", "-", "⇩"},
    {"T72", "lower", "1879", "1945", "-", "↑"},
    {"T73", "lower", "396", "429", "-", "↑R"},
    {"T74", "none", "527.38", "573.11", "-", "⇧"},
    {"T75", "higher", "59.2", "60.4", "-", "↑G"},
    {"T76", "higher", "59.7", "68", "60", "↑G"},
    {"T77", "higher", "97.70", "98.20", "90", "↑G"},
    {"T79", "higher", "1.42", "1.03", "8.4", "↓R"},
    {"T80", "higher", "0.69", "0.74", "5", "↑G"},
    {"T93", "higher", "54.6", "50.90", "55", "↓R"},
    {"T94", "higher", "98.6", "98.20", "90", "↓"},
};

Polarity PolarityOf(std::string_view word) {
  return word == "higher" ? Polarity::kHigher : word == "lower" ? Polarity::kLower : Polarity::kNone;
}

bool IsTrust(std::string_view ref) {
  const int number = std::atoi(std::string(ref.substr(1)).c_str());
  return number >= 24 && number <= 39;
}

Definition DefinitionOf(const Row& row) {
  Definition definition = IndicatorOf(PolarityOf(row.polarity), IsTrust(row.ref) ? TrustScheme() : CouncilScheme());
  const std::string_view target = row.target;
  if (target == "95..97") {
    definition.targets = {RangeTarget("95", "97")};
  } else if (std::string_view(row.ref) == "T15" || std::string_view(row.ref) == "T16") {
    definition.direction_basis = DirectionBasis::kAttainment;
    Target profile;
    profile.kind = Profile{{{M("2022-01"), D("94")}, {M("2022-02"), D("96")}}};
    definition.targets = {profile};
  } else if (target != "-") {
    definition.targets = {ValueTarget(target)};
  }
  return definition;
}

TEST(PublishedArrows, FollowTheKeysAsWritten) {
  int rows = 0;
  for (const Row& row : kRows) {
    Slots slots;
    Put(slots, "2022-01", row.previous);
    Put(slots, "2022-02", row.current);
    EXPECT_EQ(EvaluateAt(DefinitionOf(row), slots, "2022-02").head.arrow, row.arrow) << row.ref;
    ++rows;
  }
  EXPECT_EQ(rows, 67);
}

}  // namespace
}  // namespace bellwether::rating::testing
