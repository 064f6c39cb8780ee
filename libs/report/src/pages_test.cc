#include "bellwether/report/pages.h"

#include <gmock/gmock.h>

#include <string>

#include "libs/codec/testing/messages.h"
#include "parts.h"

namespace bellwether::report {
namespace {

using codec::testing::Read;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const Site kSite{"E06000061", "Council <One>", "", false};

ReportData Data() {
  ReportData data;
  data.report = Read<v1::GetReportResponse>(R"pb(
    period: "2022-02"
    total_rows: 3
    position { epoch: 1 partition: 7 offset: 104 }
    schemes {
      id: "key"
      name: "Key"
      statuses {
        id: "green"
        label: "Green"
        colour: "#00703C"
        shape: "●"
        meaning: "On target"
        any_of { shortfall_within { target: true } }
      }
      statuses {
        id: "red"
        label: "Red"
        colour: "#D4351C"
        shape: "■"
        meaning: "Off target"
        any_of { otherwise: true }
      }
    }
    rows {
      definition {
        ref: "T1"
        description: "First & <b>"
        directorate: "A"
        service: "S"
        unit: "percent"
        polarity: POLARITY_HIGHER
        notes: "A note"
      }
      score {
        period: "2022-02"
        scheme_id: "key"
        current {
          period: "2022-02"
          state: CELL_STATE_RATED
          status: "green"
          value { value: "95.10" }
        }
        previous {
          period: "2022-01"
          state: CELL_STATE_RATED
          status: "red"
          value { value: "80" }
        }
        year_to_date { state: CELL_STATE_NOT_SHOWN }
        judgement: JUDGEMENT_IMPROVED
        arrow: "↑G"
        target { value: "90" }
      }
      comment { text: "A comment.\n\nOf two paragraphs." }
    }
    rows {
      definition { ref: "T2" directorate: "A" service: "S" unit: "count" polarity: POLARITY_HIGHER }
      score {
        period: "2022-02"
        scheme_id: "key"
        current {
          period: "2022-02"
          state: CELL_STATE_RATED
          status: "red"
          value { value: "1200" }
        }
        judgement: JUDGEMENT_WORSE
        target { value: "2000" }
      }
    }
    rows {
      definition { ref: "T3" directorate: "B" service: "U" unit: "count" polarity: POLARITY_NONE }
      score {
        period: "2022-02"
        scheme_id: "key"
        current { period: "2022-02" state: CELL_STATE_MISSING status: "missing" }
      }
    }
  )pb");
  data.due.push_back(Read<v1::DueReading>(R"pb(ref: "T3"
                                               description: "Third"
                                               period: "2022-02"
                                               due_date: "2022-03-15"
                                               days_overdue: 3
                                               owner { name: "Finance" })pb"));
  data.findings.push_back(Read<v1::Finding>(R"pb(kind: FINDING_KIND_ARROW
                                                 ref: "T1"
                                                 period: "2022-02"
                                                 cell: CELL_KIND_CURRENT
                                                 published: "↓R"
                                                 computed: "↑G"
                                                 explanation: "Why.")pb"));
  return data;
}

TEST(ReportPageTest, HasTheSummaryOnTop) {
  const std::string page = ReportPage(kSite, Data(), {});
  EXPECT_THAT(
      page,
      AllOf(HasSubstr("3 indicators: 1 Green, 1 Red, 1 missing."),
            HasSubstr("/E06000061/reports/2022-02?status=Red#rows"), HasSubstr("<strong>1</strong> of 3"),
            HasSubstr("Off target <a class=\"count\" href=\"/E06000061/reports/2022-02/exceptions#off-target\">1 of 3"),
            HasSubstr("<strong>1,200</strong>"), HasSubstr("overdue by 3 days (Finance)"), HasSubstr("1 finding"),
            HasSubstr("e1/7/104"), HasSubstr("<a href=\"/E06000061/reports/2022-01\">January 2022</a>")));
}

TEST(ReportPageTest, TellsAStatusByWordShapeAndColour) {
  EXPECT_THAT(ReportPage(kSite, Data(), {}),
              AllOf(HasSubstr("fill=\"#00703C\"></path></symbol>"), HasSubstr("</svg><span>Green</span>"),
                    HasSubstr("<span>missing</span>")));
}

TEST(ReportPageTest, ShowsWhatOthersWroteAsText) {
  EXPECT_THAT(ReportPage(kSite, Data(), {}),
              AllOf(HasSubstr("First &amp; &lt;b&gt;"), HasSubstr("Council &lt;One&gt;"),
                    HasSubstr("<p>A comment.</p>\n<p>Of two paragraphs.</p>"), Not(HasSubstr("<One>"))));
}

TEST(ReportPageTest, ShowsTheRowsThatWereAskedFor) {
  EXPECT_THAT(ReportPage(kSite, Data(), {"", "", "red", "", ""}),
              AllOf(HasSubstr("1 of 3 indicators"), HasSubstr("id=\"T2\""), Not(HasSubstr("id=\"T1\""))));
  EXPECT_THAT(ReportPage(kSite, Data(), {"a", "", "", "", ""}),
              AllOf(HasSubstr("2 indicators:"), HasSubstr("id=\"T1\""), Not(HasSubstr("id=\"T3\""))));
  EXPECT_THAT(ReportPage(kSite, Data(), {"", "", "", "", "improved"}),
              AllOf(HasSubstr("direction of travel: Improved"), Not(HasSubstr("id=\"T2\""))));
  EXPECT_THAT(ReportPage(kSite, Data(), {"nowhere", "", "", "", ""}), HasSubstr("No indicator belongs here"));
}

TEST(ReportPageTest, ByItselfLinksOnlyWithin) {
  Site alone = kSite;
  alone.stand_alone = true;
  const std::string page = ReportPage(alone, Data(), {});
  EXPECT_THAT(page, AllOf(HasSubstr("<style>"), HasSubstr("id=\"findings\""), HasSubstr("Terminology"),
                          Not(HasSubstr("href=\"/")), Not(HasSubstr("src="))));
}

TEST(ReportPageTest, OfVeryManyRowsLeadsToPartsOfThem) {
  ReportData data = Data();
  const v1::ReportRow row = data.report.rows(0);
  for (int i = 0; i < 1'000; ++i) *data.report.add_rows() = row;
  const std::string page = ReportPage(kSite, data, {});
  EXPECT_THAT(page, AllOf(HasSubstr("1003 rows are too many for one page"), HasSubstr("?directorate=A&amp;service=S"),
                          HasSubstr("/E06000061/indicators/T2"), Not(HasSubstr("<table class=\"report\""))));
  EXPECT_THAT(ReportPage(kSite, data, {"B", "", "", "", ""}), HasSubstr("<table class=\"report\""));
}

// T2, which is worse now, was 1,500 and worse the month before.
v1::GetReportResponse Before() {
  return Read<v1::GetReportResponse>(R"pb(
    period: "2022-01"
    rows {
      definition { ref: "T2" unit: "count" }
      score {
        period: "2022-01"
        judgement: JUDGEMENT_WORSE_WITHIN_TOLERANCE
        current {
          period: "2022-01"
          value { value: "1500" }
        }
        previous {
          period: "2021-12"
          value { value: "1510" }
        }
      }
    }
  )pb");
}

ReportData Worsening() {
  ReportData data = Data();
  v1::Cell* previous = data.report.mutable_rows(1)->mutable_score()->mutable_previous();
  previous->set_period("2022-01");
  previous->mutable_value()->set_value("1500");
  data.report.mutable_rows(1)->mutable_score()->mutable_variance()->set_value("-800");
  return data;
}

TEST(WorsenedTest, IsAskedForOfWhatIsWorseNow) {
  ReportData data = Worsening();
  const std::vector<v1::GetReportRequest> requests = RequestsBefore("E06000061", data.report);
  ASSERT_EQ(requests.size(), 1);
  EXPECT_EQ(requests[0].period(), "2022-01");
  EXPECT_EQ(requests[0].filter().refs_size(), 1);
  EXPECT_EQ(requests[0].min_position().offset(), 104);
  // A lag, and a quarter: the report that shows what was before.
  data.report.mutable_rows(1)->mutable_definition()->set_reporting_lag_periods(1);
  EXPECT_EQ(RequestsBefore("E06000061", data.report)[0].period(), "2022-02");
  data.report.mutable_rows(1)->mutable_score()->mutable_previous()->set_period("2021-22-Q2");
  EXPECT_EQ(RequestsBefore("E06000061", data.report)[0].period(), "2021-12");
}

TEST(WorsenedTest, IsWorseInBothPeriods) {
  ReportData data = Worsening();
  EXPECT_THAT(ReportPage(kSite, data, {}), Not(HasSubstr("Worsened twice running")));
  KeepBefore(Before(), &data);
  EXPECT_THAT(ReportPage(kSite, data, {}),
              AllOf(HasSubstr("Worsened twice running "), HasSubstr("/exceptions#worsened\">1 of 3</a>"),
                    HasSubstr(", from 1,500 and 1,510 before, target 2,000")));
  v1::GetReportResponse other = Before();
  other.mutable_rows(0)->mutable_score()->set_judgement(v1::JUDGEMENT_IMPROVED);
  KeepBefore(other, &data);
  EXPECT_THAT(ReportPage(kSite, data, {}), Not(HasSubstr("Worsened twice running")));
  ReportData elsewhere = Worsening();
  other = Before();
  other.mutable_rows(0)->mutable_score()->set_period("2021-12");  // Not the period before.
  KeepBefore(other, &elsewhere);
  EXPECT_TRUE(elsewhere.before.empty());
}

TEST(ExceptionsPageTest, SaysWhatHasToBeLookedAfter) {
  ReportData data = Worsening();
  KeepBefore(Before(), &data);
  EXPECT_THAT(ExceptionsPage(kSite, data, {}),
              AllOf(HasSubstr("Off target <span class=\"count\">1 of 3"), HasSubstr(">-800<"),
                    HasSubstr("Worsened twice running <span class=\"count\">1 of 3"), HasSubstr("Dec 2021"),
                    HasSubstr("Missing or overdue <span class=\"count\">1 of 3"), HasSubstr("overdue by 3 days"),
                    HasSubstr("Finance"), Not(HasSubstr("T1 First"))));
  EXPECT_THAT(ExceptionsPage(kSite, data, {"B", "", "", "", ""}),
              AllOf(HasSubstr("B: what is off target"), HasSubstr("Nothing is off target."), HasSubstr("T3 Third")));
  EXPECT_THAT(ExceptionsPage(kSite, data, {"nowhere", "", "", "", ""}), HasSubstr("No indicator belongs here."));
}

TEST(ComparePageTest, HoldsTwoReportsBesideOneAnother) {
  Comparison comparison;
  comparison.now = Data().report;
  comparison.then = Data().report;
  comparison.then.set_period("2022-01");
  for (v1::ReportRow& row : *comparison.then.mutable_rows()) {
    row.mutable_score()->set_period("2022-01");
    row.mutable_score()->mutable_current()->set_period("2022-01");
  }
  v1::Score* first = comparison.then.mutable_rows(0)->mutable_score();
  first->mutable_current()->mutable_value()->set_value("97.2");
  first->mutable_current()->set_status("red");
  first->mutable_target()->set_value("85");
  comparison.then.mutable_rows(2)->mutable_definition()->set_ref("T0");
  EXPECT_THAT(ComparePage(kSite, comparison),
              AllOf(HasSubstr("February 2022 compared with January 2022"), HasSubstr("3 of 4 rows differ."),
                    HasSubstr("-2.10 points"), HasSubstr("figure; status; target, 85% before, now 90%"),
                    HasSubstr("Another status"), HasSubstr("new in the report"), HasSubstr("no longer in the report"),
                    HasSubstr("T2"), HasSubstr("/compare/2022-01?rows=differing")));
  comparison.differing = true;
  EXPECT_THAT(ComparePage(kSite, comparison), AllOf(Not(HasSubstr("indicators/T2")), HasSubstr("Show all rows")));
  comparison.now.mutable_rows(0)->mutable_definition()->add_breaks("2022-02");
  EXPECT_THAT(ComparePage(kSite, comparison), HasSubstr("not comparable: a break in the series"));
}

TEST(DifferenceTest, HasItsSignAndItsUnit) {
  EXPECT_EQ(DifferenceText("2.39", "percent"), "+2.39 points");
  EXPECT_EQ(DifferenceText("-0.5", "days"), "-0.5 days");
  EXPECT_EQ(DifferenceText("0.00", "count"), "0.00");
  EXPECT_EQ(DifferenceText("1234", "count"), "+1,234");
}

TEST(IndicatorPageTest, IsAPageWithoutAFigureToo) {
  IndicatorData data;
  data.history.mutable_definition()->set_ref("T9");
  EXPECT_THAT(IndicatorPage(kSite, data), HasSubstr("There is no figure yet"));
}

TEST(IndicatorPageTest, ShowsTheHistoryOfWhatItContinues) {
  IndicatorData data;
  data.history = Read<v1::GetIndicatorResponse>(R"pb(
    definition { ref: "L7" unit: "days" }
    scores {
      period: "2022-02"
      current {
        period: "2022-02"
        value { value: "25" }
      }
    }
    predecessors {
      definition { ref: "H3" unit: "days" }
      scores {
        period: "2022-01"
        current {
          period: "2022-01"
          value { value: "26" }
        }
      }
    }
  )pb");
  EXPECT_THAT(IndicatorPage(kSite, data),
              AllOf(HasSubstr("January 2022, as H3"), HasSubstr("26 days"), HasSubstr("whose figures do not compare")));
  data.history.mutable_predecessors(0)->set_compares(true);
  EXPECT_THAT(IndicatorPage(kSite, data), Not(HasSubstr("do not compare")));
}

TEST(IndicatorPageTest, TellsTheFiguresOfBothThatItsChartShows) {
  IndicatorData data;
  data.history = Read<v1::GetIndicatorResponse>(R"pb(
    definition { ref: "W1" unit: "percent" charted_with: "W2" }
    scores {
      period: "2022-02"
      current {
        period: "2022-02"
        value { value: "94.7" }
      }
    }
    charted_with {
      definition { ref: "W2" description: "Recycled" unit: "percent" }
      scores {
        period: "2022-02"
        current {
          period: "2022-02"
          value { value: "35.86" }
          observation_status: "P"
        }
      }
    }
  )pb");
  data.chart = ChartOf(data.history, core::Month(2022, 2), 1);
  EXPECT_THAT(IndicatorPage(kSite, data),
              AllOf(HasSubstr("W1: 94.7% in February 2022; W2: 35.86% (provisional) in February 2022"),
                    HasSubstr("W2 Recycled: Actual, provisional"), HasSubstr("Figures of W2 on the chart"),
                    HasSubstr("href=\"/E06000061/indicators/W2\"")));
  data.history.clear_charted_with();  // As who may not see it is answered.
  data.chart = ChartOf(data.history, core::Month(2022, 2), 1);
  EXPECT_THAT(IndicatorPage(kSite, data), Not(HasSubstr("W2")));
}

TEST(ReportPageTest, ARowsChartFollowsTheOneThatItShowsAsWell) {
  ReportData data = Data();
  data.report.mutable_rows(0)->mutable_definition()->set_charted_with("T2");
  data.report.mutable_rows(1)->mutable_score()->set_newest_offset(102);
  EXPECT_THAT(ReportPage(kSite, data, {}),
              AllOf(HasSubstr("data-charted-with=\"T2\""), HasSubstr("Chart of T1 and T2 over the year"),
                    HasSubstr("indicators/T1.svg?size=small&amp;period=2022-02&amp;at=102"),
                    HasSubstr("Another indicator on the same chart")));
  data.report.mutable_rows()->DeleteSubrange(1, 1);  // As who may not see it is answered.
  EXPECT_THAT(ReportPage(kSite, data, {}), AllOf(Not(HasSubstr("T2")), Not(HasSubstr("Another indicator on"))));
}

TEST(StatusMarksTest, OfAShapeThatItDoesNotKnowIsTheCharacterItself) {
  v1::GetReportResponse report;
  v1::Status* status = report.add_schemes()->add_statuses();
  status->set_shape("☂");
  EXPECT_THAT(StatusMarks(report.schemes()).ToString(), HasSubstr(">☂</text></symbol>"));
  EXPECT_EQ(StatusTag({"", "Word", "", "Word"}).ToString(), "<span class=\"status\"><span>Word</span></span>");
}

TEST(PeriodTest, IsNamedForPeople) {
  EXPECT_EQ(ShortPeriodName("2022-02"), "Feb 2022");
  EXPECT_EQ(ShortPeriodName("2021-22-Q4"), "Jan to Mar 2022");
  EXPECT_EQ(ShortPeriodName("2022-02-YTD"), "year to Feb 2022");
  EXPECT_EQ(ShortPeriodName("whenever"), "whenever");
}

}  // namespace
}  // namespace bellwether::report
