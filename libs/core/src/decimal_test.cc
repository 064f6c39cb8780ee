#include "bellwether/core/decimal.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

#include "absl/hash/hash_testing.h"
#include "bellwether/testing/status_matchers.h"

namespace bellwether::core {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOk;

TEST(DecimalTest, KeepsTheTextThatItReads) {
  for (const char* text : {"0", "1", "98", "98.0", "100.00", "-0.4", "0.000000001", "999999999999999999",
                           "-999999999999999999", "999999999.999999999", "0.999999999"}) {
    const absl::StatusOr<Decimal> d = Decimal::Parse(text);
    ASSERT_THAT(d, IsOk()) << text;
    EXPECT_EQ(d->ToString(), text);
  }
  EXPECT_EQ(Decimal::Parse("-0")->ToString(), "0");
  EXPECT_EQ(Decimal::Parse("-0.0")->ToString(), "0.0");
}

TEST(DecimalTest, RefusesWhatIsNoNumber) {
  for (const char* text :
       {"",   "-",  ".",  ".5",    "5.",  "007",  "00",    "1e5", "NaN", "nan",          "Infinity", "inf",
        "+1", " 1", "1 ", "1,000", "12%", "0x10", "1.2.3", "--1", "1-",  "\xEF\xBC\x91", "£5"}) {
    EXPECT_THAT(Decimal::Parse(text), IsError(absl::StatusCode::kInvalidArgument, "is not a number")) << text;
  }
}

TEST(DecimalTest, RefusesMoreDigitsThanItHolds) {
  EXPECT_THAT(Decimal::Parse("1000000000000000000"), IsError(absl::StatusCode::kOutOfRange, "more than 18 digits"));
  EXPECT_THAT(Decimal::Parse("1234567890.123456789"), IsError(absl::StatusCode::kOutOfRange, "more than 18 digits"));
  EXPECT_THAT(Decimal::Parse("0.0000000001"), IsError(absl::StatusCode::kOutOfRange, "9 digits after the point"));
}

// Zeros after the point are digits: a precision that cannot be kept is refused, never cut.
TEST(DecimalTest, CountsTrailingZeros) {
  EXPECT_THAT(Decimal::Parse("1.000000000"), IsOk());
  EXPECT_THAT(Decimal::Parse("1.0000000000"), IsError(absl::StatusCode::kOutOfRange, "9 digits after the point"));
  EXPECT_THAT(Decimal::Parse("100000000000000000.00"), IsError(absl::StatusCode::kOutOfRange, "18 digits"));
}

TEST(DecimalTest, RefusesAVeryLongTextInFewWords) {
  const absl::Status status = Decimal::Parse(std::string(8'000'000, '9')).status();
  EXPECT_THAT(status, IsError(absl::StatusCode::kOutOfRange, "more than 18 digits"));
  EXPECT_LT(status.message().size(), 200u);
}

TEST(DecimalTest, HashesByIdentity) {
  EXPECT_TRUE(
      absl::VerifyTypeImplementsAbslHashCorrectly({Decimal(), Decimal::FromUnits(0, 1), Decimal::FromUnits(98, 0),
                                                   Decimal::FromUnits(980, 1), Decimal::FromUnits(-980, 1)}));
}

TEST(DecimalTest, TellsIdentityFromValue) {
  const Decimal a = *Decimal::Parse("98.0");
  const Decimal b = *Decimal::Parse("98");
  EXPECT_NE(a, b);
  EXPECT_TRUE(SameValue(a, b));
  EXPECT_TRUE(Compare(*Decimal::Parse("-1.5"), *Decimal::Parse("-1.49")) < 0);
}

TEST(DecimalTest, ReadsWhatItWrites) {
  EXPECT_TRUE(rc::check("parse after print is identity", [] {
    const Decimal d =
        Decimal::FromUnits(*rc::gen::inRange<int64_t>(-PowerOfTen(18) + 1, PowerOfTen(18)), *rc::gen::inRange(0, 10));
    RC_ASSERT(*Decimal::Parse(d.ToString()) == d);
  }));
}

}  // namespace
}  // namespace bellwether::core
