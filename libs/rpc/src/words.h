// Words that one side writes and the other looks for. Private to libs/rpc.
#ifndef BELLWETHER_RPC_SRC_WORDS_H_
#define BELLWETHER_RPC_SRC_WORDS_H_

namespace bellwether::rpc {

// Stands in the message for several wrong fields between their number and the first of them.
inline constexpr char kTheFirst[] = "; the first: ";
// Ends the message where the answer had no room for all, behind how many are left out.
inline constexpr char kMoreAreWrong[] = " more fields are wrong)";

}  // namespace bellwether::rpc

#endif  // BELLWETHER_RPC_SRC_WORDS_H_
