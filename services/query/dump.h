// The canonical dump of a view: what tests and operators compare.
#ifndef BELLWETHER_SERVICES_QUERY_DUMP_H_
#define BELLWETHER_SERVICES_QUERY_DUMP_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/query/indicator.h"

namespace bellwether::query {

// How far one partition was read.
struct PartitionLine {
  int64_t next = 0;
  int64_t dead_letters = 0;
};

// Lines of text: the partitions, then each indicator with its definition, slots, comments, scores and records.
// `indicators` in order of council and ref.
std::string DumpText(uint32_t epoch, const std::vector<PartitionLine>& partitions,
                     const std::vector<IndicatorPtr>& indicators);

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_DUMP_H_
