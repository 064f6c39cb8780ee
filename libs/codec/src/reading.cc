#include "bellwether/codec/reading.h"

#include <string_view>

#include "absl/time/civil_time.h"
#include "bellwether/codec/values.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/text.h"
#include "check.h"
#include "encode.h"

namespace bellwether::codec {
namespace {

namespace limits = core::limits;

// SDMX's codes for observation status, of figures and of figures that are not available.
constexpr std::string_view kFigureStatuses = "APEFBIDUVN";
constexpr std::string_view kAbsenceStatuses = "MLQOHS";

rating::Ratio ReadRatio(const v1::Ratio& proto, const Path& path, Checker& check) {
  rating::Ratio ratio;
  const size_t before = check.count();
  if (proto.has_numerator()) {
    ratio.numerator = check.Number(Path(path, "numerator"), proto.numerator());
  } else {
    check.Required(Path(path, "numerator"), "a ratio has a numerator and a denominator");
  }
  if (proto.has_denominator()) {
    ratio.denominator = check.NotNegative(Path(path, "denominator"), proto.denominator());
  } else {
    check.Required(Path(path, "denominator"), "a ratio has a numerator and a denominator");
  }
  if (proto.has_value()) ratio.value = check.Number(Path(path, "value"), proto.value());
  if (check.count() != before || !ratio.denominator.IsZero()) return ratio;
  if (!ratio.numerator.IsZero()) {
    check.Add(Path(path, "denominator"), Reason::kDenominatorZero,
              absl::StrCat("is 0 while the numerator is ", ratio.numerator.ToString(),
                           ": nothing can be divided by it; 0 over 0 says that nothing happened"));
  } else if (ratio.value.has_value()) {
    check.Add(
        Path(path, "value"), Reason::kValueContradictsParts,
        absl::StrCat(ratio.value->ToString(), " is stated for 0 over 0, which has no value: leave the value out"));
  }
  return ratio;
}

rating::WeightedMean ReadMean(const v1::WeightedMean& proto, const Path& path, Checker& check) {
  rating::WeightedMean mean;
  if (proto.has_mean()) {
    mean.mean = check.Number(Path(path, "mean"), proto.mean());
  } else {
    check.Required(Path(path, "mean"), "a weighted mean has a mean and a weight");
  }
  if (proto.has_weight()) {
    mean.weight = check.NotNegative(Path(path, "weight"), proto.weight());
  } else {
    check.Required(Path(path, "weight"), "a weighted mean has a mean and a weight");
  }
  return mean;
}

rating::Measurement ReadMeasurement(const v1::Measurement& proto, const Path& path, Checker& check) {
  switch (proto.kind_case()) {
    case v1::Measurement::kValue:
      return check.Number(Path(path, "value"), proto.value());
    case v1::Measurement::kRatio:
      return ReadRatio(proto.ratio(), Path(path, "ratio"), check);
    case v1::Measurement::kWeightedMean:
      return ReadMean(proto.weighted_mean(), Path(path, "weighted_mean"), check);
    case v1::Measurement::kNotAvailable:
      check.Text(Path(path, "not_available.reason"), proto.not_available().reason(),
                 limits::kNotAvailableReasonCharacters, 0, Lines::kMany);
      return rating::NotAvailable{proto.not_available().reason()};
    case v1::Measurement::KIND_NOT_SET:
      check.Required(path, "state value, ratio, weighted_mean or not_available");
      return core::Decimal();
  }
  return core::Decimal();
}

rating::OtherMeasures ReadOther(const v1::OtherMeasures& proto, const Path& path, Checker& check) {
  rating::OtherMeasures other;
  if (proto.has_volume()) other.volume = check.Number(Path(path, "volume"), proto.volume());
  if (proto.has_amount()) other.amount = check.Number(Path(path, "amount"), proto.amount());
  if (proto.has_amount_in_period()) {
    other.amount_in_period = check.Number(Path(path, "amount_in_period"), proto.amount_in_period());
  }
  if (proto.has_attainment()) other.attainment = check.Number(Path(path, "attainment"), proto.attainment());
  return other;
}

// Names the codes for people: "A, P, E".
std::string Listed(std::string_view codes) {
  std::string list;
  for (const char c : codes) absl::StrAppend(&list, list.empty() ? "" : ", ", std::string(1, c));
  return list;
}

char ReadObservationStatus(const v1::Reading& proto, Checker& check) {
  const std::string& text = proto.observation_status();
  const bool absent = proto.measurement().has_not_available();
  const std::string_view fitting = absent ? kAbsenceStatuses : kFigureStatuses;
  const auto remedy = [&] { return absl::StrCat("say one of ", Listed(fitting)); };
  if (text.empty()) {
    if (!absent) return 'A';
    check.Required("observation_status", absl::StrCat("a figure that is not available says why: ", remedy()));
    return 'A';
  }
  const bool known =
      SaysNotAvailable(text) || (text.size() == 1 && kFigureStatuses.find(text[0]) != std::string_view::npos);
  if (!known) {
    check.Add("observation_status", Reason::kUnknownCode,
              absl::StrCat(Quoted(text), " is not an observation status of SDMX: ", remedy()));
  } else if (fitting.find(text[0]) == std::string_view::npos) {
    check.Add("observation_status", Reason::kContradiction,
              absl::StrCat(Quoted(text),
                           absent ? " is not for a figure that is not available: "
                                  : " is for figures that are not available, and there is one: ",
                           remedy()));
  } else {
    return text[0];
  }
  return 'A';
}

void CheckDate(const std::string& path, const std::string& text, Checker& check) {
  if (text.empty()) return;
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day) || absl::FormatCivilTime(day) != text) {
    check.Add(path, Reason::kNotADate, absl::StrCat(Quoted(text), " is not a day: write it like 2022-02-28"));
  }
}

