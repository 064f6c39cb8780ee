#include "bellwether/report/text.h"

#include <gtest/gtest.h>

namespace bellwether::report {
namespace {

TEST(EdgeTextTest, IsADecimalWhereTheFractionEnds) {
  EXPECT_EQ(EdgeText("1007/20"), "50.35");
  EXPECT_EQ(EdgeText("-993/20"), "-49.65");
  EXPECT_EQ(EdgeText("55"), "55");
  EXPECT_EQ(EdgeText("-35/3"), "-35/3");
}

class StatusTextTest : public ::testing::Test {
 protected:
  StatusTextTest() {
    v1::Scheme& scheme = schemes_["key"];
    const auto add = [&](const char* id, const char* label) {
      scheme.add_statuses()->set_id(id);
      scheme.mutable_statuses(scheme.statuses_size() - 1)->set_label(label);
    };
    add("green", "Green");
    add("missing", "Dark Grey");
    add("na", "Reports in Q4");
    add("none", "Data missing");
  }
  std::string Full(const char* status, v1::CellState state, const char* value, const char* observed = "") const {
    v1::Cell cell;
    cell.set_status(status);
    cell.set_state(state);
    cell.set_observation_status(observed);
    if (*value != 0) cell.mutable_value()->set_value(value);
    return StatusOf(schemes_, "key", cell).full;
  }
  Schemes schemes_;
};

TEST_F(StatusTextTest, AnAbsenceHasItsLabelAndItsWord) {
  EXPECT_EQ(Full("na", v1::CELL_STATE_NOT_APPLICABLE, ""), "Reports in Q4 (not applicable)");
  EXPECT_EQ(Full("missing", v1::CELL_STATE_MISSING, ""), "Dark Grey (missing)");
  EXPECT_EQ(Full("none", v1::CELL_STATE_MISSING, ""), "Data missing");
  EXPECT_EQ(Full("not-due", v1::CELL_STATE_NOT_DUE, ""), "not due");
  EXPECT_EQ(Full("na", v1::CELL_STATE_NOT_APPLICABLE, "", "M"), "Reports in Q4 (not applicable)");
}

TEST_F(StatusTextTest, AFigureThatIsNotSureSaysSo) {
  EXPECT_EQ(Full("green", v1::CELL_STATE_RATED, "92"), "Green");
  EXPECT_EQ(Full("green", v1::CELL_STATE_RATED, "92", "A"), "Green");
  EXPECT_EQ(Full("green", v1::CELL_STATE_RATED, "92", "P"), "Green (provisional)");
  EXPECT_EQ(Full("green", v1::CELL_STATE_RATED, "92", "E"), "Green (estimated)");
}

}  // namespace
}  // namespace bellwether::report
