#include "bellwether/core/shutdown.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

namespace bellwether::core {
namespace {

TEST(ShutdownSignalTest, ARequestFromAnyThreadEndsTheWait) {
  const ShutdownSignal shutdown;
  std::thread other(&ShutdownSignal::Request);
  shutdown.Wait();
  other.join();
}

TEST(ShutdownSignalTest, ARequestBeforeTheWaitIsNotLost) {
  const ShutdownSignal shutdown;
  ShutdownSignal::Request();
  shutdown.Wait();
}

TEST(ShutdownSignalTest, AnInterruptFromTheKeyboardEndsTheWait) {
  const ShutdownSignal shutdown;
  kill(getpid(), SIGINT);
  shutdown.Wait();
}

TEST(ShutdownSignalTest, AClosedPipeDoesNotEndTheProcess) {
  const ShutdownSignal shutdown;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  EXPECT_EQ(write(ends[1], "x", 1), -1);
  close(ends[1]);
}

}  // namespace
}  // namespace bellwether::core
