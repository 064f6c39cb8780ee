// What a terminal shows: tables within its width, colour only where it can be seen.
#ifndef BELLWETHER_SERVICES_CLI_TERMINAL_H_
#define BELLWETHER_SERVICES_CLI_TERMINAL_H_

#include <string>
#include <string_view>
#include <vector>

namespace bellwether::cli {

struct Terminal {
  int width = 100;      // Columns.
  bool colour = false;  // Escape sequences are welcome.

  // Of standard output: its width ($COLUMNS, else 100, where it is none), colour unless NO_COLOR is set.
  static Terminal OfStandardOutput();
};

// How many columns a text takes.
int DisplayWidth(std::string_view text);
// Cut to `width` columns with "…", or filled up with spaces.
std::string Fit(std::string_view text, int width, bool right = false);
// In lines of at most `width` columns, broken at spaces. Line breaks are kept.
std::vector<std::string> Wrap(std::string_view text, int width);
// In a colour "#RRGGBB" (24 bit), where the terminal has colour.
std::string Coloured(const Terminal& terminal, std::string_view text, std::string_view colour);

// A table: each column as wide as its widest cell; the flexible column gives way when the terminal is narrow. A line
// break within a cell is a space.
class Table {
 public:
  struct Column {
    std::string title;
    bool right = false;
    bool flexible = false;  // One column at most.
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void AddRow(std::vector<std::string> cells);
  // A line of its own over all columns.
  void AddHeading(std::string text);
  std::string Render(int width) const;

 private:
  struct Row {
    std::vector<std::string> cells;
    bool heading;
  };
  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace bellwether::cli

#endif  // BELLWETHER_SERVICES_CLI_TERMINAL_H_
