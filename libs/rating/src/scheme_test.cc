#include "bellwether/rating/scheme.h"

#include <gmock/gmock.h>

#include "bellwether/rating/shared_schemes.h"
#include "libs/rating/testing/fixtures.h"

namespace bellwether::rating::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> PathsOf(const Scheme& scheme) {
  std::vector<std::string> paths;
  for (const SchemeFault& fault : FaultsOf(scheme)) {
    EXPECT_NE(fault.message, "");
    paths.push_back(fault.path);
  }
  return paths;
}

ShortfallBound Bound(ShortfallBound::Kind kind, std::string_view amount, bool exclusive = false) {
  return {kind, D(amount), exclusive};
}
constexpr auto kPercent = ShortfallBound::Kind::kRelativePercent;
constexpr auto kAbsolute = ShortfallBound::Kind::kAbsolute;

TEST(FaultsOf, FindsNoneInKeysThatAreUsed) {
  EXPECT_THAT(PathsOf(CouncilScheme()), IsEmpty());
  EXPECT_THAT(PathsOf(TrustScheme()), IsEmpty());
  EXPECT_THAT(PathsOf(StarScheme()), IsEmpty());
}

TEST(FaultsOf, WantsStatusesAndLines) { EXPECT_THAT(PathsOf(Scheme()), ElementsAre("statuses", "directions")); }

TEST(FaultsOf, WantsAStatusForEveryFigure) {
  Scheme scheme = CouncilScheme();
  scheme.statuses[2].any_of = {Bound(kPercent, "50")};
  EXPECT_THAT(PathsOf(scheme), ElementsAre("statuses"));
}

TEST(FaultsOf, FindsIdsUsedTwiceAndEmptyConditions) {
  Scheme scheme = CouncilScheme();
  scheme.statuses[1].id = "green";
  scheme.statuses[3].any_of.clear();
  EXPECT_THAT(PathsOf(scheme), ElementsAre("statuses[1].id", "statuses[3].any_of"));
}

TEST(FaultsOf, FindsStatesNamedTwiceOrNotToBeNamed) {
  Scheme scheme = CouncilScheme();
  scheme.statuses[4].any_of = {CellState::kMissing, CellState::kRated, CellState::kNotShown};
  EXPECT_THAT(PathsOf(scheme), ElementsAre("statuses[4].any_of[0]", "statuses[4].any_of[1]", "statuses[4].any_of[2]"));
}

struct OrderCase {
  std::string name;
  StatusCondition first;
  StatusCondition second;
  bool second_can_decide;
};
void PrintTo(const OrderCase& c, std::ostream* os) { *os << c.name; }
class OrderTest : public ::testing::TestWithParam<OrderCase> {};

TEST_P(OrderTest, TellsWhetherTheSecondCanDecide) {
  Scheme scheme = CouncilScheme();
  scheme.statuses[0].any_of = {GetParam().first};
  scheme.statuses[1].any_of = {GetParam().second};
  if (std::holds_alternative<Otherwise>(GetParam().first)) scheme.statuses[2].any_of = {CellState::kNotRated};
  if (GetParam().second_can_decide) {
    EXPECT_THAT(PathsOf(scheme), IsEmpty());
  } else {
    EXPECT_THAT(PathsOf(scheme), ElementsAre("statuses[1].any_of[0]"));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Bounds, OrderTest,
    ::testing::Values(OrderCase{"ToleranceAfterTarget", OnTarget(), WithinTolerance(), true},
                      OrderCase{"TargetAfterTolerance", WithinTolerance(), OnTarget(), false},
                      OrderCase{"TargetTwice", OnTarget(), OnTarget(), false},
                      OrderCase{"AfterOtherwise", Otherwise{}, OnTarget(), false},
                      OrderCase{"WiderPercent", Bound(kPercent, "5"), Bound(kPercent, "10"), true},
                      OrderCase{"NarrowerPercent", Bound(kPercent, "10"), Bound(kPercent, "5"), false},
                      OrderCase{"SamePercentWithItsEdge", Bound(kPercent, "5", true), Bound(kPercent, "5"), true},
                      OrderCase{"SamePercentWithoutItsEdge", Bound(kPercent, "5"), Bound(kPercent, "5", true), false},
                      OrderCase{"BetterThanTargetAfterIt", OnTarget(), Bound(kPercent, "-10"), false},
                      OrderCase{"TargetAfterBetter", Bound(kPercent, "-10"), OnTarget(), true},
                      OrderCase{"AbsoluteAfterPercentCannotBeTold", Bound(kPercent, "10"), Bound(kAbsolute, "1"), true},
                      OrderCase{"PercentToleratedAfterTolerance", WithinTolerance(), Bound(kPercent, "10"), true}),
    [](const auto& tpi) { return tpi.param.name; });

TEST(FaultsOf, FindsChangesWithoutALine) {
  Scheme scheme = CouncilScheme();
  scheme.directions.erase(scheme.directions.begin());  // Up, improved.
  EXPECT_THAT(PathsOf(scheme), ElementsAre("directions"));
  scheme = CouncilScheme();
  scheme.directions.erase(scheme.directions.begin() + 4);  // Up, declined: the line before asks for more.
  EXPECT_THAT(PathsOf(scheme), ElementsAre("directions"));
  scheme = CouncilScheme();
  scheme.directions.pop_back();  // Down, without polarity: the key speaks of such indicators.
  EXPECT_THAT(PathsOf(scheme), ElementsAre("directions"));
}

TEST(FaultsOf, FindsLinesThatNothingReaches) {
  Scheme scheme = TrustScheme();
  scheme.directions.push_back(scheme.directions[0]);
  EXPECT_THAT(PathsOf(scheme), ElementsAre("directions[3]"));
  scheme = TrustScheme();
  DirectionRule impossible;
  impossible.movements = {Movement::kSame};
  impossible.performances = {Performance::kImproved};
  scheme.directions.insert(scheme.directions.begin(), impossible);
  EXPECT_THAT(PathsOf(scheme), ElementsAre("directions[0]"));
}

TEST(StatusOfState, IsTheSchemesOrTheWord) {
  EXPECT_EQ(StatusOfState(TrustScheme(), CellState::kTracking), "no-rag");
  EXPECT_EQ(StatusOfState(TrustScheme(), CellState::kWithdrawn), "withdrawn");
  EXPECT_EQ(StatusOfState(CouncilScheme(), CellState::kMissing), "missing");
  EXPECT_EQ(StatusOfState(CouncilScheme(), CellState::kNotShown), "");
}

TEST(SharedSchemes, AreSharedOnlyWhereTheyAreEqual) {
  const auto made = [](const Scheme& scheme) {
    return std::make_shared<const Definition>(IndicatorOf(Polarity::kHigher, scheme));
  };
  Scheme changed = CouncilScheme();
  changed.statuses[0].label = "Verdant";
  SharedSchemes schemes;
  const auto first = schemes.Share(made(CouncilScheme()));
  const auto same = schemes.Share(made(CouncilScheme()));
  EXPECT_EQ(same->scheme, first->scheme);
  EXPECT_EQ(*same, *first);
  EXPECT_NE(schemes.Share(made(changed))->scheme, first->scheme);
  EXPECT_EQ(schemes.Share(made(changed))->scheme->statuses[0].label, "Verdant");
  EXPECT_NE(schemes.Share(made(TrustScheme()))->scheme, first->scheme);
}

}  // namespace
}  // namespace bellwether::rating::testing
