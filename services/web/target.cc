#include "services/web/target.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_split.h"
#include "bellwether/core/text.h"
#include "bellwether/markup/markup.h"

namespace bellwether::web {

Target ParseTarget(std::string_view path, std::string_view query) {
  Target target;
  for (const auto& segment : absl::StrSplit(core::ToAbsl(path), '/', absl::SkipEmpty()))
    target.segments.push_back(markup::PercentDecoded(std::string(segment)));
  for (const auto& pair : absl::StrSplit(core::ToAbsl(query), '&', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(pair, absl::MaxSplits('=', 1));
    std::string value = parts.second;
    std::replace(value.begin(), value.end(), '+', ' ');  // As forms write a space.
    target.values[markup::PercentDecoded(parts.first)] = markup::PercentDecoded(value);
  }
  return target;
}

}  // namespace bellwether::web
