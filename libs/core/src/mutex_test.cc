#include "bellwether/core/mutex.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace bellwether::core {
namespace {

TEST(MutexTest, WaitsNoLongerThanItsLimit) {
  Mutex mutex;
  CondVar changed;
  const SteadyTime limit = SteadyTime::Now() + absl::Milliseconds(20);
  const MutexLock lock(mutex);
  EXPECT_FALSE(changed.WaitUntil(mutex, limit, [] { return false; }));
  EXPECT_TRUE(limit.over());
}

TEST(MutexTest, WaitsForeverUntilItIsTold) {
  Mutex mutex;
  CondVar changed;
  bool told = false;
  std::thread teller([&] {
    const MutexLock lock(mutex);
    told = true;
    changed.NotifyAll();
  });
  {
    const MutexLock lock(mutex);
    EXPECT_TRUE(changed.WaitUntil(mutex, SteadyTime::InfiniteFuture(), [&] { return told; }));
  }
  teller.join();
}

TEST(MutexTest, WritersAreAloneAndReadersTogether) {
  constexpr int kRounds = 1000;
  Mutex mutex;
  int written = 0;
  {
    const ReaderLock lock(mutex);
    std::thread([&] { const ReaderLock beside(mutex); }).join();
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kRounds; ++n) {
        const MutexLock lock(mutex);
        ++written;
      }
    });
    threads.emplace_back([&] {
      for (int n = 0; n < kRounds; ++n) {
        const ReaderLock lock(mutex);
        EXPECT_LE(written, 2 * kRounds);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(written, 2 * kRounds);
}

}  // namespace
}  // namespace bellwether::core
