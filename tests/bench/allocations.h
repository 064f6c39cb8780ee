// How often this program allocated, so that "no allocation" is seen and not believed.
#ifndef BELLWETHER_TESTS_BENCH_ALLOCATIONS_H_
#define BELLWETHER_TESTS_BENCH_ALLOCATIONS_H_

#include <cstdint>

namespace bellwether::bench {

// Calls of operator new so far, of all threads. The file that defines it replaces that operator.
int64_t Allocations();

}  // namespace bellwether::bench

#endif  // BELLWETHER_TESTS_BENCH_ALLOCATIONS_H_
