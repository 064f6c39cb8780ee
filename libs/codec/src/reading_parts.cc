#include "reading_parts.h"

#include "plain_fields.h"

namespace bellwether::codec {
namespace {

using Text = std::optional<std::string_view>;

Text TextOf(bool has, const v1::Decimal& decimal) { return has ? Text(decimal.value()) : std::nullopt; }

class PlainReader {
 public:
  ReadingParts Reading(std::string_view bytes) {
    PlainFields fields(bytes);
    ReadingParts parts;
    parts.council = fields.Text(v1::Reading::kCouncilFieldNumber);
    parts.ref = fields.Text(v1::Reading::kRefFieldNumber);
    parts.period = fields.Text(v1::Reading::kPeriodFieldNumber);
    parts.reading_id = fields.Text(v1::Reading::kReadingIdFieldNumber);
    parts.corrects = fields.Text(v1::Reading::kCorrectsFieldNumber);
    if (const Text measurement = fields.Take(v1::Reading::kMeasurementFieldNumber)) {
      parts.measurement = Measurement(*measurement);
    }
    parts.observation_status = fields.Text(v1::Reading::kObservationStatusFieldNumber);
    parts.as_at = fields.Text(v1::Reading::kAsAtFieldNumber);
    if (const Text other = fields.Take(v1::Reading::kOtherFieldNumber)) parts.other = Other(*other);
    parts.published_arrow = fields.Text(v1::Reading::kPublishedArrowFieldNumber);
    parts.published_status = fields.Text(v1::Reading::kPublishedStatusFieldNumber);
    parts.source = fields.Text(v1::Reading::kSourceFieldNumber);
    Finish(fields);
    return parts;
  }
  // Whether all of it was what our encoder writes.
  bool plain() const { return plain_; }

 private:
  void Finish(const PlainFields& fields) { plain_ = plain_ && fields.AtEnd(); }

  std::string_view Decimal(std::string_view bytes) {
    PlainFields fields(bytes);
    const std::string_view value = fields.Text(v1::Decimal::kValueFieldNumber);
    Finish(fields);
    return value;
  }
  Text Decimal(int field, PlainFields& fields) {
    const Text bytes = fields.Take(field);
    return bytes ? Text(Decimal(*bytes)) : std::nullopt;
  }

  MeasurementParts Measurement(std::string_view bytes) {
    PlainFields fields(bytes);
    MeasurementParts parts;
    if (const Text value = fields.Take(v1::Measurement::kValueFieldNumber)) {
      parts = Decimal(*value);
    } else if (const Text ratio = fields.Take(v1::Measurement::kRatioFieldNumber)) {
      parts = Ratio(*ratio);
    } else if (const Text mean = fields.Take(v1::Measurement::kWeightedMeanFieldNumber)) {
      parts = Mean(*mean);
    } else if (const Text absent = fields.Take(v1::Measurement::kNotAvailableFieldNumber)) {
      parts = NotAvailable(*absent);
    }
    Finish(fields);
    return parts;
  }
  RatioParts Ratio(std::string_view bytes) {
    PlainFields fields(bytes);
    RatioParts parts;
    parts.numerator = Decimal(v1::Ratio::kNumeratorFieldNumber, fields);
    parts.denominator = Decimal(v1::Ratio::kDenominatorFieldNumber, fields);
    parts.value = Decimal(v1::Ratio::kValueFieldNumber, fields);
    Finish(fields);
    return parts;
  }
  MeanParts Mean(std::string_view bytes) {
    PlainFields fields(bytes);
    MeanParts parts;
    parts.mean = Decimal(v1::WeightedMean::kMeanFieldNumber, fields);
    parts.weight = Decimal(v1::WeightedMean::kWeightFieldNumber, fields);
    Finish(fields);
    return parts;
  }
  NotAvailableParts NotAvailable(std::string_view bytes) {
    PlainFields fields(bytes);
    const NotAvailableParts parts{fields.Text(v1::NotAvailable::kReasonFieldNumber)};
    Finish(fields);
    return parts;
  }
  OtherParts Other(std::string_view bytes) {
    PlainFields fields(bytes);
    OtherParts parts;
    parts.volume = Decimal(v1::OtherMeasures::kVolumeFieldNumber, fields);
    parts.amount = Decimal(v1::OtherMeasures::kAmountFieldNumber, fields);
    parts.amount_in_period = Decimal(v1::OtherMeasures::kAmountInPeriodFieldNumber, fields);
    parts.attainment = Decimal(v1::OtherMeasures::kAttainmentFieldNumber, fields);
    Finish(fields);
    return parts;
  }

  bool plain_ = true;
};

}  // namespace

MeasurementParts PartsOf(const v1::Measurement& measurement) {
  switch (measurement.kind_case()) {
    case v1::Measurement::kValue:
      return std::string_view(measurement.value().value());
    case v1::Measurement::kRatio: {
      const v1::Ratio& ratio = measurement.ratio();
      return RatioParts{TextOf(ratio.has_numerator(), ratio.numerator()),
                        TextOf(ratio.has_denominator(), ratio.denominator()), TextOf(ratio.has_value(), ratio.value())};
    }
    case v1::Measurement::kWeightedMean: {
      const v1::WeightedMean& mean = measurement.weighted_mean();
      return MeanParts{TextOf(mean.has_mean(), mean.mean()), TextOf(mean.has_weight(), mean.weight())};
    }
    case v1::Measurement::kNotAvailable:
      return NotAvailableParts{measurement.not_available().reason()};
    case v1::Measurement::KIND_NOT_SET:
      break;
  }
  return {};
}

OtherParts PartsOf(const v1::OtherMeasures& other) {
  return {TextOf(other.has_volume(), other.volume()), TextOf(other.has_amount(), other.amount()),
          TextOf(other.has_amount_in_period(), other.amount_in_period()),
          TextOf(other.has_attainment(), other.attainment())};
}

ReadingParts PartsOf(const v1::Reading& reading) {
  ReadingParts parts;
  parts.council = reading.council();
  parts.ref = reading.ref();
  parts.period = reading.period();
  parts.reading_id = reading.reading_id();
  parts.corrects = reading.corrects();
  parts.measurement = PartsOf(reading.measurement());
  parts.observation_status = reading.observation_status();
  parts.as_at = reading.as_at();
  parts.other = PartsOf(reading.other());
  parts.published_arrow = reading.published_arrow();
  parts.published_status = reading.published_status();
  parts.source = reading.source();
  return parts;
}

std::optional<ReadingParts> PlainPartsOf(std::string_view reading) {
  PlainReader reader;
  const ReadingParts parts = reader.Reading(reading);
  return reader.plain() ? std::optional(parts) : std::nullopt;
}

}  // namespace bellwether::codec
