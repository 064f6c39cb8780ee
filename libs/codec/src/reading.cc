#include "bellwether/codec/reading.h"

#include <string_view>

#include "absl/time/civil_time.h"
#include "bellwether/codec/values.h"
#include "bellwether/core/limits.h"
#include "bellwether/core/text.h"
#include "check.h"
#include "encode.h"
#include "reading_parts.h"

namespace bellwether::codec {
namespace {

namespace limits = core::limits;

// SDMX's codes for observation status, of figures and of figures that are not available.
constexpr std::string_view kFigureStatuses = "APEFBIDUVN";
constexpr std::string_view kAbsenceStatuses = "MLQOHS";

rating::Ratio ReadRatio(const RatioParts& parts, const Path& path, Checker& check) {
  rating::Ratio ratio;
  const size_t before = check.count();
  if (parts.numerator) {
    ratio.numerator = check.Number(Path(path, "numerator"), *parts.numerator);
  } else {
    check.Required(Path(path, "numerator"), "a ratio has a numerator and a denominator");
  }
  if (parts.denominator) {
    ratio.denominator = check.NotNegative(Path(path, "denominator"), *parts.denominator);
  } else {
    check.Required(Path(path, "denominator"), "a ratio has a numerator and a denominator");
  }
  if (parts.value) ratio.value = check.Number(Path(path, "value"), *parts.value);
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

rating::WeightedMean ReadMean(const MeanParts& parts, const Path& path, Checker& check) {
  rating::WeightedMean mean;
  if (parts.mean) {
    mean.mean = check.Number(Path(path, "mean"), *parts.mean);
  } else {
    check.Required(Path(path, "mean"), "a weighted mean has a mean and a weight");
  }
  if (parts.weight) {
    mean.weight = check.NotNegative(Path(path, "weight"), *parts.weight);
  } else {
    check.Required(Path(path, "weight"), "a weighted mean has a mean and a weight");
  }
  return mean;
}

// One kind of measurement.
struct MeasurementReader {
  const Path& path;
  Checker& check;

  rating::Measurement operator()(std::monostate /*none*/) const {
    check.Required(path, "state value, ratio, weighted_mean or not_available");
    return core::Decimal();
  }
  rating::Measurement operator()(std::string_view value) const { return check.Number(Path(path, "value"), value); }
  rating::Measurement operator()(const RatioParts& ratio) const { return ReadRatio(ratio, Path(path, "ratio"), check); }
  rating::Measurement operator()(const MeanParts& mean) const {
    return ReadMean(mean, Path(path, "weighted_mean"), check);
  }
  rating::Measurement operator()(const NotAvailableParts& absent) const {
    check.Text(Path(path, "not_available.reason"), absent.reason, limits::kNotAvailableReasonCharacters, 0,
               Lines::kMany);
    return rating::NotAvailable{std::string(absent.reason)};
  }
};

rating::Measurement ReadMeasurement(const MeasurementParts& parts, const Path& path, Checker& check) {
  return std::visit(MeasurementReader{path, check}, parts);
}

rating::OtherMeasures ReadOther(const OtherParts& parts, const Path& path, Checker& check) {
  rating::OtherMeasures other;
  if (parts.volume) other.volume = check.Number(Path(path, "volume"), *parts.volume);
  if (parts.amount) other.amount = check.Number(Path(path, "amount"), *parts.amount);
  if (parts.amount_in_period) {
    other.amount_in_period = check.Number(Path(path, "amount_in_period"), *parts.amount_in_period);
  }
  if (parts.attainment) other.attainment = check.Number(Path(path, "attainment"), *parts.attainment);
  return other;
}

// Names the codes for people: "A, P, E".
std::string Listed(std::string_view codes) {
  std::string list;
  for (const char c : codes) absl::StrAppend(&list, list.empty() ? "" : ", ", std::string(1, c));
  return list;
}

char ReadObservationStatus(const ReadingParts& parts, Checker& check) {
  const std::string_view text = parts.observation_status;
  const bool absent = std::holds_alternative<NotAvailableParts>(parts.measurement);
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

void CheckDate(const Path& path, std::string_view text, Checker& check) {
  if (text.empty()) return;
  absl::CivilDay day;
  if (!absl::ParseCivilTime(core::ToAbsl(text), &day) || absl::FormatCivilTime(day) != text) {
    check.Add(path, Reason::kNotADate, absl::StrCat(Quoted(text), " is not a day: write it like 2022-02-28"));
  }
}

core::IndicatorKey ReadKey(std::string_view council, std::string_view ref, Checker& check) {
  check.Council("council", council);
  check.Ref("ref", ref);
  return {std::string(council), std::string(ref)};
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
  rating::Measurement value = ReadMeasurement(PartsOf(measurement), "", check);
  return {std::move(value), check.Take()};
}

Parsed<rating::OtherMeasures> FromProto(const v1::OtherMeasures& other) {
  Checker check;
  rating::OtherMeasures value = ReadOther(PartsOf(other), "", check);
  return {std::move(value), check.Take()};
}

bool SaysNotAvailable(std::string_view observation_status) {
  return observation_status.size() == 1 && kAbsenceStatuses.find(observation_status[0]) != std::string_view::npos;
}

Keyed<rating::Reading> ReadReading(const ReadingParts& parts, Checker& check) {
  Keyed<rating::Reading> keyed{ReadKey(parts.council, parts.ref, check), {}};
  rating::Reading& reading = keyed.value;
  rating::SaidSeldom seldom;
  reading.period = check.Period("period", parts.period);
  check.RecordId("reading_id", parts.reading_id);
  reading.reading_id = parts.reading_id;
  if (!parts.corrects.empty()) check.RecordId("corrects", parts.corrects);
  seldom.corrects = parts.corrects;
  if (!parts.corrects.empty() && parts.corrects == parts.reading_id) {
    check.Add("corrects", Reason::kCorrectsItself,
              absl::StrCat(Quoted(parts.corrects), " is the reading's own id: a correction has an id of its own"));
  }
  reading.measurement = ReadMeasurement(parts.measurement, "measurement", check);
  reading.observation_status = ReadObservationStatus(parts, check);
  CheckDate("as_at", parts.as_at, check);
  seldom.as_at = parts.as_at;
  seldom.other = ReadOther(parts.other, "other", check);
  check.Text("published_arrow", parts.published_arrow, limits::kArrowCharacters);
  seldom.published_arrow = parts.published_arrow;
  check.Text("published_status", parts.published_status, limits::kPublishedStatusCharacters);
  seldom.published_status = parts.published_status;
  check.Text("source", parts.source, limits::kIdCharacters);
  reading.source = parts.source;
  reading.seldom = std::move(seldom);
  return keyed;
}

Parsed<Keyed<rating::Reading>> FromProto(const v1::Reading& proto) {
  Checker check;
  Keyed<rating::Reading> keyed = ReadReading(PartsOf(proto), check);
  return {std::move(keyed), check.Take()};
}

Parsed<Keyed<rating::Withdrawal>> FromProto(const v1::Withdrawal& proto) {
  Checker check;
  Keyed<rating::Withdrawal> keyed{ReadKey(proto.council(), proto.ref(), check), {}};
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
  Keyed<rating::Comment> keyed{ReadKey(proto.council(), proto.ref(), check), {}};
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
