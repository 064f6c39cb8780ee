#include "services/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace bellwether::cli {
namespace {

// Code points of our texts take one column each, but for variation selectors and joiners, which take none.
bool StartsCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

size_t NextCodePoint(std::string_view text, size_t i) {
  ++i;
  while (i < text.size() && !StartsCodePoint(text[i])) ++i;
  return i;
}

int ColumnsOf(std::string_view code_point) { return code_point == "\uFE0F" || code_point == "\u200D" ? 0 : 1; }

}  // namespace

Terminal Terminal::OfStandardOutput() {
  Terminal terminal;
  const bool tty = isatty(STDOUT_FILENO) == 1;
  winsize size{};
  int columns = 0;
  if (const char* variable = std::getenv("COLUMNS");
      variable != nullptr && absl::SimpleAtoi(variable, &columns) && columns > 0) {
    terminal.width = columns;
  } else if (tty && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    terminal.width = size.ws_col;
  }
  terminal.width = std::clamp(terminal.width, 40, 400);
  const char* term = std::getenv("TERM");
  terminal.colour = tty && std::getenv("NO_COLOR") == nullptr && term != nullptr && std::string_view(term) != "dumb";
  return terminal;
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  for (size_t i = 0; i < text.size();) {
    const size_t next = NextCodePoint(text, i);
    width += ColumnsOf(text.substr(i, next - i));
    i = next;
  }
  return width;
}

std::string Fit(std::string_view text, int width, bool right) {
  const int own = DisplayWidth(text);
  if (own <= width) {
    const std::string fill(static_cast<size_t>(width - own), ' ');
    return right ? fill + std::string(text) : std::string(text) + fill;
  }
  if (width <= 0) return "";
  std::string cut;
  int used = 0;
  for (size_t i = 0; i < text.size();) {
    const size_t next = NextCodePoint(text, i);
    const int columns = ColumnsOf(text.substr(i, next - i));
    if (used + columns > width - 1) break;
    cut += text.substr(i, next - i);
    used += columns;
    i = next;
  }
  return cut + "…" + std::string(static_cast<size_t>(width - 1 - used), ' ');
}

std::vector<std::string> Wrap(std::string_view text, int width) {
  std::vector<std::string> lines;
  std::string line;
  const auto flush = [&] {
    lines.push_back(line);
    line.clear();
  };
  for (size_t i = 0; i <= text.size();) {
    const size_t end = std::min(text.find_first_of(" \n", i), text.size());
    const std::string_view word = text.substr(i, end - i);
    if (!line.empty() && DisplayWidth(line) + 1 + DisplayWidth(word) > width) flush();
    if (!line.empty() && !word.empty()) line += ' ';
    line += word;
    if (end == text.size()) break;
    if (text[end] == '\n') flush();
    i = end + 1;
  }
  flush();
  return lines;
}

std::string Coloured(const Terminal& terminal, std::string_view text, std::string_view colour) {
  if (!terminal.colour || colour.size() != 7) return std::string(text);
  const auto component = [&](size_t at) { return std::strtol(std::string(colour.substr(at, 2)).c_str(), nullptr, 16); };
  return absl::StrCat("\x1b[38;2;", component(1), ";", component(3), ";", component(5), "m", std::string(text),
                      "\x1b[0m");
}

void Table::AddRow(std::vector<std::string> cells) {
  for (std::string& cell : cells) std::replace(cell.begin(), cell.end(), '\n', ' ');
  rows_.push_back({std::move(cells), false});
}

void Table::AddHeading(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  rows_.push_back({{std::move(text)}, true});
}

std::string Table::Render(int width) const {
  std::vector<int> widths;
  for (const Column& column : columns_) widths.push_back(DisplayWidth(column.title));
  for (const Row& row : rows_) {
    if (row.heading) continue;
    for (size_t i = 0; i < row.cells.size(); ++i) widths[i] = std::max(widths[i], DisplayWidth(row.cells[i]));
  }
  int total = 2 * (static_cast<int>(columns_.size()) - 1);
  for (const int w : widths) total += w;
  for (size_t i = 0; i < columns_.size() && total > width; ++i) {
    if (!columns_[i].flexible) continue;
    const int narrowed = std::max(8, widths[i] - (total - width));
    total -= widths[i] - narrowed;
    widths[i] = narrowed;
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::vector<std::string> fitted;
    for (size_t i = 0; i < cells.size(); ++i) fitted.push_back(Fit(cells[i], widths[i], columns_[i].right));
    std::string text = absl::StrJoin(fitted, "  ");
    text.erase(text.find_last_not_of(' ') + 1);
    return text + "\n";
  };
  std::vector<std::string> titles;
  std::string rule;
  for (const Column& column : columns_) titles.push_back(column.title);
  for (int i = 0; i < std::min(total, width); ++i) rule += "─";
  std::string out = line(titles) + rule + "\n";
  for (const Row& row : rows_) {
    if (row.heading) {
      std::string heading = Fit(row.cells[0], width);
      heading.erase(heading.find_last_not_of(' ') + 1);
      out += heading + "\n";
    } else {
      out += line(row.cells);
    }
  }
  return out;
}

}  // namespace bellwether::cli
