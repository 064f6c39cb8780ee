// A report as a file: the formats that there are, for the command line, the web service and the pages that link to
// them; and the content of each. Pure, but for what workbook.h says.
#ifndef BELLWETHER_REPORT_FILES_H_
#define BELLWETHER_REPORT_FILES_H_

#include <google/protobuf/message.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bellwether/report/pages.h"

namespace bellwether::report {

struct FileFormat {
  // What of ReportData its content needs beside the report itself.
  enum class Needs { kNothing, kWhole /* due, findings */, kCharts /* those, before, and charts */ };

  std::string_view name;    // As people ask for it: "csv".
  std::string_view suffix;  // Of its address, and of a file: ".csv".
  std::string_view type;    // Content-Type.
  std::string_view words;   // For people: "CSV, for a spreadsheet".
  Needs needs = Needs::kNothing;
  // A file begins with a byte-order mark, without which Excel takes UTF-8 for something else. Not in the content.
  bool byte_order_mark = false;
  bool served = true;  // By the web service. Else the command line alone makes it.
};

// In the order in which people are told of them.
const std::vector<FileFormat>& FileFormats();
// Null: there is none of that name.
const FileFormat* FormatOf(std::string_view name);

// What a report's file is called where nobody says it: "e06000061-report-2022-02.csv".
std::string FileName(const std::string& council, const v1::GetReportResponse& report, const FileFormat& format);

// The content. `file`: the file's name, or the last part of its address; CSVW metadata names the CSV beside it by it.
// Of "pdf" it is the page that is to be printed. Errors: as of WriteWorkbook; InvalidArgument, a name of CSVW metadata
// that does not end with "-metadata.json".
absl::StatusOr<std::string> ReportFile(const FileFormat& format, const Site& site, const ReportData& data,
                                       const std::string& file);

// A message as JSON, with the names of the contract.
std::string Json(const google::protobuf::Message& message);

}  // namespace bellwether::report

#endif  // BELLWETHER_REPORT_FILES_H_
