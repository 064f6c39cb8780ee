// The end of a process by signal, without a signal handler.
#ifndef BELLWETHER_CORE_SHUTDOWN_H_
#define BELLWETHER_CORE_SHUTDOWN_H_

namespace bellwether::core {

// Make it first thing in main: every later thread inherits the blocked mask.
class ShutdownSignal {
 public:
  // Blocks SIGTERM and SIGINT, and ignores SIGPIPE.
  ShutdownSignal();
  // Waits for SIGTERM or SIGINT. Call from one thread.
  void Wait() const;
  // Ends a Wait from any thread of this process.
  static void Request();
};

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_SHUTDOWN_H_
