#include <dlfcn.h>
#include <gtest/gtest.h>
#include <threads.h>

#include <chrono>
#include <ctime>

namespace bellwether::bus {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kHere = 0;  // Lies in the program.

// What librdkafka finds when it is loaded is what a look-up in the whole program finds.
TEST(SteadyWaits, StandBeforeTheLibrarysOwn) {
  void* const found = dlsym(RTLD_DEFAULT, "cnd_timedwait");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found, reinterpret_cast<void*>(&cnd_timedwait));
  Dl_info where{};
  Dl_info here{};
  ASSERT_NE(dladdr(found, &where), 0);
  ASSERT_NE(dladdr(&kHere, &here), 0);
  EXPECT_STREQ(where.dli_fname, here.dli_fname) << "not in the program: the C library's is used";
}

struct Condition {
  Condition() {
    cnd_init(&condition);
    mtx_init(&mutex, mtx_plain);
    mtx_lock(&mutex);
  }
  ~Condition() {
    mtx_unlock(&mutex);
    mtx_destroy(&mutex);
    cnd_destroy(&condition);
  }

  int WaitFor(int64_t ms) {
    timespec until{};
    timespec_get(&until, TIME_UTC);
    const int64_t ns = until.tv_nsec + ms * 1'000'000;
    until.tv_sec += ns / 1'000'000'000;
    until.tv_nsec = ns % 1'000'000'000;
    return cnd_timedwait(&condition, &mutex, &until);
  }

  cnd_t condition;
  mtx_t mutex;
};

TEST(SteadyWaits, EndInTime) {
  Condition c;
  const auto begin = steady_clock::now();
  EXPECT_EQ(c.WaitFor(50), thrd_timedout);
  EXPECT_GE(steady_clock::now() - begin, milliseconds(50));
  EXPECT_EQ(c.WaitFor(-1000), thrd_timedout) << "what is over is over";
}

TEST(SteadyWaits, AreWoken) {
  Condition c;
  thrd_t other{};
  const auto wake = [](void* raw) {
    auto* const waiting = static_cast<Condition*>(raw);
    mtx_lock(&waiting->mutex);  // Free once the other waits.
    cnd_signal(&waiting->condition);
    mtx_unlock(&waiting->mutex);
    return 0;
  };
  ASSERT_EQ(thrd_create(&other, wake, &c), thrd_success);
  EXPECT_EQ(c.WaitFor(60'000), thrd_success);
  EXPECT_EQ(thrd_join(other, nullptr), thrd_success);
}

}  // namespace
}  // namespace bellwether::bus
