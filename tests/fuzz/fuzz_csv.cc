// Readings files as people and spreadsheets write them.
#include <cstdint>
#include <cstdlib>

#include "services/cli/csv.h"
#include "services/cli/readings_csv.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto rows = bellwether::cli::ParseCsv(text); rows.ok()) {
    for (auto& row : *rows) {
      row.fields.insert(row.fields.begin(), "x");  // A mark at the start of a file is taken for a byte-order mark.
      const auto again = bellwether::cli::ParseCsv(bellwether::cli::CsvLine(row.fields));
      if (!again.ok() || again->size() != 1 || again->front().fields != row.fields) std::abort();
    }
  }
  (void)bellwether::cli::ParseReadings(text, "E06000061", "fuzz");
  return 0;
}
