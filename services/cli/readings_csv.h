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
#include "services/cli/known.h"

namespace bellwether::cli {

// The columns, in order.
const std::vector<std::string>& ReadingsColumns();

// One row of a readings file: a reading, a comment, or both.
struct ReadingsRow {
  int line = 0;
  std::string reading_id;              // Of the row, which may have no figure. Empty: it has none.
  std::optional<v1::Reading> reading;  // Its reading_id is the row's.
  std::optional<v1::Comment> comment;  // Its comment_id is the row's.

  Address address() const {
    if (reading) return {reading->council(), reading->ref(), reading->period()};
    return {comment->council(), comment->ref(), comment->period()};
  }
};

struct ReadingsFile {
  std::vector<ReadingsRow> rows;
  std::vector<Address> addresses;                      // Of all rows, those too that are wrong.
  std::vector<std::string> columns;                    // Those that the file has.
  std::string (*as_kept)(std::string_view) = nullptr;  // What a spreadsheet makes of a figure in such a file.
  core::ErrorList errors;          // "line 12: ...": rows that can be read in two ways, say two things, or nothing.
  std::vector<std::string> notes;  // What was read in another way than it stands there.
};

// Reads a file. `known` turns alternate refs into refs, and tells what a spreadsheet made of a figure in force from a
// figure that somebody changed; unless `as_written`. Whether figures are right is for the service to say. Error: the
// file as a whole cannot be read (Sheet::Read).
absl::StatusOr<ReadingsFile> ParseReadings(std::string_view text, std::string_view default_council, const Known& known,
                                           bool as_written = false);

// The id of a row that has none, made of what it says: the same row of any file has the same.
std::string IdOf(const v1::Reading& reading);
std::string IdOf(const v1::Comment& comment);

// The header line.
std::string ReadingsHeader();
// A row of what is in force.
std::string ReadingsLine(const v1::ReadingInForce& in_force);
// What `reading` has in a column of ReadingsLine.
std::string ReadingCell(const v1::Reading& reading, std::string_view column);

// The file to fill in: a row for each reading that is due, and only the columns that one of them wants. `definitions`
// tells which; owners are not known here.
std::string Template(const std::string& council, const std::vector<v1::DueReading>& due, const Known& definitions);
// The same as a workbook of one sheet, which checks what is typed. Errors: as of report::WriteWorkbook.
absl::StatusOr<std::string> TemplateWorkbook(const std::string& council, const std::vector<v1::DueReading>& due,
                                             const Known& definitions);

}  // namespace bellwether::cli

#endif  // BELLWETHER_SERVICES_CLI_READINGS_CSV_H_
