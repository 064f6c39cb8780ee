// What --version says.
#ifndef BELLWETHER_PROGRAM_VERSION_H_
#define BELLWETHER_PROGRAM_VERSION_H_

#include <string>
#include <string_view>

namespace bellwether::program {

std::string_view Version();  // "0.1.0"
std::string_view Commit();   // "1a2b3c4", or "unknown"
// "0.1.0 (commit 1a2b3c4, rules 1)".
std::string VersionText();

}  // namespace bellwether::program

#endif  // BELLWETHER_PROGRAM_VERSION_H_
