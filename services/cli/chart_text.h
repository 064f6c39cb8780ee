// The chart of an indicator in characters, for a terminal.
#ifndef BELLWETHER_SERVICES_CLI_CHART_TEXT_H_
#define BELLWETHER_SERVICES_CLI_CHART_TEXT_H_

#include <string>

#include "bellwether/report/chart.h"
#include "services/cli/terminal.h"

namespace bellwether::cli {

// For how many years there is room, 1 to 3.
int YearsOfChart(const Terminal& terminal);
// Its title, axes, figures, targets and breaks, and what its signs mean. Empty without a figure. The chart's words are
// Visible already.
std::string DrawText(const report::Chart& chart, const Terminal& terminal);

}  // namespace bellwether::cli

#endif  // BELLWETHER_SERVICES_CLI_CHART_TEXT_H_
