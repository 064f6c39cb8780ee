// How figures, statuses and scores read: for people, and in the tidy CSV.
#ifndef BELLWETHER_REPORT_TEXT_H_
#define BELLWETHER_REPORT_TEXT_H_

#include <google/protobuf/generated_enum_reflection.h>

#include <map>
#include <string>

#include "bellwether/codec/enum_name.h"
#include "bellwether/v1/query_service.pb.h"

namespace bellwether::report {

// "higher" of POLARITY_HIGHER; empty of the zero value.
template <typename Enum>
std::string EnumWord(Enum value) {
  const google::protobuf::EnumValueDescriptor* d =
      google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(value);
  return d == nullptr || d->number() == 0 ? "" : codec::ShortEnumName(*d);
}

// Schemes by id.
using Schemes = std::map<std::string, v1::Scheme>;

// A cell's status as people read it: the scheme's shape and label; where there is no figure, the word of its absence
// instead of a label, which may be no more than a colour's name.
struct StatusText {
  std::string shape;
  std::string label;
  std::string colour;
  // With what the label alone does not say: "Grey (missing)", "Green (provisional)".
  std::string full;
};
StatusText StatusOf(const Schemes& schemes, const std::string& of_score, const v1::Cell& cell);

// Adds those of an answer; what is kept of an id stays.
void Keep(const google::protobuf::RepeatedPtrField<v1::Scheme>& schemes, Schemes* kept);

// What to call the scheme beside the others: its name, with its id where another of them has the same name.
template <typename AllSchemes>
std::string NameAmong(const AllSchemes& schemes, const v1::Scheme& scheme) {
  for (const v1::Scheme& other : schemes) {
    if (other.id() != scheme.id() && other.name() == scheme.name()) return scheme.name() + " (" + scheme.id() + ")";
  }
  return scheme.name();
}

// "provisional" of P and so on, SDMX's codes; empty of A and of what is none.
std::string ObservationWord(const std::string& code);

// An edge, or how far it is: a fraction as a decimal where it ends, else as it is.
std::string EdgeText(const std::string& fraction);

// The figure in its unit: "85.71%", "20.55 days", "72,835".
std::string FigureText(const v1::Decimal& value, const std::string& unit);

// The decimal's text, or empty where it is absent.
std::string Plain(bool has, const v1::Decimal& value);

// The tidy history of one indicator: a line for each period with a score.
std::string IndicatorCsv(const v1::GetIndicatorResponse& history);

// "2022-03-15 14:05:00", in Europe/London; empty where it is absent.
std::string TimeText(bool has, const google::protobuf::Timestamp& time);
// "2022-03-15T14:05:00.123Z"; empty where it is absent.
std::string TimeIso(bool has, const google::protobuf::Timestamp& time);

}  // namespace bellwether::report

#endif  // BELLWETHER_REPORT_TEXT_H_
