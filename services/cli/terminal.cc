#include "services/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace bellwether::cli {
namespace {

constexpr char kEscape = '\x1b';

bool StartsCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// Behind a code point, or behind an escape sequence of ours, which "m" ends.
size_t Next(std::string_view text, size_t i) {
  if (text[i] == kEscape) {
    const size_t end = text.find('m', i);
    return end == std::string_view::npos ? text.size() : end + 1;
  }
  ++i;
  while (i < text.size() && !StartsCodePoint(text[i])) ++i;
  return i;
}

char32_t Decoded(std::string_view bytes) {
  char32_t code = static_cast<unsigned char>(bytes[0]);
  if (bytes.size() > 1) code &= 0x7Fu >> bytes.size();
  for (const char c : bytes.substr(1)) code = code << 6 | (static_cast<unsigned char>(c) & 0x3F);
  return code;
}

struct Range {
  char32_t first;
  char32_t last;
};
template <size_t n>
bool IsIn(const Range (&ranges)[n], char32_t code) {
  return std::any_of(ranges, ranges + n, [&](Range r) { return r.first <= code && code <= r.last; });
}

// What marks or joins the character before it takes no column; ideographs and emoji take two.
int ColumnsOf(std::string_view part) {
  constexpr Range kNone[] = {{0x300, 0x36F},   {0x1AB0, 0x1AFF}, {0x200C, 0x200D},
                             {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xE0100, 0xE01EF}};
  constexpr Range kTwo[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},   {0xAC00, 0xD7A3},
                            {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
                            {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
  if (part[0] == kEscape) return 0;
  const char32_t code = Decoded(part);
  return IsIn(kNone, code) ? 0 : IsIn(kTwo, code) ? 2 : 1;
}

// Replaces each sign of the table.
template <size_t n>
std::string Replaced(std::string_view text, const std::pair<std::string_view, std::string_view> (&table)[n],
                     bool words) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const size_t next = Next(text, i);
    const std::string_view part = text.substr(i, next - i);
    const auto* const found = std::find_if(table, table + n, [&](const auto& entry) { return entry.first == part; });
    if (found == table + n) {
      out += part;
    } else {
      out += found->second;
      // A word does not run into what follows it.
      if (words && found->second.size() > 1 && next < text.size() &&
          absl::ascii_isalnum(static_cast<unsigned char>(text[next])))
        out += ' ';
    }
    i = next;
  }
  return out;
}

// By WCAG's definition, of one component of 0 to 255.
double Linear(double component) {
  const double c = component / 255;
  return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}
double Encoded(double linear) {
  const double c = linear <= 0.0031308 ? linear * 12.92 : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
  return std::round(std::clamp(c, 0.0, 1.0) * 255);
}

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
  const char* no_colour = std::getenv("NO_COLOR");  // Empty: as if it were not there.
  terminal.colour =
      tty && (no_colour == nullptr || *no_colour == '\0') && term != nullptr && std::string_view(term) != "dumb";
  return terminal;
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  for (size_t i = 0; i < text.size();) {
    const size_t next = Next(text, i);
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
    const size_t next = Next(text, i);
    const int columns = ColumnsOf(text.substr(i, next - i));
    if (used + columns > width - 1) break;
    cut += text.substr(i, next - i);
    used += columns;
    i = next;
  }
  if (cut.find(kEscape) != std::string::npos) cut += "\x1b[0m";
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
  if (!terminal.colour || text.empty() || colour.size() != 7) return std::string(text);
  std::array<double, 3> rgb{};
  for (size_t i = 0; i < rgb.size(); ++i)
    rgb[i] = Linear(static_cast<double>(std::strtol(std::string(colour.substr(1 + 2 * i, 2)).c_str(), nullptr, 16)));
  const auto luminance = [&] { return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]; };
  // Three to one, as graphics need, against black and against white.
  constexpr double kLeast = 0.11;
  constexpr double kMost = 0.29;
  if (const double is = luminance(); is > kMost) {
    for (double& c : rgb) c *= kMost / is;
  } else if (is < kLeast) {  // Mixed with white.
    for (double& c : rgb) c += (1 - c) * (kLeast - is) / (1 - is);
  }
  return absl::StrCat("\x1b[38;2;", Encoded(rgb[0]), ";", Encoded(rgb[1]), ";", Encoded(rgb[2]), "m", std::string(text),
                      "\x1b[0m");
}

std::string Bold(const Terminal& terminal, std::string_view text) {
  return terminal.colour ? absl::StrCat("\x1b[1m", std::string(text), "\x1b[0m") : std::string(text);
}

