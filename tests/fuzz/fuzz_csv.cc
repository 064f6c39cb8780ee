// Readings files as people and spreadsheets write them.
#include <cstdint>
#include <cstdlib>

#include "bellwether/report/csv.h"
#include "services/cli/readings_csv.h"

namespace {

// A spreadsheet runs what begins so; a figure it may take for one.
bool IsInert(const std::string& cell) {
  return cell.empty() || std::string_view("=+-@\t\r\n").find(cell[0]) == std::string_view::npos ||
         (cell[0] == '-' && cell.find_first_not_of("0123456789.", 1) == std::string::npos && cell.size() > 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto rows = bellwether::report::ParseCsv(text); rows.ok()) {
    for (auto& row : *rows) {
      row.fields.insert(row.fields.begin(), "x");  // A mark at the start of a file is taken for a byte-order mark.
      const std::string line = bellwether::report::CsvLine(row.fields);
      const auto again = bellwether::report::ParseCsv(line);
      if (!again.ok() || again->size() != 1 || again->front().fields != row.fields) std::abort();
      for (const std::string& cell : row.fields) {
        std::string written = bellwether::report::CsvLine({cell});
        written.resize(written.size() - 2);
        if (!IsInert(written[0] == '"' ? written.substr(1) : written)) std::abort();
      }
    }
  }
  bellwether::cli::Known known;
  bellwether::v1::IndicatorDefinition definition;
  definition.set_ref("9.10");
  definition.set_unit("percent");
  definition.add_alternate_refs("NI 14");
  known.Add("E06000061", definition);
  (void)bellwether::cli::ParseReadings(text, "E06000061", known);
  return 0;
}
