// What programs that print need of a page which stands alone (Site::print).
#ifndef BELLWETHER_REPORT_SRC_PRINT_H_
#define BELLWETHER_REPORT_SRC_PRINT_H_

#include <string>

namespace bellwether::report {

// The chart's style sheet as it is on paper, without variables and media.
std::string PrintedChartSheet();
// The page with every drawing complete in itself: WeasyPrint 57 draws each <svg> alone, and knows neither the page's
// style sheets nor what is drawn elsewhere on it. `page` is of Document, with StatusMarks.
std::string Drawn(const std::string& page);

}  // namespace bellwether::report

#endif  // BELLWETHER_REPORT_SRC_PRINT_H_
