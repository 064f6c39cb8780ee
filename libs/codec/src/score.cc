#include "bellwether/codec/score.h"

#include "bellwether/codec/reading.h"
#include "bellwether/codec/values.h"
#include "check.h"
#include "encode.h"

namespace bellwether::codec {
namespace {

rating::Range ReadBand(const v1::Range& proto, const std::string& path, Checker& check) {
  rating::Range range;
  if (proto.has_low()) range.low = check.Number(Join(path, "low"), proto.low());
  if (proto.has_high()) range.high = check.Number(Join(path, "high"), proto.high());
  return range;
}

char ReadObservationStatus(const std::string& text, const std::string& path, Checker& check) {
  if (text.empty()) return 'A';
  if (text.size() != 1) check.Add(path, Reason::kUnknownCode, absl::StrCat(Quoted(text), " is not one character"));
  return text[0];
}

rating::Cell ReadCell(const v1::Cell& proto, const std::string& path, Checker& check) {
  rating::Cell cell;
  cell.period = check.DerivedPeriod(Join(path, "period"), proto.period());
  cell.state = check.Code(Join(path, "state"), proto.state());
  cell.status = proto.status();
  const auto number = [&](bool has, const v1::Decimal& decimal, const char* field) {
    return has ? std::optional(check.Number(Join(path, field), decimal)) : std::nullopt;
  };
  cell.value = number(proto.has_value(), proto.value(), "value");
  cell.computed = number(proto.has_computed(), proto.computed(), "computed");
  cell.computed_numerator = number(proto.has_computed_numerator(), proto.computed_numerator(), "computed_numerator");
  cell.computed_denominator =
      number(proto.has_computed_denominator(), proto.computed_denominator(), "computed_denominator");
  if (proto.has_supplied()) {
    Parsed<rating::Measurement> supplied = FromProto(proto.supplied());
    check.AddAll(Under(Join(path, "supplied"), std::move(supplied.violations)));
    cell.supplied = std::move(supplied.value);
  }
  Parsed<rating::OtherMeasures> other = FromProto(proto.other());
  check.AddAll(Under(Join(path, "other"), std::move(other.violations)));
  cell.other = std::move(other.value);
  cell.reason = proto.reason();
  cell.observation_status = ReadObservationStatus(proto.observation_status(), Join(path, "observation_status"), check);
  cell.published_arrow = proto.published_arrow();
  cell.published_status = proto.published_status();
  cell.scheme_id = proto.scheme_id();
  return cell;
}

}  // namespace

v1::Score ToProto(const rating::Score& score) {
  return MessageOf<v1::Score>([&](WireWriter& out) { Write(score, out); });
}

absl::StatusOr<rating::Score> FromProto(const v1::Score& proto) {
  Checker check;
  rating::Score score;
  score.period = check.Period("period", proto.period());
  score.current = ReadCell(proto.current(), "current", check);
  score.previous = ReadCell(proto.previous(), "previous", check);
  for (int i = 0; i < proto.quarters_size(); ++i) {
    score.quarters.push_back(ReadCell(proto.quarters(i), At("quarters", i), check));
  }
  score.year_to_date = ReadCell(proto.year_to_date(), "year_to_date", check);
  score.movement = check.Code("movement", proto.movement());
  score.performance = check.Code("performance", proto.performance());
  score.judgement = check.Code("judgement", proto.judgement());
  score.arrow = proto.arrow();
  const auto number = [&](bool has, const v1::Decimal& decimal, const char* field) {
    return has ? std::optional(check.Number(field, decimal)) : std::nullopt;
  };
  score.target = number(proto.has_target(), proto.target(), "target");
  score.annual_target = number(proto.has_annual_target(), proto.annual_target(), "annual_target");
  score.previous_target = number(proto.has_previous_target(), proto.previous_target(), "previous_target");
  score.variance = number(proto.has_variance(), proto.variance(), "variance");
  if (proto.has_target_range()) score.target_range = ReadBand(proto.target_range(), "target_range", check);
  if (proto.has_tolerated()) score.tolerated = ReadBand(proto.tolerated(), "tolerated", check);
  score.scheme_id = proto.scheme_id();
  score.reading_id = proto.reading_id();
  score.newest = {proto.newest_offset(), FromProto(proto.recorded_at())};
  if (!check.ok()) return ToStatus(check.Take());
  return score;
}

}  // namespace bellwether::codec
