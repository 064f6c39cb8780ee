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
  EXPECT_THAT(page, AllOf(HasSubstr("3 indicators: 1 Green, 1 Red, 1 missing."),
                          HasSubstr("/E06000061/reports/2022-02?status=Red#rows"), HasSubstr("<strong>1</strong> of 3"),
                          HasSubstr("Off target<span class=\"count\"> 1 of 3"), HasSubstr("<strong>1,200</strong>"),
                          HasSubstr("overdue by 3 days (Finance)"), HasSubstr("1 finding"), HasSubstr("e1/7/104"),
                          HasSubstr("<a href=\"/E06000061/reports/2022-01\">January 2022</a>")));
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

TEST(IndicatorPageTest, IsAPageWithoutAFigureToo) {
  IndicatorData data;
  data.history.mutable_definition()->set_ref("T9");
  EXPECT_THAT(IndicatorPage(kSite, data), HasSubstr("There is no figure yet"));
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
