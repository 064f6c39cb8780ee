// librdkafka's timed waits, all of them through cnd_timedwait, end at a time of day. After a clock was set back those
// under way, such as that of the thread which sends the group's heartbeats, would last as much longer. So programs that
// link this have a cnd_timedwait of their own, which stands before the C library's: it waits as long by a clock that
// never steps.
#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <chrono>
#include <ctime>

// As the C library's own, which is pthread_cond_timedwait of the very same objects.
static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t) && sizeof(mtx_t) == sizeof(pthread_mutex_t));

extern "C" int cnd_timedwait(cnd_t* __restrict condition, mtx_t* __restrict mutex, const timespec* __restrict until) {
  using std::chrono::nanoseconds;
  using std::chrono::seconds;
  const nanoseconds left = seconds(until->tv_sec) + nanoseconds(until->tv_nsec) -
                           nanoseconds(std::chrono::system_clock::now().time_since_epoch());
  const nanoseconds end = nanoseconds(std::chrono::steady_clock::now().time_since_epoch()) + left;
  const auto whole = std::chrono::floor<seconds>(end);
  const timespec steady{whole.count(), (end - whole).count()};
  const int result = pthread_cond_clockwait(reinterpret_cast<pthread_cond_t*>(condition),
                                            reinterpret_cast<pthread_mutex_t*>(mutex), CLOCK_MONOTONIC, &steady);
  return result == 0 ? thrd_success : result == ETIMEDOUT ? thrd_timedout : thrd_error;
}
