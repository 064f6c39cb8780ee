// What was read in another way than it stands in a file: each kind once, with how often and where first.
#ifndef BELLWETHER_SERVICES_CLI_NOTES_H_
#define BELLWETHER_SERVICES_CLI_NOTES_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bellwether/core/text.h"

namespace bellwether::cli {

class Notes {
 public:
  // `kind` as "figures read without their % sign"; `example`, what it was and came to, may be empty.
  void Add(std::string_view kind, int line, std::string_view column, const std::string& example) {
    for (Note& note : notes_) {
      if (note.kind == kind) {
        ++note.count;
        return;
      }
    }
    notes_.push_back({std::string(kind), 1,
                      absl::StrCat("line ", line, column.empty() ? "" : ", ", core::ToAbsl(column),
                                   example.empty() ? "" : ": ", example)});
  }

  // "3 figures read without their % sign (first: line 4, value: "71%" as 71)"
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    lines.reserve(notes_.size());
    for (const Note& note : notes_)
      lines.push_back(absl::StrCat(note.count, " ", note.kind, " (", note.count > 1 ? "first: " : "", note.first, ")"));
    return lines;
  }

 private:
  struct Note {
    std::string kind;
    size_t count = 0;
    std::string first;
  };
  std::vector<Note> notes_;  // A dozen kinds at most.
};

}  // namespace bellwether::cli

#endif  // BELLWETHER_SERVICES_CLI_NOTES_H_
