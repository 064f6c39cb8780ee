#include "bellwether/rating/reading.h"

#include <gmock/gmock.h>

#include "libs/rating/testing/fixtures.h"

namespace bellwether::rating::testing {
namespace {

Reading ReadingOf(std::string_view figures) { return *SlotOf("2022-02", Figures(figures)).reading; }

TEST(SameContent, IsEverythingButTheSource) {
  const Reading a = ReadingOf("98.0");
  Reading b = a;
  b.source = "another feed";
  EXPECT_TRUE(SameContent(a, b));
  b.seldom.Edit().corrects = "other";
  EXPECT_FALSE(SameContent(a, b));
  EXPECT_FALSE(SameContent(a, ReadingOf("98")));  // Another precision is another figure.
  b = a;
  b.period = P("2022-01");
  EXPECT_FALSE(SameContent(a, b));
}

TEST(Confirms, IsEverythingButIdAndSource) {
  const Reading in_force = ReadingOf("98.0");
  Reading reading = in_force;
  reading.reading_id = "new";
  reading.source = "another feed";
  EXPECT_TRUE(Confirms(reading, in_force));
  reading.seldom.Edit().corrects = in_force.reading_id;
  EXPECT_FALSE(Confirms(reading, in_force));
  reading = ReadingOf("98");
  EXPECT_FALSE(Confirms(reading, in_force));
}

TEST(FigureOf, FindsWhatAReadingHas) {
  Reading reading = ReadingOf("3/4");
  reading.seldom.Edit().other.volume = D("17");
  EXPECT_EQ(FigureOf(reading, Figure::kNumerator), D("3"));
  EXPECT_EQ(FigureOf(reading, Figure::kDenominator), D("4"));
  EXPECT_EQ(FigureOf(reading, Figure::kVolume), D("17"));
  EXPECT_EQ(FigureOf(reading, Figure::kValue), std::nullopt);
  EXPECT_EQ(FigureOf(reading, Figure::kAmount), std::nullopt);
  EXPECT_EQ(FigureOf(ReadingOf("21.5*3"), Figure::kWeight), D("3"));
  EXPECT_EQ(FigureOf(ReadingOf("21.5*3"), Figure::kValue), D("21.5"));
  EXPECT_EQ(FigureOf(ReadingOf("?"), Figure::kValue), std::nullopt);
}

TEST(DisplayedValue, IsAsSuppliedElseRounded) {
  const Definition definition = IndicatorOf(Polarity::kHigher);
  EXPECT_EQ(DisplayedValue(Figures("98.0"), definition), D("98.0"));
  EXPECT_EQ(DisplayedValue(Figures("2/3"), definition), D("66.67"));
  EXPECT_EQ(DisplayedValue(Figures("1/800"), definition), D("0.13"));  // 0.125: half away from zero.
  EXPECT_EQ(DisplayedValue(Ratio{D("2"), D("3"), D("66.7")}, definition), D("66.7"));
  EXPECT_EQ(DisplayedValue(Figures("0/0"), definition), std::nullopt);
  EXPECT_EQ(DisplayedValue(Figures("?"), definition), std::nullopt);
  EXPECT_EQ(DisplayedValue(Figures("999999999999999999/0.1"), definition), std::nullopt);  // Too large.
}

TEST(MisfitOf, NamesTheRule) {
  Definition definition = IndicatorOf(Polarity::kHigher);
  definition.allowed_values = Range{D("0"), D("100")};
  EXPECT_EQ(MisfitOf(definition, ReadingOf("100")), "");
  EXPECT_EQ(MisfitOf(definition, ReadingOf("?")), "");
  EXPECT_EQ(MisfitOf(definition, ReadingOf("-1")), "the figure -1 is below 0, the lowest that the indicator allows");
  Definition wider = definition;
  wider.allowed_values = Range{D("-5"), std::nullopt};
  Definition narrower = definition;
  narrower.effective_from = M("2022-03");
  narrower = Amended(wider, narrower);
  EXPECT_EQ(MisfitOf(narrower, ReadingOf("-1")), "") << "what was allowed in February";
  EXPECT_TRUE(Fits(narrower, ReadingOf("-1")));
  definition.frequency = Frequency::kQuarterly;
  EXPECT_EQ(MisfitOf(definition, ReadingOf("1")), "the indicator no longer takes readings of February 2022");
}

}  // namespace
}  // namespace bellwether::rating::testing
