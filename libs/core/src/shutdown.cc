#include "bellwether/core/shutdown.h"

#include <unistd.h>

#include <csignal>

namespace bellwether::core {
namespace {

sigset_t Signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

ShutdownSignal::ShutdownSignal() {
  const sigset_t set = Signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void ShutdownSignal::Wait() const {
  const sigset_t set = Signals();
  int received = 0;
  while (sigwait(&set, &received) != 0) {
  }
}

// Not raise(): that would stay on the calling thread.
void ShutdownSignal::Request() { kill(getpid(), SIGTERM); }

}  // namespace bellwether::core