template <typename M>
core::IndicatorKey ReadKey(const M& proto, Checker& check) {
  check.Council("council", proto.council());
  check.Ref("ref", proto.ref());
  return {proto.council(), proto.ref()};
}

}  // namespace

v1::Measurement ToProto(const rating::Measurement& measurement) {
  return MessageOf<v1::Measurement>([&](WireWriter& out) { Write(measurement, out); });
}

v1::Reading ToProto(const core::IndicatorKey& key, const rating::Reading& reading) {
  return MessageOf<v1::Reading>([&](WireWriter& out) { Write(key, reading, out); });
}

v1::Withdrawal ToProto(const core::IndicatorKey& key, const rating::Withdrawal& withdrawal) {
  v1::Withdrawal proto;
  proto.set_council(key.council);
  proto.set_ref(key.ref);
  proto.set_period(withdrawal.period.ToString());
  proto.set_reading_id(withdrawal.reading_id);
  proto.set_withdrawal_id(withdrawal.withdrawal_id);
  proto.set_reason(withdrawal.reason);
  proto.set_source(withdrawal.source);
  return proto;
}

v1::Comment ToProto(const core::IndicatorKey& key, const rating::Comment& comment) {
  v1::Comment proto;
  proto.set_council(key.council);
  proto.set_ref(key.ref);
  proto.set_period(comment.period.ToString());
  proto.set_comment_id(comment.comment_id);
  proto.set_text(comment.text);
  proto.set_source(comment.source);
  return proto;
}

Parsed<rating::Measurement> FromProto(const v1::Measurement& measurement) {
  Checker check;
  rating::Measurement value = ReadMeasurement(measurement, "", check);
  return {std::move(value), check.Take()};
}

Parsed<rating::OtherMeasures> FromProto(const v1::OtherMeasures& other) {
  Checker check;
  rating::OtherMeasures value = ReadOther(other, "", check);
  return {std::move(value), check.Take()};
}

bool SaysNotAvailable(std::string_view observation_status) {
  return observation_status.size() == 1 && kAbsenceStatuses.find(observation_status[0]) != std::string_view::npos;
}

Parsed<Keyed<rating::Reading>> FromProto(const v1::Reading& proto) {
  Checker check;
  Keyed<rating::Reading> keyed{ReadKey(proto, check), {}};
  rating::Reading& reading = keyed.value;
  rating::SaidSeldom seldom;
  reading.period = check.Period("period", proto.period());
  check.RecordId("reading_id", proto.reading_id());
  reading.reading_id = proto.reading_id();
  if (!proto.corrects().empty()) check.RecordId("corrects", proto.corrects());
  seldom.corrects = proto.corrects();
  if (!seldom.corrects.empty() && seldom.corrects == reading.reading_id) {
    check.Add("corrects", Reason::kCorrectsItself,
              absl::StrCat(Quoted(seldom.corrects), " is the reading's own id: a correction has an id of its own"));
  }
  reading.measurement = ReadMeasurement(proto.measurement(), "measurement", check);
  reading.observation_status = ReadObservationStatus(proto, check);
  CheckDate("as_at", proto.as_at(), check);
  seldom.as_at = proto.as_at();
  seldom.other = ReadOther(proto.other(), "other", check);
  check.Text("published_arrow", proto.published_arrow(), limits::kArrowCharacters);
  seldom.published_arrow = proto.published_arrow();
  check.Text("published_status", proto.published_status(), limits::kPublishedStatusCharacters);
  seldom.published_status = proto.published_status();
  check.Text("source", proto.source(), limits::kIdCharacters);
  reading.source = proto.source();
  reading.seldom = std::move(seldom);
  return {std::move(keyed), check.Take()};
}

Parsed<Keyed<rating::Withdrawal>> FromProto(const v1::Withdrawal& proto) {
  Checker check;
  Keyed<rating::Withdrawal> keyed{ReadKey(proto, check), {}};
  rating::Withdrawal& withdrawal = keyed.value;
  withdrawal.period = check.Period("period", proto.period());
  check.RecordId("reading_id", proto.reading_id());
  withdrawal.reading_id = proto.reading_id();
  check.RecordId("withdrawal_id", proto.withdrawal_id());
  withdrawal.withdrawal_id = proto.withdrawal_id();
  check.Text("reason", proto.reason(), limits::kReasonCharacters, 0, Lines::kMany);
  withdrawal.reason = proto.reason();
  check.Text("source", proto.source(), limits::kIdCharacters);
  withdrawal.source = proto.source();
  return {std::move(keyed), check.Take()};
}

Parsed<Keyed<rating::Comment>> FromProto(const v1::Comment& proto) {
  Checker check;
  Keyed<rating::Comment> keyed{ReadKey(proto, check), {}};
  rating::Comment& comment = keyed.value;
  comment.period = check.Period("period", proto.period());
  check.RecordId("comment_id", proto.comment_id());
  comment.comment_id = proto.comment_id();
  check.Text("text", proto.text(), limits::kCommentCharacters, 0, Lines::kMany);
  comment.text = proto.text();
  check.Text("source", proto.source(), limits::kIdCharacters);
  comment.source = proto.source();
  return {std::move(keyed), check.Take()};
}

}  // namespace bellwether::codec
