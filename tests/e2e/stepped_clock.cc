// Preloaded into a process of a test: its wall clock, and that alone, is ahead of the machine's by as many nanoseconds
// as stand in the file that STEPPED_CLOCK names (eight bytes, mapped: whoever writes them steps the clock of a process
// that runs). Waits until a time of the wall clock end as the kernel ends them after a step: by the new time.
//
// A wait is cut into slices, so that a step reaches those that are under way. At the end of a slice a wait for a
// condition returns as if it had been woken, which every caller must expect; a futex as if a signal had come.
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kSlice = kSecond / 10;
constexpr int64_t kLatest = 5'000'000'000;  // In seconds: the year 2128.

std::atomic<const std::atomic<int64_t>*> offset_of_file{nullptr};

__attribute__((constructor)) void MapFile() {
  const char* const path = std::getenv("STEPPED_CLOCK");
  const int file = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) std::abort();  // A test that steps nothing would show nothing.
  void* const memory = mmap(nullptr, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (memory == MAP_FAILED) std::abort();
  offset_of_file = static_cast<const std::atomic<int64_t>*>(memory);
}

int64_t Offset() {
  const std::atomic<int64_t>* const offset = offset_of_file.load();
  return offset == nullptr ? 0 : offset->load();
}

// What the library that comes next has under the name.
template <class Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

// Far times, which mean for ever, would overflow.
int64_t Nanoseconds(const timespec& time) { return std::min<int64_t>(time.tv_sec, kLatest) * kSecond + time.tv_nsec; }

timespec Timespec(int64_t nanoseconds) {
  timespec time{nanoseconds / kSecond, nanoseconds % kSecond};
  if (time.tv_nsec < 0) {
    time.tv_sec -= 1;
    time.tv_nsec += kSecond;
  }
  return time;
}

bool IsWall(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

int RealClock(clockid_t clock, timespec* time) {
  static auto* const real = Next<decltype(clock_gettime)>("clock_gettime");
  return real(clock, time);
}

int64_t MachineNow() {
  timespec now{};
  RealClock(CLOCK_REALTIME, &now);
  return Nanoseconds(now);
}

int64_t Now() { return MachineNow() + Offset(); }

// Until when, by the machine's clock, a wait of this slice may last that shall end at `until` by the stepped one.
timespec EndOfSlice(const timespec& until) {
  const int64_t now = MachineNow();
  return Timespec(std::clamp(Nanoseconds(until) - Offset(), now, now + kSlice));
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int result = RealClock(clock, time);
  if (result == 0 && IsWall(clock)) *time = Timespec(Nanoseconds(*time) + Offset());
  return result;
}

int gettimeofday(timeval* __restrict time, void* __restrict /*zone*/) noexcept {
  const timespec now = Timespec(Now());
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* result) noexcept {
  const time_t now = Timespec(Now()).tv_sec;
  if (result != nullptr) *result = now;
  return now;
}

int timespec_get(timespec* time, int base) noexcept {
  *time = Timespec(Now());
  return base;
}

// How the standard library and Java wait.
int pthread_cond_timedwait(pthread_cond_t* __restrict condition, pthread_mutex_t* __restrict mutex,
                           const timespec* __restrict until) {
  // There is an older function of the name, for conditions of another layout: dlsym finds that one.
  using Wait = int(pthread_cond_t*, pthread_mutex_t*, const timespec*);
  static auto* const real = reinterpret_cast<Wait*>(dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2"));
  const bool monotonic = (condition->__data.__wrefs & 2) != 0;  // As pthread_condattr_setclock left it (glibc).
  if (monotonic) return real(condition, mutex, until);
  const timespec slice = EndOfSlice(*until);
  const int result = real(condition, mutex, &slice);
  return result == ETIMEDOUT && Now() < Nanoseconds(*until) ? 0 : result;
}

// How librdkafka waits.
int cnd_timedwait(cnd_t* __restrict condition, mtx_t* __restrict mutex, const timespec* __restrict until) {
  static auto* const real = Next<int(cnd_t*, mtx_t*, const timespec*)>("cnd_timedwait");
  const timespec slice = EndOfSlice(*until);
  const int result = real(condition, mutex, &slice);
  return result == thrd_timedout && Now() < Nanoseconds(*until) ? thrd_success : result;
}

// How Abseil waits.
long syscall(long number, ...) noexcept {
  va_list list;
  va_start(list, number);
  long argument[6];
  for (long& a : argument) a = va_arg(list, long);
  va_end(list);
  static auto* const real = Next<long(long, ...)>("syscall");
  const auto call = [&] {
    return real(number, argument[0], argument[1], argument[2], argument[3], argument[4], argument[5]);
  };
  const auto* const until = reinterpret_cast<const timespec*>(argument[3]);
  const bool wall = number == SYS_futex && (argument[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET &&
                    (argument[1] & FUTEX_CLOCK_REALTIME) != 0 && until != nullptr;
  if (!wall) return call();
  const timespec slice = EndOfSlice(*until);
  argument[3] = reinterpret_cast<long>(&slice);
  const long result = call();
  if (result != 0 && errno == ETIMEDOUT && Now() < Nanoseconds(*until)) errno = EINTR;
  return result;
}

}  // extern "C"
