// What a submit does with each row of a file, held against what is in force and what was: so that nothing that somebody
// corrected or took back comes back by accident.
#ifndef BELLWETHER_SERVICES_CLI_PLAN_H_
#define BELLWETHER_SERVICES_CLI_PLAN_H_

#include <map>
#include <string>
#include <vector>

#include "bellwether/core/error_list.h"
#include "services/cli/commands.h"
#include "services/cli/readings_csv.h"

namespace bellwether::cli {

// A reading or a comment to be sent, with its id.
template <typename Record>
struct Planned {
  int line = 0;
  Record record;
  std::string replaces;  // Of a reading: the reading_id in force that it takes the place of. Empty: none.
};

struct Plan {
  std::vector<Planned<v1::Reading>> readings;
  std::vector<Planned<v1::Comment>> comments;
  size_t rows = 0;               // Of the file.
  size_t all_readings = 0;       // Of the file.
  size_t readings_in_force = 0;  // That say what is in force, and are not sent.
  size_t comments_in_force = 0;
  core::ErrorList changes;   // Each figure or comment in force that is replaced: old, new, whose and since when.
  core::ErrorList stay_out;  // Rows that were in force once, or are edits of an old copy; they want --again.
  core::ErrorList errors;    // Of the file, and two rows for one period.
  std::vector<std::string> notes;
};

// Reads a file and compares it. `again`: rows that were in force once are sent under new ids, and figures that differ
// from those in force in trailing zeros only as well. Error: of a query; what the file has wrong is in the plan, or,
// where it cannot be read at all, in `unreadable`.
grpc::Status MakePlan(Context& context, const std::string& text, bool again, Plan* plan, absl::Status* unreadable);

// "line 12 (T21a 2022-02): "
std::string PlaceOf(int line, const std::string& ref, const std::string& period);

// Of each council the newest record that was written.
using Positions = std::map<std::string, v1::Position>;

// Adds what is in force for the addresses, which are of indicators that there are, once the view has seen `positions`.
grpc::Status FetchInForce(Context& context, const std::vector<Address>& addresses, const Positions& positions,
                          Known* known);
// Adds the definitions of a council; none where it has none.
grpc::Status FetchDefinitions(Context& context, const std::string& council, Known* known);

}  // namespace bellwether::cli

#endif  // BELLWETHER_SERVICES_CLI_PLAN_H_
