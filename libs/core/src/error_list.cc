#include "bellwether/core/error_list.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bellwether/core/text.h"
#include "bellwether/core/visible.h"

namespace bellwether::core {

void ErrorList::Add(std::string_view line) {
  if (count_++ < kLines) lines_.push_back(Visible(Shorten(line, kCharacters)));
}

std::vector<std::string> ErrorList::Lines() const {
  std::vector<std::string> lines = lines_;
  if (count_ > kLines) lines.push_back(absl::StrCat("... and ", count_ - kLines, " more like these"));
  return lines;
}

std::string ErrorList::Text() const { return absl::StrJoin(Lines(), "\n"); }

}  // namespace bellwether::core
