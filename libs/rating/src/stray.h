// What a figure is, held against the figures before it: far from them, or the very same. Pure.
#ifndef BELLWETHER_RATING_STRAY_H_
#define BELLWETHER_RATING_STRAY_H_

#include <cstddef>
#include <string>
#include <vector>

#include "bellwether/core/rational.h"
#include "bellwether/rating/definition.h"
#include "bellwether/rating/reading.h"

namespace bellwether::rating {

// A reading that has a figure.
struct Figured {
  const Reading* reading;
  core::Rational value;
};

// Fewer earlier figures show nothing usual.
constexpr size_t kFewestForUsual = 6;

// What to say of a reading whose figure, denominator, weight or running amount is farther from what was to be expected
// than those before ever were; empty: nothing. `earlier`: newest first. `running`: it runs through its year.
std::string FarFromUsual(const Definition& definition, const Figured& now, const std::vector<Figured>& earlier,
                         bool running);

// Whether none of so many earlier figures would be the reading's own but by a rare chance, as figures move in their
// last place from one period to the next.
bool IsRareAmong(size_t figures, const Definition& definition, const Figured& now, const std::vector<Figured>& earlier);

}  // namespace bellwether::rating

#endif  // BELLWETHER_RATING_STRAY_H_
