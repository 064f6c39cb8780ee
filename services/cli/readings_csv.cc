#include "services/cli/readings_csv.h"

#include "absl/strings/str_cat.h"
#include "bellwether/core/text.h"
#include "services/cli/csv.h"

namespace bellwether::cli {
namespace {

// SDMX codes of a figure that is not available.
bool SaysNotAvailable(std::string_view code) {
  return code.size() == 1 && std::string_view("MLQOHS").find(code[0]) != std::string_view::npos;
}

void Set(const std::string& text, v1::Decimal* (v1::OtherMeasures::*mutable_field)(), v1::Reading* reading) {
  if (!text.empty()) (reading->mutable_other()->*mutable_field)()->set_value(text);
}

// The figure of a row. False: it has none. An error if it has two.
absl::StatusOr<bool> FillMeasurement(const CsvTable& table, size_t row, v1::Measurement* measurement) {
  const auto get = [&](std::string_view column) -> const std::string& { return table.Get(row, column); };
  const bool ratio = !get("numerator").empty() || !get("denominator").empty();
  const bool mean = !get("mean").empty() || !get("weight").empty();
  const bool value = !get("value").empty();
  if ((ratio || value) && mean) {
    return absl::InvalidArgumentError(
        "fill value, or numerator and denominator (with or without value), or mean and weight");
  }
  if (ratio) {
    v1::Ratio& parts = *measurement->mutable_ratio();
    if (!get("numerator").empty()) parts.mutable_numerator()->set_value(get("numerator"));
    if (!get("denominator").empty()) parts.mutable_denominator()->set_value(get("denominator"));
    if (value) parts.mutable_value()->set_value(get("value"));
  } else if (mean) {
    v1::WeightedMean& parts = *measurement->mutable_weighted_mean();
    if (!get("mean").empty()) parts.mutable_mean()->set_value(get("mean"));
    if (!get("weight").empty()) parts.mutable_weight()->set_value(get("weight"));
  } else if (value) {
    measurement->mutable_value()->set_value(get("value"));
  } else if (!get("reason").empty() || SaysNotAvailable(get("observation_status"))) {
    measurement->mutable_not_available()->set_reason(get("reason"));
  }
  return ratio || mean || value || measurement->has_not_available();
}

v1::Reading ReadingOf(const CsvTable& table, size_t row) {
  const auto get = [&](std::string_view column) -> const std::string& { return table.Get(row, column); };
  v1::Reading reading;
  reading.set_corrects(get("corrects"));
  reading.set_observation_status(get("observation_status"));
  reading.set_as_at(get("as_at"));
  reading.set_published_arrow(get("published_arrow"));
  reading.set_published_status(get("published_status"));
  reading.set_source(get("source"));
  Set(get("volume"), &v1::OtherMeasures::mutable_volume, &reading);
  Set(get("amount"), &v1::OtherMeasures::mutable_amount, &reading);
  Set(get("amount_in_period"), &v1::OtherMeasures::mutable_amount_in_period, &reading);
  Set(get("attainment"), &v1::OtherMeasures::mutable_attainment, &reading);
  return reading;
}

template <typename Record>
void Address(std::string_view council, const CsvTable& table, size_t row, Record* record) {
  record->set_council(std::string(council));
  record->set_ref(table.Get(row, "ref"));
  record->set_period(table.Get(row, "period"));
}

std::string Text(bool has, const v1::Decimal& d) { return has ? d.value() : ""; }

}  // namespace

const std::vector<std::string>& ReadingsColumns() {
  static const std::vector<std::string> columns = {"council",
                                                   "ref",
                                                   "period",
                                                   "reading_id",
                                                   "corrects",
                                                   "value",
                                                   "numerator",
                                                   "denominator",
                                                   "mean",
                                                   "weight",
                                                   "volume",
                                                   "amount",
                                                   "amount_in_period",
                                                   "attainment",
                                                   "observation_status",
                                                   "as_at",
                                                   "published_arrow",
                                                   "published_status",
                                                   "reason",
                                                   "source",
                                                   "comment"};
  return columns;
}

absl::StatusOr<ReadingsFile> ParseReadings(std::string_view text, std::string_view default_council,
                                           std::string_view id_prefix) {
  absl::StatusOr<CsvTable> table = CsvTable::Parse(text, ReadingsColumns(), {"ref", "period"});
  if (!table.ok()) return table.status();
  ReadingsFile file;
  for (size_t i = 0; i < table->size(); ++i) {
    const int line = table->line(i);
    ReadingsRow row;
    row.line = line;
    const std::string& own = table->Get(i, "council");
    const std::string_view council = own.empty() ? default_council : std::string_view(own);
    const std::string& given_id = table->Get(i, "reading_id");
    const std::string id = given_id.empty() ? absl::StrCat(core::ToAbsl(id_prefix), "-", line) : given_id;
    v1::Reading reading = ReadingOf(*table, i);
    const absl::StatusOr<bool> figure = FillMeasurement(*table, i, reading.mutable_measurement());
    if (!figure.ok()) {
      file.errors.Add(absl::StrCat("line ", line, ": ", figure.status().message()));
      continue;
    }
    if (*figure) {
      Address(council, *table, i, &reading);
      reading.set_reading_id(id);
      row.reading = std::move(reading);
    }
    if (const std::string& words = table->Get(i, "comment"); !words.empty()) {
      v1::Comment comment;
      Address(council, *table, i, &comment);
      comment.set_comment_id(id);
      comment.set_text(words);
      comment.set_source(table->Get(i, "source"));
      row.comment = std::move(comment);
    }
    if (!row.reading && !row.comment) {
      file.errors.Add(absl::StrCat("line ", line,
                                   ": neither a figure nor a comment: fill value, or numerator and denominator, or "
                                   "mean and weight, or reason for a figure that is not available, or comment"));
      continue;
    }
    file.rows.push_back(std::move(row));
  }
  return file;
}

std::string ReadingsHeader() { return CsvLine(ReadingsColumns()); }

std::string ReadingsLine(const v1::ReadingInForce& in_force) {
  const v1::Reading& r = in_force.reading();
  const v1::Comment& c = in_force.comment();
  const v1::Measurement& m = r.measurement();
  const v1::OtherMeasures& o = r.other();
  const bool only_comment = !in_force.has_reading();
  return CsvLine({only_comment ? c.council() : r.council(),
                  only_comment ? c.ref() : r.ref(),
                  only_comment ? c.period() : r.period(),
                  only_comment ? c.comment_id() : r.reading_id(),
                  r.corrects(),
                  m.has_ratio() ? Text(m.ratio().has_value(), m.ratio().value()) : Text(m.has_value(), m.value()),
                  Text(m.has_ratio(), m.ratio().numerator()),
                  Text(m.has_ratio(), m.ratio().denominator()),
                  Text(m.has_weighted_mean(), m.weighted_mean().mean()),
                  Text(m.has_weighted_mean(), m.weighted_mean().weight()),
                  Text(o.has_volume(), o.volume()),
                  Text(o.has_amount(), o.amount()),
                  Text(o.has_amount_in_period(), o.amount_in_period()),
                  Text(o.has_attainment(), o.attainment()),
                  r.observation_status(),
                  r.as_at(),
                  r.published_arrow(),
                  r.published_status(),
                  m.not_available().reason(),
                  only_comment ? c.source() : r.source(),
                  c.text()});
}

std::string TemplateLine(std::string_view council, const v1::DueReading& due) {
  std::vector<std::string> fields(ReadingsColumns().size());
  fields[0] = std::string(council);
  fields[1] = due.ref();
  fields[2] = due.period();
  return CsvLine(fields);
}

}  // namespace bellwether::cli
