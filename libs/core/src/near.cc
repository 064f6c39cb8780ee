#include "bellwether/core/near.h"

#include <algorithm>
#include <string>
#include <vector>

namespace bellwether::core {

size_t EditDistance(std::string_view a, std::string_view b) {
  const size_t longer = std::max(a.size(), b.size()) - std::min(a.size(), b.size());
  if (longer > 2) return longer;  // At least; nobody asks how far the far ones are.
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row[b.size()];
}

bool IsNear(std::string_view written, std::string_view name) {
  const size_t distance = EditDistance(written, name);
  if (distance <= 1 || (distance == 2 && written.size() > 4)) return true;
  if (distance > 2) return false;
  std::string one(written);
  std::string other(name);
  std::sort(one.begin(), one.end());
  std::sort(other.begin(), other.end());
  return one == other;
}

}  // namespace bellwether::core
