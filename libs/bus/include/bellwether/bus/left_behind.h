// What did not end when it should have.
#ifndef BELLWETHER_BUS_LEFT_BEHIND_H_
#define BELLWETHER_BUS_LEFT_BEHIND_H_

namespace bellwether::bus {

// Clients of Kafka that are still ending on threads of their own: their broker was silent, and nobody waits for them
// any more. Nothing that was promised hangs on them. While there are any a process is to end by _exit, since what its
// end would tidy away is still in use. Safe from any thread.
int ClientsLeftBehind();

}  // namespace bellwether::bus

#endif  // BELLWETHER_BUS_LEFT_BEHIND_H_
