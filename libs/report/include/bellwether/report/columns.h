// The columns of the tidy report: one row for each indicator. The same in its CSV, its workbook and its description.
#ifndef BELLWETHER_REPORT_COLUMNS_H_
#define BELLWETHER_REPORT_COLUMNS_H_

#include <string>
#include <vector>

#include "bellwether/v1/query_service.pb.h"

namespace bellwether::report {

struct ReportColumn {
  enum class Kind {
    kText,    // What people wrote: in CSV it is kept from spreadsheets that would make something else of it (AsText).
    kWord,    // One of a few words, or a code.
    kPeriod,  // core/period.h has its forms.
    kFigure,  // A decimal, in the row's unit unless its meaning says otherwise. Empty: there is none.
    kTime,    // UTC, "2022-03-15T14:05:00.123Z".
  };
  const char* name;
  Kind kind;
  const char* heading;  // For people.
  const char* meaning;  // A sentence, without its full stop.
  std::string (*read)(const v1::ReportRow& row);
  // Of a column that has the figure or the status of a cell: the cell, which says why there is none. Else null.
  const v1::Cell& (*cell)(const v1::Score& score) = nullptr;
};

// In their order.
const std::vector<ReportColumn>& ReportColumns();

// The tidy report: a header, and a line for each row.
std::string ReportCsv(const v1::GetReportResponse& report);

}  // namespace bellwether::report

#endif  // BELLWETHER_REPORT_COLUMNS_H_