std::string Spelled(std::string_view text) {
  static constexpr std::pair<std::string_view, std::string_view> kSigns[] = {
      {"↑", "up"},          {"↓", "down"}, {"→", "level"}, {"←", "back"},  {"⇧", "(up)"},  {"⇩", "(down)"},
      {"⇨", "(level)"},     {"⬆", "up"},   {"⬇", "down"},  {"➔", "level"}, {"⇒", "level"}, {"↗", "rather up"},
      {"↘", "rather down"}, {"●", "*"},    {"○", "o"},     {"▲", "^"},     {"△", "/"},     {"▼", "v"},
      {"■", "#"},           {"□", "="},    {"◆", "+"},     {"◇", "-"},     {"✕", "x"},     {"◐", "~"},
      {"“", "\""},          {"”", "\""},   {"‘", "'"},     {"’", "'"},     {"–", "-"},     {"—", "-"},
      {"−", "-"},           {"…", "..."},  {"•", "*"},     {"×", "x"},     {"≥", ">="},    {"≤", "<="},
      {"\u00A0", " "},      {"\uFE0F", ""}};
  return Replaced(text, kSigns, /*words=*/true);
}

std::string WithAsciiLines(const std::string& text) {
  static constexpr std::pair<std::string_view, std::string_view> kLines[] = {
      {"─", "-"}, {"…", "~"}, {"│", "|"}, {"┤", "+"}, {"└", "+"}, {"┴", "+"}, {"┊", ":"},
      {"═", "="}, {"┄", "~"}, {"·", "."}, {"●", "*"}, {"○", "o"}, {"▪", "#"}, {"▫", "%"}};
  return Replaced(text, kLines, /*words=*/false);
}

void Table::AddRow(std::vector<std::string> cells) {
  for (std::string& cell : cells) std::replace(cell.begin(), cell.end(), '\n', ' ');
  rows_.push_back({std::move(cells), false});
}

void Table::AddHeading(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  rows_.push_back({{std::move(text)}, true});
}

std::vector<std::pair<size_t, int>> Table::Shown(int width) const {
  constexpr int kRoom = 20;
  constexpr int kLeast = 8;
  std::vector<std::pair<size_t, int>> shown;
  for (size_t i = 0; i < columns_.size(); ++i) {
    int own = DisplayWidth(columns_[i].title);
    for (const Row& row : rows_) {
      if (!row.heading) own = std::max(own, DisplayWidth(row.cells[i]));
    }
    shown.emplace_back(i, own);
  }
  const auto over = [&] {  // By how much it is too wide.
    int total = -2;
    for (const auto& [column, own] : shown) total += own + 2;
    return total - width;
  };
  const auto fits = [&] {  // With what flexible columns can give.
    int given = 0;
    for (const auto& [column, own] : shown) given += columns_[column].flexible ? std::max(0, own - kRoom) : 0;
    return over() <= given;
  };
  while (!fits()) {
    int first = 0;
    for (const auto& [column, own] : shown) first = std::max(first, columns_[column].goes);
    if (first == 0) break;
    shown.erase(
        std::remove_if(shown.begin(), shown.end(), [&](const auto& s) { return columns_[s.first].goes == first; }),
        shown.end());
  }
  for (const int least : {kRoom, kLeast}) {
    for (auto s = shown.rbegin(); s != shown.rend(); ++s) {
      if (const int much = over(); columns_[s->first].flexible && much > 0)
        s->second = std::min(s->second, std::max(least, s->second - much));
    }
  }
  return shown;
}

std::string Table::Render(const Terminal& terminal) const {
  const std::vector<std::pair<size_t, int>> shown = Shown(terminal.width);
  int total = -2;
  for (const auto& [column, own] : shown) total += own + 2;
  const auto line = [&](const std::vector<std::string>& cells) {
    std::vector<std::string> fitted;
    for (const auto& [column, own] : shown) fitted.push_back(Fit(cells[column], own, columns_[column].right));
    std::string text = absl::StrJoin(fitted, "  ");
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };
  std::vector<std::string> titles;
  std::string rule;
  for (const Column& column : columns_) titles.push_back(column.title);
  for (int i = 0; i < std::min(total, terminal.width); ++i) rule += "─";
  std::string out = Bold(terminal, line(titles)) + "\n" + rule + "\n";
  for (const Row& row : rows_) {
    if (row.heading) {
      std::string heading = Fit(row.cells[0], terminal.width);
      heading.erase(heading.find_last_not_of(' ') + 1);
      out += Bold(terminal, heading) + "\n";
    } else {
      out += line(row.cells) + "\n";
    }
  }
  return terminal.ascii ? WithAsciiLines(out) : out;
}

}  // namespace bellwether::cli
