#include "bellwether/report/chart.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bellwether/codec/catalogue.h"
#include "bellwether/codec/definition.h"
#include "bellwether/codec/scheme.h"
#include "libs/codec/testing/messages.h"

namespace bellwether::report {
namespace {

using codec::testing::CatalogueMessage;
using codec::testing::Merge;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const core::Month kFebruary(2022, 2);

// The answer about T1, whose target is 90 from April 2021 on, tolerated down to 85.5, with these scores; `more` is
// merged into the definition as a catalogue has it.
v1::GetIndicatorResponse History(const std::string& scores, const std::string& more = "") {
  v1::Catalogue catalogue = CatalogueMessage();
  catalogue.mutable_indicators()->DeleteSubrange(1, catalogue.indicators_size() - 1);
  Merge(more, *catalogue.mutable_indicators(0));
  const codec::ResolvedCatalogue resolved = codec::ResolveCatalogue(catalogue, nullptr);
  EXPECT_TRUE(resolved.All().empty()) << codec::ToStatus(resolved.All());
  const rating::Definition& definition = *resolved.indicators.at(0).definition;
  v1::GetIndicatorResponse history;
  *history.mutable_definition() = codec::ToProto(definition, codec::WithScheme::kNo);
  *history.mutable_scheme() = codec::ToProto(*definition.scheme);
  Merge(scores, history);
  return history;
}

std::string Score(const std::string& period, const std::string& value, const std::string& more = "") {
  return absl::StrCat("scores { period: '", period, "' current { period: '", period,
                      "' state: CELL_STATE_RATED value { value: '", value, "' } } ", more, " }");
}
std::string Quarter(const std::string& period, const std::string& value) {
  return absl::StrCat("quarters { period: '", period, "' state: CELL_STATE_RATED value { value: '", value, "' } }");
}

size_t Count(const std::string& text, const std::string& what) {
  size_t n = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

TEST(ChartTest, DrawsAQuarterOnlyWhereNoMonthOfItIsKnown) {
  const std::string quarters =
      Quarter("2021-22-Q1", "82.62") + Quarter("2021-22-Q2", "82.22") + Quarter("2021-22-Q3", "85.87");
  const Chart chart = ChartOf(
      History(Score("2021-12", "86") + Score("2022-01", "88.10") + Score("2022-02", "85.71", quarters)), kFebruary, 1);
  ASSERT_EQ(chart.points.size(), 5);
  EXPECT_EQ(chart.points[0].kind, Chart::Kind::kSpan);
  EXPECT_EQ(chart.points[1].text, "82.22%");
  EXPECT_EQ(chart.points[2].period.ToString(), "2021-12");
  EXPECT_EQ(chart.first, core::Month(2021, 4));
  EXPECT_EQ(chart.last, core::Month(2022, 3));
  const std::string svg = Draw(chart, ChartSize::kLarge, "x").ToString();
  EXPECT_EQ(Count(svg, "class=\"span\""), 2);
  EXPECT_EQ(Count(svg, "<circle"), 3);
}

TEST(ChartTest, SharesASumAndSetsALastFigureAtItsMonth) {
  const std::string scores = Score("2022-02", "30", Quarter("2021-22-Q1", "90"));
  const Chart sum = ChartOf(History(scores, "quarter_rule: ROLL_UP_RULE_SUM"), kFebruary, 1);
  EXPECT_EQ(sum.points[0].kind, Chart::Kind::kSpanShare);
  EXPECT_EQ(sum.points[0].value, 30);
  EXPECT_EQ(sum.points[0].text, "90%") << "what is told is the figure, not the share";
  const Chart latest = ChartOf(History(scores, "quarter_rule: ROLL_UP_RULE_LATEST"), kFebruary, 1);
  EXPECT_EQ(latest.points[0].kind, Chart::Kind::kEndOfSpan);
  EXPECT_EQ(latest.points[0].first, core::Month(2021, 6));
}

TEST(ChartTest, TakesEachMonthsTargetFromTheRules) {
  const Chart chart = ChartOf(
      History(Score("2022-02", "85.71"), "targets { effective_from: '2022-01' value { value: '95' } }"), kFebruary, 1);
  ASSERT_EQ(chart.targets.size(), 12);
  EXPECT_EQ(chart.targets[0].text, "90%");
  EXPECT_EQ(chart.targets[0].tolerated_low, 85.5);
  EXPECT_EQ(chart.targets[8].text, "90%");
  EXPECT_EQ(chart.targets[9].text, "95%");
  EXPECT_THAT(ChartDescription(chart), HasSubstr("December 2021 90%; January 2022 95%"));
}

TEST(ChartTest, LeavesGapsAndBreaksOpen) {
  const std::string scores =
      Score("2021-04", "80") + Score("2021-05", "81") + Score("2021-07", "82") + Score("2021-08", "83");
  const std::string open = Draw(ChartOf(History(scores), kFebruary, 1), ChartSize::kSmall, "x").ToString();
  const auto line = [](const std::string& svg) {
    const size_t at = svg.find("class=\"line\" d=\"") + 16;
    return svg.substr(at, svg.find('"', at) - at);
  };
  EXPECT_EQ(Count(line(open), "M"), 2);
  const std::string broken =
      Draw(ChartOf(History(scores, "breaks: '2021-08'"), kFebruary, 1), ChartSize::kSmall, "x").ToString();
  EXPECT_EQ(Count(line(broken), "M"), 3);
  EXPECT_THAT(broken, HasSubstr("class=\"break\""));
}

TEST(ChartTest, TellsProvisionalFiguresApart) {
  const Chart chart = ChartOf(
      History(
          "scores { period: '2022-02' current { period: '2022-02' value { value: '91' } observation_status: 'P' } }"),
      kFebruary, 1);
  EXPECT_THAT(Draw(chart, ChartSize::kSmall, "x").ToString(), HasSubstr("point provisional"));
  EXPECT_EQ(ChartTitle(chart), "91% (provisional) in February 2022, above its target of 90%");
  EXPECT_THAT(ChartKey(chart).ToString(), HasSubstr("Actual, provisional"));
}

TEST(ChartTest, TellsAProvisionalQuarterApartToo) {
  const std::string quarter =
      "quarters { period: '2021-22-Q1' state: CELL_STATE_RATED value { value: '80' } observation_status: 'P' }";
  const Chart chart = ChartOf(History(Score("2022-02", "85.71", quarter)), kFebruary, 1);
  EXPECT_THAT(Draw(chart, ChartSize::kSmall, "x").ToString(), HasSubstr("span uncertain"));
  EXPECT_THAT(ChartKey(chart).ToString(),
              AllOf(HasSubstr("The quarter&#39;s figure, provisional"), Not(HasSubstr("Actual, provisional"))));
}

TEST(ChartTest, GoesOnFromWhatTheIndicatorContinues) {
  v1::GetIndicatorResponse history = History(Score("2022-01", "91") + Score("2022-02", "92"), "active_from: '2022-01'");
  v1::PredecessorHistory& before = *history.add_predecessors();
  const v1::GetIndicatorResponse old = History(Score("2021-11", "80") + Score("2021-12", "81"),
                                               "targets { effective_from: '2021-06' value { value: '85' } }");
  *before.mutable_definition() = old.definition();
  *before.mutable_scores() = old.scores();
  EXPECT_EQ(ChartOf(history, kFebruary, 1).points.size(), 2) << "they do not compare";
  before.set_compares(true);
  const Chart chart = ChartOf(history, kFebruary, 1);
  ASSERT_EQ(chart.points.size(), 4);
  EXPECT_EQ(chart.points[0].text, "80%");
  EXPECT_EQ(chart.targets[8].text, "85%") << "December's was the old one's";
  EXPECT_EQ(chart.targets[9].text, "90%");
}

TEST(ChartTest, SaysWhereTheSeriesBreaks) {
  EXPECT_THAT(ChartDescription(ChartOf(History(Score("2022-02", "91"), "breaks: '2021-08'"), kFebruary, 1)),
              HasSubstr("A break in the series: figures from August 2021 on do not compare with those before."));
}

TEST(ChartTest, HasATrendOfMoreThanTwoFigures) {
  const std::string trend = "trend { from_period: '2021-12' start { value: '80' } slope { value: '1' } }";
  const std::string two = Score("2021-12", "80") + Score("2022-01", "81") + trend;
  EXPECT_FALSE(ChartOf(History(two), kFebruary, 1).trend);
  EXPECT_TRUE(ChartOf(History(Score("2021-11", "80") + two), kFebruary, 1).trend);
}

TEST(ChartTest, ShowsEarlierYearsAsFarAsThereAreFigures) {
  const std::string scores = Score("2020-05", "80") + Score("2022-02", "81");
  EXPECT_EQ(ChartOf(History(scores), kFebruary, 3).first, core::Month(2020, 4));
  EXPECT_EQ(ChartOf(History(scores), kFebruary, 1).points.size(), 1);
  EXPECT_EQ(ChartOf(History(Score("2022-02", "81")), kFebruary, 3).first, core::Month(2021, 4));
  EXPECT_TRUE(ChartOf(History(scores), core::Month(2022, 1), 1).points.empty()) << "nothing later than the report";
}

// T1, whose chart shows T2 as well.
v1::GetIndicatorResponse HistoryOfTwo(const std::string& scores, const std::string& others) {
  v1::GetIndicatorResponse history = History(scores);
  v1::ChartedHistory& charted = *history.mutable_charted_with();
  charted.mutable_definition()->set_ref("T2");
  charted.mutable_definition()->set_description("Calls <answered> by a person");
  charted.mutable_definition()->set_unit("percent");
  Merge(others, charted);
  return history;
}

TEST(ChartOfTwoTest, DrawsBothToldApartAndNamed) {
  const Chart chart =
      ChartOf(HistoryOfTwo(Score("2022-01", "85") + Score("2022-02", "91"),
                           Score("2021-11", "30") + Score("2021-12", "31") + Score("2022-01", "40") +
                               Score("2022-02", "35.86") +
                               "trend { from_period: '2021-11' start { value: '30' } slope { value: '2' } }"),
              kFebruary, 1);
  ASSERT_TRUE(chart.other);
  EXPECT_EQ(chart.points.size(), 2);
  ASSERT_EQ(chart.other->points.size(), 4);
  EXPECT_TRUE(chart.other->trend);
  EXPECT_EQ(ScaleOf(chart, 5).low, 0) << "the scale has room for both";
  const std::string svg = Draw(chart, ChartSize::kLarge, "x").ToString();
  EXPECT_THAT(svg, AllOf(HasSubstr("<g class=\"other\"><path class=\"trend\""), HasSubstr(">T1 91%</text>"),
                         HasSubstr(">T2 35.86%</text>"), HasSubstr(">T1 target 90%</text>")));
  EXPECT_EQ(Count(svg, "<circle"), 2) << "the other's are lozenges";
  EXPECT_EQ(Count(svg, "<path class=\"point\""), 4);
  // Without the outline that lets a value be read across lines: a printer that draws it last would cover the name.
  const std::string small = Draw(chart, ChartSize::kSmall, "x").ToString();
  EXPECT_THAT(small, AllOf(HasSubstr(">T1</text>"), HasSubstr(">T2</text>"), Not(HasSubstr("\"value"))));
  EXPECT_THAT(std::string(ChartSheet()), HasSubstr(".chart .other .line{stroke:var(--other);stroke-dasharray:"));
  EXPECT_THAT(ChartKey(chart).ToString(),
              AllOf(HasSubstr("T1 Calls answered: Actual"), HasSubstr("T1: Target"),
                    HasSubstr("T2 Calls &lt;answered&gt; by a person: Actual"), HasSubstr("T2: Linear trend")));
}

TEST(ChartOfTwoTest, TellsBothInWords) {
  const Chart chart = ChartOf(
      HistoryOfTwo(Score("2022-01", "85") + Score("2022-02", "91"), Score("2022-01", "40") + Score("2022-02", "35.86")),
      kFebruary, 1);
  EXPECT_EQ(ChartTitle(chart),
            "T1: 91% in February 2022, above its target of 90%; T2: 35.86% in February 2022, down from 40% in January "
            "2022");
  EXPECT_EQ(ChartDescription(chart),
            "T1: January 2022 85%; February 2022 91%. Target 90%. T2: January 2022 40%; February 2022 35.86%.");
  EXPECT_THAT(DrawFile(chart, ChartSize::kSmall),
              HasSubstr("T1 Calls answered, and T2 Calls &lt;answered&gt; by a person: T1: 91% in"));
}

TEST(ChartOfTwoTest, NamesThatWouldMeetStandOneBelowTheOther) {
  const std::string svg =
      Draw(ChartOf(HistoryOfTwo(Score("2022-02", "90"), Score("2022-02", "90")), kFebruary, 1), ChartSize::kLarge, "x")
          .ToString();
  std::vector<double> places;
  for (const char* name : {">T1 90%<", ">T2 90%<", ">T1 target 90%<"}) {
    const size_t end = svg.find(name);
    ASSERT_NE(end, std::string::npos) << name;
    places.push_back(std::stod(svg.substr(svg.rfind(" y=\"", end) + 4)));
  }
  std::sort(places.begin(), places.end());
  EXPECT_GE(places[1] - places[0], 16);
  EXPECT_GE(places[2] - places[1], 16);
}

TEST(ChartOfTwoTest, QuartersAndBreaksAreEachItsOwn) {
  v1::GetIndicatorResponse history =
      HistoryOfTwo(Score("2022-02", "91", Quarter("2021-22-Q1", "80")),
                   Score("2022-02", "36", Quarter("2021-22-Q1", "40") + Quarter("2021-22-Q2", "42")));
  history.mutable_charted_with()->mutable_definition()->add_breaks("2021-08");
  history.mutable_charted_with()->mutable_definition()->add_breaks("2019-08");
  const Chart chart = ChartOf(history, kFebruary, 3);
  const std::string svg = Draw(chart, ChartSize::kLarge, "x").ToString();
  EXPECT_EQ(Count(svg, "<rect class=\"span\""), 1);
  EXPECT_EQ(Count(svg, "<path class=\"span\""), 2);
  EXPECT_EQ(Count(svg, "class=\"break\""), 1);
  EXPECT_THAT(svg, HasSubstr(">break in T2</text>"));
  EXPECT_THAT(ChartDescription(chart), HasSubstr("T2: quarter 1 of 2021-22 40%; quarter 2"));
}

TEST(ChartOfTwoTest, WithoutAFigureOfTheOtherIsAChartOfOne) {
  const v1::GetIndicatorResponse one = History(Score("2022-02", "91"));
  EXPECT_EQ(DrawFile(ChartOf(HistoryOfTwo(Score("2022-02", "91"), ""), kFebruary, 1), ChartSize::kLarge),
            DrawFile(ChartOf(one, kFebruary, 1), ChartSize::kLarge));
}

TEST(ChartTitleTest, SaysSinceWhenAsFarAsFiguresFollowOneAnother) {
  const std::string below = Score("2021-12", "86") + Score("2022-01", "87.53") + Score("2022-02", "87.78");
  EXPECT_EQ(ChartTitle(ChartOf(History(below), kFebruary, 1)),
            "87.78% in February 2022, below its target of 90% since December 2021");
  EXPECT_EQ(ChartTitle(ChartOf(History(Score("2021-11", "80") + Score("2022-02", "90")), kFebruary, 1)),
            "90% in February 2022, on its target of 90%");
  const std::string quarter = Score("2022-01", "87", "") + Score("2022-02", "88", Quarter("2021-22-Q3", "85"));
  EXPECT_EQ(ChartTitle(ChartOf(History(quarter), kFebruary, 1)),
            "88% in February 2022, below its target of 90% since October 2021");
  EXPECT_EQ(ChartTitle(ChartOf(History(""), kFebruary, 1)), "");
}

TEST(ChartTitleTest, OfATrackedFigureSaysWhereItWent) {
  v1::GetIndicatorResponse history = History(Score("2022-01", "34008") + Score("2022-02", "31558"));
  history.mutable_definition()->clear_targets();
  history.mutable_definition()->set_unit("count");
  EXPECT_EQ(ChartTitle(ChartOf(history, kFebruary, 1)), "31,558 in February 2022, down from 34,008 in January 2022");
}

TEST(DrawTest, NamesAreEscapedAndIdsAreItsOwn) {
  v1::GetIndicatorResponse history = History(Score("2022-02", "85.71"));
  history.mutable_definition()->set_description("</title><script>x</script>");
  const std::string svg = Draw(ChartOf(history, kFebruary, 1), ChartSize::kSmall, "chart-T1").ToString();
  EXPECT_THAT(svg, AllOf(HasSubstr("<title id=\"chart-T1-title\">"), HasSubstr("aria-labelledby=\"chart-T1-title\""),
                         Not(HasSubstr("<script"))));
  EXPECT_THAT(DrawFile(ChartOf(history, kFebruary, 1), ChartSize::kSmall),
              AllOf(HasSubstr("<?xml"), HasSubstr("<style>"), Not(HasSubstr("<script"))));
}

TEST(DrawTest, OneFigureOrNoneIsAChartToo) {
  for (const std::string& scores :
       {std::string(), Score("2022-02", "0"), Score("2022-02", "-3.5"), Score("2022-02", "999999999999")}) {
    const std::string svg =
        Draw(ChartOf(History(scores, "allowed_values { low { value: '-1000' } high { value: '9999999999999' } }"),
                     kFebruary, 1),
             ChartSize::kLarge, "x")
            .ToString();
    EXPECT_THAT(svg, AllOf(Not(HasSubstr("nan")), Not(HasSubstr("inf")))) << scores;
    EXPECT_LT(svg.size(), 8'000) << scores;
  }
}

}  // namespace
}  // namespace bellwether::report
