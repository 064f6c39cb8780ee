// Figures, periods and words as people print them and spreadsheets save them. Each is read where it can mean one thing
// only; where it can mean two, the error says which. Pure.
#ifndef BELLWETHER_REPORT_PRINTED_H_
#define BELLWETHER_REPORT_PRINTED_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace bellwether::report {

// Which of "." and "," divides units from tenths. kEither: a file does not say, and each figure speaks for itself.
enum class DecimalMark { kPoint, kComma, kEither };

// What the figures of one file say of it: a mark that only one of them explains, or kEither.
DecimalMark DecimalMarkOf(const std::vector<std::string_view>& figures);

struct PrintedFigure {
  std::string value;        // As a Decimal writes it; empty where there is none.
  std::string numerator;    // Of "115% (9,498 / 8,241)", else empty.
  std::string denominator;  // As above.
  // SDMX's code of a mark such as "[c]" or "[p]"; 'Q' of "<5". 0: none.
  char observation_status = 0;
  std::string_view sign;  // "%", "£", "$" or "€", if it had one: only a unit of that kind allows it.
  std::string_view what;  // What was read in another way than it is written, for a note. Empty: nothing.
};

// Reads a figure. What is no figure in any way is handed back as it is: the service says what is wrong with it. Error:
// InvalidArgument, what can mean two things, or a spreadsheet's own error, with the remedy.
absl::StatusOr<PrintedFigure> ReadFigure(std::string_view text, DecimalMark mark);

// Reads a period: "Mar-22", "March 2022", "31/03/2022", "2022-03-01", "2021/22", "Q3 2021/22". What is none in any way
// is handed back as it is. Error: InvalidArgument, what can mean two periods.
absl::StatusOr<std::string> ReadPeriod(std::string_view text);
// Reads a day as "2022-03-31". The rest as ReadPeriod.
absl::StatusOr<std::string> ReadDay(std::string_view text);

// The words that were meant, where UTF-8 was read as Windows-1252: "Â£2m" is "£2m". Absent: they are no such.
std::optional<std::string> Unscrambled(std::string_view text);

// What a spreadsheet shows, and saves, of a figure: without trailing zeros, in 11 characters ("206933536.1").
std::string AsSpreadsheetShows(std::string_view decimal);
// Whether a spreadsheet takes a text for a number or a date, and changes it: "9.10", "007", "1-2", "MAR1".
bool SpreadsheetChanges(std::string_view text);
// What is written for a text so that it stays one: with an apostrophe before it, where a spreadsheet would change it.
std::string AsText(const std::string& text);
// What AsText was given.
std::string FromText(std::string text);

// Without spaces and no-break spaces around it.
std::string_view Trimmed(std::string_view text);

}  // namespace bellwether::report

#endif  // BELLWETHER_REPORT_PRINTED_H_
