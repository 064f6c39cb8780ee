// What a terminal shows: tables within its width, colour only where it can be seen.
#ifndef BELLWETHER_SERVICES_CLI_TERMINAL_H_
#define BELLWETHER_SERVICES_CLI_TERMINAL_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bellwether::cli {

struct Terminal {
  int width = 100;      // Columns.
  bool colour = false;  // Escape sequences are welcome.
  bool ascii = false;   // Its font has no arrows, shapes and lines: they are spelled.

  // Of standard output: its width ($COLUMNS, else 100, where it is none), colour unless NO_COLOR is set.
  static Terminal OfStandardOutput();
};

// How many columns a text takes. Our own escape sequences take none.
int DisplayWidth(std::string_view text);
// Arrows, shapes and typographic signs as ASCII spells them: "↑G" is "up G", "●" is "*". Letters stay as they are.
std::string Spelled(std::string_view text);
// The lines of tables and charts in ASCII, each character for one.
std::string WithAsciiLines(const std::string& text);
// Cut to `width` columns with "…", or filled up with spaces.
std::string Fit(std::string_view text, int width, bool right = false);
// In lines of at most `width` columns, broken at spaces. Line breaks are kept.
std::vector<std::string> Wrap(std::string_view text, int width);
// In a colour "#RRGGBB" (24 bit), where the terminal has colour: as light or as dark as it takes to be seen on black
// and on white.
std::string Coloured(const Terminal& terminal, std::string_view text, std::string_view colour);

// In bold, where the terminal has colour.
std::string Bold(const Terminal& terminal, std::string_view text);

// A table: each column as wide as its widest cell. When the terminal is narrow, flexible columns give way, the last one
// first; columns that may go do so before a flexible one has less than 20 columns. A line break within a cell is a
// space.
class Table {
 public:
  struct Column {
    std::string title;
    bool right = false;
    bool flexible = false;
    int goes = 0;  // 0: never. Else those with the highest number go first, all of one number together.
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void AddRow(std::vector<std::string> cells);
  // A line of its own over all columns.
  void AddHeading(std::string text);
  std::string Render(const Terminal& terminal) const;

 private:
  struct Row {
    std::vector<std::string> cells;
    bool heading;
  };
  // Which columns are shown in so much room, and how wide each is.
  std::vector<std::pair<size_t, int>> Shown(int width) const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace bellwether::cli

#endif  // BELLWETHER_SERVICES_CLI_TERMINAL_H_
