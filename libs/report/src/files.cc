#include "bellwether/report/files.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "bellwether/core/text.h"
#include "bellwether/report/columns.h"
#include "file_contents.h"
#include "parts.h"

namespace bellwether::report {
namespace {

constexpr std::string_view kMetadata = "-metadata.json";

nlohmann::ordered_json DataTypeOf(ReportColumn::Kind kind) {
  if (kind == ReportColumn::Kind::kFigure) return "decimal";
  if (kind == ReportColumn::Kind::kTime) return {{"base", "dateTime"}, {"format", "yyyy-MM-ddTHH:mm:ss.SSSX"}};
  return "string";
}

std::string ReportMetadata(const Site& site, const v1::GetReportResponse& report, const std::string& csv) {
  nlohmann::ordered_json columns = nlohmann::ordered_json::array();
  for (const ReportColumn& column : ReportColumns()) {
    nlohmann::ordered_json described = {{"name", column.name},
                                        {"titles", column.name},
                                        {"datatype", DataTypeOf(column.kind)},
                                        {"dc:title", column.heading},
                                        {"dc:description", column.meaning}};
    if (std::string_view(column.name) == "ref") described["required"] = true;
    columns.push_back(std::move(described));
  }
  const nlohmann::ordered_json metadata = {
      {"@context", {"http://www.w3.org/ns/csvw", {{"@language", "en"}}}},
      {"url", csv},
      {"dc:title", absl::StrCat("Performance report of ", NameOf(site), ", ", PeriodName(report.period()))},
      {"dc:description",
       "One row for each indicator. A text that a spreadsheet would take for a formula, a number or a date has an "
       "apostrophe before it, which is no part of it."},
      {"dc:creator", NameOf(site)},
      {"dc:spatial", site.council},
      {"dc:temporal", report.period()},
      {"dc:source", absl::StrCat("the council's records up to ", PositionText(report.position()))},
      {"dialect", {{"encoding", "utf-8"}, {"header", true}, {"lineTerminators", {"\r\n"}}}},
      {"tableSchema", {{"columns", columns}, {"primaryKey", "ref"}}}};
  return metadata.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

const std::vector<FileFormat>& FileFormats() {
  using enum FileFormat::Needs;
  static const std::vector<FileFormat> formats = {
      {"xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
       "Workbook, for Excel and LibreOffice", kWhole},
      {"csv", ".csv", "text/csv; charset=utf-8; header=present", "CSV, for a spreadsheet", kNothing, true},
      {"csvw", ".csv-metadata.json", "application/csvm+json", "What the columns of the CSV mean, for programs (CSVW)"},
      {"json", ".json", "application/json", "JSON, for programs"},
      {"sdmx-csv", ".sdmx.csv", "application/vnd.sdmx.data+csv; version=1.0.0; charset=utf-8",
       "SDMX-CSV, for statistical programs"},
      {"html", ".html", "text/html; charset=utf-8", "One page that stands alone, to keep or to print", kCharts},
      {"pdf", ".pdf", "application/pdf", "PDF, to print", kCharts, false, false},
  };
  return formats;
}

const FileFormat* FormatOf(std::string_view name) {
  const auto found = std::find_if(FileFormats().begin(), FileFormats().end(),
                                  [&](const FileFormat& format) { return format.name == name; });
  return found == FileFormats().end() ? nullptr : &*found;
}

std::string FileName(const std::string& council, const v1::GetReportResponse& report, const FileFormat& format) {
  return absl::AsciiStrToLower(absl::StrCat(council, "-report-", report.period(), core::ToAbsl(format.suffix)));
}

std::string Json(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);  // Cannot fail for messages without Any.
  return json;
}

absl::StatusOr<std::string> ReportFile(const FileFormat& format, const Site& site, const ReportData& data,
                                       const std::string& file) {
  if (format.name == "xlsx") return ReportWorkbook(site, data);
  if (format.name == "csv") return ReportCsv(data.report);
  if (format.name == "csvw") {
    absl::string_view csv = file;
    if (!absl::ConsumeSuffix(&csv, core::ToAbsl(kMetadata))) {
      return absl::InvalidArgumentError(
          absl::StrCat(core::Quoted(file, 60), " does not say of which CSV: call it as the CSV, with ",
                       core::ToAbsl(kMetadata), " behind it, such as report.csv", core::ToAbsl(kMetadata)));
    }
    return ReportMetadata(site, data.report, std::string(csv));
  }
  if (format.name == "json") return Json(data.report);
  if (format.name == "sdmx-csv") return ReportSdmx(site.council, data.report);
  Site alone = site;
  alone.stand_alone = true;
  alone.print = format.name == "pdf";
  return ReportPage(alone, data, {});
}

}  // namespace bellwether::report
