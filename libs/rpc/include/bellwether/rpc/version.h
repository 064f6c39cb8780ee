// What --version says.
#ifndef BELLWETHER_RPC_VERSION_H_
#define BELLWETHER_RPC_VERSION_H_

#include <string>
#include <string_view>

namespace bellwether::rpc {

std::string_view Version();  // "0.1.0"
std::string_view Commit();   // "1a2b3c4", or "unknown"
// "0.1.0 (commit 1a2b3c4, rules 1)".
std::string VersionText();

}  // namespace bellwether::rpc

#endif  // BELLWETHER_RPC_VERSION_H_
