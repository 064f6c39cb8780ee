#include "bellwether/codec/reading.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "libs/codec/testing/messages.h"
#include "libs/rating/testing/fixtures.h"

namespace bellwether::codec {
namespace {

using ::bellwether::codec::testing::ReadingMessage;
using ::bellwether::codec::testing::Told;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

struct Case {
  std::string name;
  std::string change;  // Merged into a reading with which nothing is wrong.
  std::vector<std::string> told;
};
void PrintTo(const Case& c, std::ostream* os) { *os << c.name; }

class ReadingAloneTest : public ::testing::TestWithParam<Case> {};

TEST_P(ReadingAloneTest, TellsWhatIsWrongAndWhere) {
  EXPECT_EQ(Told(FromProto(ReadingMessage(GetParam().change)).violations), GetParam().told);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, ReadingAloneTest,
    ::testing::Values(
        Case{"Right", "", {}}, Case{"Correction", "corrects: 'feed/T1/old'", {}},
        Case{"CouncilMissing", "council: ''", {"council REQUIRED"}},
        Case{"CouncilMalformed", "council: 'North'", {"council INVALID_ID"}},
        Case{"RefMalformed", "ref: 'T 1'", {"ref INVALID_ID"}},
        Case{"PeriodOutsideTheCalendar", "period: '2022-13'", {"period NOT_A_PERIOD"}},
        Case{"PeriodMissing", "period: ''", {"period REQUIRED"}},
        Case{"IdMissing", "reading_id: ''", {"reading_id REQUIRED"}},
        Case{"IdTooLong", "reading_id: '" + std::string(129, 'x') + "'", {"reading_id INVALID_ID"}},
        Case{"IdWithControlCharacters", "reading_id: 'a\\nb'", {"reading_id INVALID_ID"}},
        Case{"CorrectsItself", "corrects: 'feed/T1/2022-02'", {"corrects CORRECTS_ITSELF"}},
        Case{"NaN", "measurement { value { value: 'NaN' } }", {"measurement.value NOT_A_NUMBER"}},
        Case{"Exponent", "measurement { value { value: '1e5' } }", {"measurement.value NOT_A_NUMBER"}},
        Case{"Thousands", "measurement { value { value: '1,166' } }", {"measurement.value NOT_A_NUMBER"}},
        Case{"PerCent", "measurement { value { value: '97%' } }", {"measurement.value NOT_A_NUMBER"}},
        Case{"Empty", "measurement { value { value: '' } }", {"measurement.value NOT_A_NUMBER"}},
        Case{"TooManyDigits",
             "measurement { value { value: '1234567890123456789' } }",
             {"measurement.value TOO_MANY_DIGITS"}},
        Case{"TooManyPlaces", "measurement { value { value: '1.0123456789' } }", {"measurement.value TOO_MANY_DIGITS"}},
        Case{"NOverZero",
             "measurement { ratio { denominator { value: '0' } value { value: '1' } } }",
             {"measurement.ratio.denominator DENOMINATOR_ZERO"}},
        Case{"ValueOfZeroOverZero",
             "measurement { ratio { numerator { value: '0' } denominator { value: '0' } } }",
             {"measurement.ratio.value VALUE_CONTRADICTS_PARTS"}},
        Case{"NegativeDenominator",
             "measurement { ratio { denominator { value: '-1' } } }",
             {"measurement.ratio.denominator NEGATIVE"}},
        Case{"RatioWithoutParts",
             "measurement { weighted_mean {} } measurement { ratio {} }",
             {"measurement.ratio.numerator REQUIRED", "measurement.ratio.denominator REQUIRED"}},
        Case{"NegativeWeight",
             "measurement { weighted_mean { mean { value: '1' } weight { value: '-2' } } }",
             {"measurement.weighted_mean.weight NEGATIVE"}},
        Case{"NotAvailableWithoutCode",
             "measurement { not_available { reason: 'closed' } }",
             {"observation_status REQUIRED"}},
        Case{"NotAvailable", "measurement { not_available {} } observation_status: 'M'", {}},
        Case{"NotAvailableWithAFiguresCode",
             "measurement { not_available {} } observation_status: 'P'",
             {"observation_status CONTRADICTION"}},
        Case{"FigureWithAnAbsencesCode", "observation_status: 'M'", {"observation_status CONTRADICTION"}},
        Case{"UnknownCode", "observation_status: 'X'", {"observation_status UNKNOWN_CODE"}},
        Case{"NotADay", "as_at: '2022-02-30'", {"as_at NOT_A_DATE"}},
        Case{"ArrowTooLong", "published_arrow: '" + std::string(17, 'x') + "'", {"published_arrow TEXT_TOO_LONG"}},
        Case{"StatusTooLong", "published_status: '" + std::string(61, 'x') + "'", {"published_status TEXT_TOO_LONG"}},
        Case{"SourceTooLong", "source: '" + std::string(129, 'x') + "'", {"source TEXT_TOO_LONG"}},
        Case{"OtherMeasures",
             "other { volume { value: 'many' } attainment { value: '+1' } }",
             {"other.volume NOT_A_NUMBER", "other.attainment NOT_A_NUMBER"}},
        Case{"EverythingAtOnce",
             "council: 'x' period: 'February' reading_id: '' as_at: 'today' measurement { value { value: '-' } }",
             {"council INVALID_ID", "period NOT_A_PERIOD", "reading_id REQUIRED", "measurement.value NOT_A_NUMBER",
              "as_at NOT_A_DATE"}}),
    [](const auto& tpi) { return tpi.param.name; });

TEST(ReadingTest, WithoutAMeasurementIsRefused) {
  v1::Reading message = ReadingMessage();
  message.clear_measurement();
  EXPECT_THAT(Told(FromProto(message).violations), ElementsAre("measurement REQUIRED"));
}

TEST(ReadingTest, ReadsItsFigureWithItsPrecision) {
  const auto parsed = FromProto(ReadingMessage("observation_status: 'P' other { volume { value: '60' } }"));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.value.key.ToString(), "E06000061/T1");
  EXPECT_EQ(std::get<rating::Ratio>(parsed.value.value.measurement).value->ToString(), "75.0");
  EXPECT_EQ(parsed.value.value.observation_status, 'P');
}

TEST(ReadingTest, SaysTheFieldTheValueTheRuleAndTheRemedy) {
  const auto parsed = FromProto(ReadingMessage("measurement { ratio { denominator { value: '0' } } }"));
  ASSERT_EQ(parsed.violations.size(), 1u);
  EXPECT_EQ(parsed.violations[0].message,
            "is 0 while the numerator is 45: nothing can be divided by it; 0 over 0 says that nothing happened");
}

TEST(ReadingTest, BrokenTextIsToldWithoutRepeatingItRaw) {
  v1::Reading message = ReadingMessage();
  message.set_source(std::string("a\xff") + "b");
  const auto parsed = FromProto(message);
  ASSERT_EQ(Told(parsed.violations), std::vector<std::string>{"source TEXT_NOT_ALLOWED"});
  EXPECT_THAT(parsed.violations[0].message, HasSubstr("\"a<0xFF>b\""));
}

class ReadingAgainstDefinitionTest : public ::testing::Test {
 protected:
  ReadingAgainstDefinitionTest() : definition_(rating::testing::IndicatorOf(rating::Polarity::kHigher)) {
    definition_.ratio_multiplier = rating::testing::D("100");
    definition_.allowed_values = rating::Range{rating::testing::D("0"), rating::testing::D("100")};
  }
  std::vector<std::string> Check(const std::string& change) {
    const auto parsed = FromProto(ReadingMessage(change));
    EXPECT_THAT(Told(parsed.violations), IsEmpty());
    return Told(CheckAgainst(definition_, parsed.value.value));
  }
  static std::string Ratio(const std::string& n, const std::string& d, const std::string& value) {
    return "measurement { ratio { numerator { value: '" + n + "' } denominator { value: '" + d +
           "' } value { value: '" + value + "' } } }";
  }
  rating::Definition definition_;
};

TEST_F(ReadingAgainstDefinitionTest, TakesAValueThatRoundsHalfAwayFromZero) {
  EXPECT_THAT(Check(Ratio("45", "60", "75.0")), IsEmpty());
  EXPECT_THAT(Check(Ratio("1", "8", "12.5")), IsEmpty());
  EXPECT_THAT(Check(Ratio("1", "8", "13")), IsEmpty());
  EXPECT_THAT(Check(Ratio("1", "8", "12")), ElementsAre("measurement.ratio.value VALUE_CONTRADICTS_PARTS"));
  EXPECT_THAT(Check(Ratio("1", "3", "33.33")), IsEmpty());
  EXPECT_THAT(Check(Ratio("1", "3", "33.34")), ElementsAre("measurement.ratio.value VALUE_CONTRADICTS_PARTS"));
}

TEST_F(ReadingAgainstDefinitionTest, RefusesWhatIsOutsideTheAllowedValues) {
  EXPECT_THAT(Check("measurement { value { value: '100' } }"), IsEmpty());
  EXPECT_THAT(Check("measurement { value { value: '100.01' } }"), ElementsAre("measurement.value VALUE_NOT_ALLOWED"));
  EXPECT_THAT(Check("measurement { value { value: '-0.1' } }"), ElementsAre("measurement.value VALUE_NOT_ALLOWED"));
}

TEST_F(ReadingAgainstDefinitionTest, RefusesPeriodsThatTheIndicatorDoesNotHave) {
  EXPECT_THAT(Check("period: '2021-22-Q3'"), IsEmpty());
  EXPECT_THAT(Check("period: '2022-Q1'"), ElementsAre("period PERIOD_NOT_TAKEN"));
  definition_.retired_from = rating::testing::M("2022-02");
  EXPECT_THAT(Check(""), ElementsAre("period INDICATOR_RETIRED"));
  EXPECT_THAT(Check("period: '2022-01'"), IsEmpty());
  definition_.retired_from.reset();
  definition_.active_from = rating::testing::M("2022-02");
  EXPECT_THAT(Check("period: '2022-01'"), ElementsAre("period PERIOD_NOT_TAKEN"));
  EXPECT_THAT(Check(""), IsEmpty());
}

TEST_F(ReadingAgainstDefinitionTest, TellsEverythingAtOnce) {
  definition_.retired_from = rating::testing::M("2021-01");
  EXPECT_THAT(Check("period: '2022-Q1' " + Ratio("3", "2", "149")),
              UnorderedElementsAre("period PERIOD_NOT_TAKEN", "period INDICATOR_RETIRED",
                                   "measurement.ratio.value VALUE_CONTRADICTS_PARTS",
                                   "measurement.ratio.value VALUE_NOT_ALLOWED"));
}

TEST_F(ReadingAgainstDefinitionTest, WordsAreTakenWhereFiguresAre) {
  rating::Comment comment;
  comment.text = "words";
  const auto check = [&](const char* period) {
    comment.period = rating::testing::P(period);
    return Told(CheckAgainst(definition_, comment));
  };
  EXPECT_THAT(check("2022-02"), IsEmpty());
  definition_.active_from = rating::testing::M("2021-06");
  definition_.retired_from = rating::testing::M("2022-02");
  EXPECT_THAT(check("2021-06"), IsEmpty());
  EXPECT_THAT(check("2021-05"), ElementsAre("period PERIOD_NOT_TAKEN"));
  EXPECT_THAT(check("2022-02"), ElementsAre("period INDICATOR_RETIRED"));
  comment.text.clear();  // It is taken back.
  EXPECT_THAT(check("2022-02"), IsEmpty());
}

TEST(ReadingTodayTest, APeriodIsTakenFromItsFirstDayOn) {
  const core::Period february = rating::testing::P("2022-02");
  EXPECT_THAT(Told(CheckToday(february, core::Date(2022, 1, 31))), ElementsAre("period PERIOD_NOT_BEGUN"));
  EXPECT_THAT(Told(CheckToday(february, core::Date(2022, 2, 1))), IsEmpty());
  EXPECT_THAT(Told(CheckToday(february, core::Date(2072, 1, 31))), IsEmpty()) << "600 months, February 2022 among them";
  EXPECT_THAT(Told(CheckToday(february, core::Date(2072, 2, 1))), ElementsAre("period OUT_OF_RANGE"));
  rating::Reading reading;
  reading.period = february;
  reading.seldom.Edit().as_at = "2022-03-11";
  EXPECT_THAT(Told(CheckToday(reading, core::Date(2022, 3, 11))), IsEmpty());
  EXPECT_THAT(Told(CheckToday(reading, core::Date(2022, 3, 10))), ElementsAre("as_at OUT_OF_RANGE"));
}

TEST(CommentTest, MayHoldParagraphsUpToItsLimit) {
  auto comment = testing::Read<v1::Comment>("council: 'E06000061' ref: 'T1' period: '2022-02' comment_id: 'c1'");
  comment.set_text("One.\n\nTwo.");
  EXPECT_TRUE(FromProto(comment).ok());
  comment.set_text(std::string(10'000, 'x'));
  EXPECT_TRUE(FromProto(comment).ok());
  comment.set_text(std::string(10'001, 'x'));
  EXPECT_THAT(Told(FromProto(comment).violations), ElementsAre("text TEXT_TOO_LONG"));
}

TEST(WithdrawalTest, NeedsItsTwoIds) {
  const auto withdrawal = testing::Read<v1::Withdrawal>("council: 'E06000061' ref: 'T1' period: '2022-02'");
  EXPECT_THAT(Told(FromProto(withdrawal).violations), ElementsAre("reading_id REQUIRED", "withdrawal_id REQUIRED"));
}

}  // namespace
}  // namespace bellwether::codec
