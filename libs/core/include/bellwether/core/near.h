// Which of the names that there are was meant.
#ifndef BELLWETHER_CORE_NEAR_H_
#define BELLWETHER_CORE_NEAR_H_

#include <cstddef>
#include <string_view>

namespace bellwether::core {

// How many bytes must be changed, added or taken away to make `b` of `a`; of lengths that differ by more than two, only
// that it is more than two.
size_t EditDistance(std::string_view a, std::string_view b);

// Whether somebody who wrote `written` may have meant `name`: one slip, or two in more than four letters, or two
// letters that changed places.
bool IsNear(std::string_view written, std::string_view name);

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_NEAR_H_
