// What every program of ours does with its command line: services, bellwether-admin and bellwether alike.
#ifndef BELLWETHER_PROGRAM_FLAGS_H_
#define BELLWETHER_PROGRAM_FLAGS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace bellwether::program {

// What every program ends with.
enum ExitCode {
  kDone = 0,
  kRefused = 1,      // The work could not be done; of a service: it died.
  kUsage = 2,        // Flags, environment or files are wrong.
  kUnreachable = 3,  // Nobody answered.
};

// --check-config: check the flags and the environment, and end. --print-flags: for the operator's guide.
struct ProgramFlags {
  bool check_config = false;
  bool print_flags = false;
};
void AddProgramFlags(CLI::App& app, ProgramFlags& flags);

// Parses. The exit code where that ends the program: 0 for help, version and flags printed, 2 with one line for a flag
// that is unknown or a value that is wrong.
std::optional<int> ParseFlags(CLI::App& app, int argc, const char* const* argv, const ProgramFlags& flags);

// Tells what is wrong, a line each. The exit code where the program ends: 2 if anything is; 0 if nothing is and that is
// all that was asked. With --check-config a variable BELLWETHER_* that none of our programs knows is wrong too.
std::optional<int> EndOfChecks(const CLI::App& app, const ProgramFlags& flags, std::vector<std::string> mistakes);

// The variables BELLWETHER_* of the environment that none of our programs knows, such as misspelt ones.
std::vector<std::string> UnknownVariables();

// "--listen: ..." unless it reads HOST:PORT.
std::string CheckAddress(std::string_view flag, std::string_view address);

// Every flag with its variable, default and meaning, as a Markdown table; those of subcommands too.
std::string FlagsTable(const CLI::App& app);

}  // namespace bellwether::program

#endif  // BELLWETHER_PROGRAM_FLAGS_H_
