// The readings file: what `readings template` writes, `submit` takes and `export` gives back.
#ifndef BELLWETHER_SERVICES_CLI_READINGS_CSV_H_
#define BELLWETHER_SERVICES_CLI_READINGS_CSV_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bellwether/core/error_list.h"
#include "bellwether/v1/query_service.pb.h"
#include "bellwether/v1/record.pb.h"

namespace bellwether::cli {

// The columns, in order.
const std::vector<std::string>& ReadingsColumns();

// One row of a readings file: a reading, a comment, or both.
struct ReadingsRow {
  int line = 0;
  std::optional<v1::Reading> reading;
  std::optional<v1::Comment> comment;
};

struct ReadingsFile {
  std::vector<ReadingsRow> rows;
  core::ErrorList errors;  // "line 12: ...": rows that say nothing, or two things at once.
};

// Reads a file. Rows without a reading_id get `id_prefix` and their line. Figures are not looked at here: the service
// says what is wrong with them. Error: the file as a whole cannot be read (CsvTable::Parse).
absl::StatusOr<ReadingsFile> ParseReadings(std::string_view text, std::string_view default_council,
                                           std::string_view id_prefix);

// The header line.
std::string ReadingsHeader();
// A row of what is in force.
std::string ReadingsLine(const v1::ReadingInForce& in_force);
// A row to fill in.
std::string TemplateLine(std::string_view council, const v1::DueReading& due);

}  // namespace bellwether::cli

#endif  // BELLWETHER_SERVICES_CLI_READINGS_CSV_H_
