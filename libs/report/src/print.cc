#include "print.h"

#include <map>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "bellwether/core/text.h"
#include "bellwether/report/chart.h"

namespace bellwether::report {
namespace {

// What stands between the first `begin` and the next `end`; empty where they are not there.
std::string_view Between(std::string_view text, std::string_view begin, std::string_view end) {
  const size_t from = text.find(begin);
  if (from == std::string_view::npos) return {};
  text.remove_prefix(from + begin.size());
  return text.substr(0, text.find(end));
}

// An element of a drawing, which text is never taken for: "<" and ">" are escaped in it.
constexpr std::string_view kDrawing = "<svg ";
constexpr std::string_view kDrawingEnd = "</svg>";
constexpr std::string_view kSymbol = "<symbol id=\"";
constexpr std::string_view kUse = "<use href=\"#";

}  // namespace

std::string PrintedChartSheet() {
  const std::string_view sheet = ChartSheet();
  std::vector<std::pair<std::string, std::string>> values;
  for (const auto& declaration : absl::StrSplit(core::ToAbsl(Between(sheet, "@media print{.chart{", "}")), ';')) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(declaration, absl::MaxSplits(':', 1));
    values.emplace_back(absl::StrCat("var(", parts.first, ")"), parts.second);
  }
  return absl::StrReplaceAll(core::ToAbsl(sheet.substr(0, sheet.find("@media"))), values);
}

std::string Drawn(const std::string& page) {
  std::map<std::string, std::string, std::less<>> symbols;
  for (size_t at = page.find(kSymbol); at != std::string::npos; at = page.find(kSymbol, at + 1)) {
    const std::string_view symbol = std::string_view(page).substr(at);
    symbols.emplace(Between(symbol, kSymbol, "\""), Between(symbol, ">", "</symbol>"));
  }
  const std::string chart_style = absl::StrCat("<style>", PrintedChartSheet(), "</style>");
  constexpr std::string_view kMarkStyle = "<style>.edge{stroke:#000;stroke-width:1}.ground{fill:#fff}</style>";
  std::string drawn;
  std::string_view rest = page;
  while (true) {
    const size_t at = rest.find(kDrawing);
    drawn += rest.substr(0, at);
    if (at == std::string_view::npos) return drawn;
    rest.remove_prefix(at);
    const std::string_view drawing = rest.substr(0, rest.find(kDrawingEnd) + kDrawingEnd.size());
    rest.remove_prefix(drawing.size());
    const std::string_view head = drawing.substr(0, drawing.find('>') + 1);
    if (drawing.find(kSymbol) != std::string_view::npos) continue;  // They are drawn where they are used.
    if (const auto symbol = symbols.find(Between(drawing, kUse, "\"")); symbol != symbols.end()) {
      absl::StrAppend(&drawn, core::ToAbsl(head.substr(0, head.size() - 1)), " viewBox=\"0 0 16 16\">",
                      core::ToAbsl(kMarkStyle), symbol->second, core::ToAbsl(kDrawingEnd));
      continue;
    }
    absl::StrAppend(&drawn, core::ToAbsl(head), chart_style, core::ToAbsl(drawing.substr(head.size())));
  }
}

}  // namespace bellwether::report
