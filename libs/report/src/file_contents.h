// The contents of files that are made here.
#ifndef BELLWETHER_REPORT_SRC_FILE_CONTENTS_H_
#define BELLWETHER_REPORT_SRC_FILE_CONTENTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "bellwether/report/pages.h"

namespace bellwether::report {

// Errors: as of WriteWorkbook.
absl::StatusOr<std::string> ReportWorkbook(const Site& site, const ReportData& data);
// SDMX-CSV 1.0: an observation a line, each figure of the report once.
std::string ReportSdmx(const std::string& council, const v1::GetReportResponse& report);

}  // namespace bellwether::report

#endif  // BELLWETHER_REPORT_SRC_FILE_CONTENTS_H_
