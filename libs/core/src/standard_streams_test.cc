#include "bellwether/core/standard_streams.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <iostream>
#include <string>

namespace bellwether::core {
namespace {

using ::testing::HasSubstr;

struct Ended {
  int code = -1;
  std::string out;
  std::string err;
};

std::string ReadToEnd(int fd) {
  std::string all;
  char piece[4096];
  for (ssize_t n = 0; (n = read(fd, piece, sizeof(piece))) > 0;) all.append(piece, static_cast<size_t>(n));
  close(fd);
  return all;
}

// Runs `body` as the main of a process of its own. `prepare` may change its descriptors, which are pipes, before.
Ended RunMain(
    const std::function<int(StandardStreams&)>& body, const std::function<void()>& prepare = [] {}) {
  int out[2];
  int err[2];
  EXPECT_EQ(pipe(out), 0);
  EXPECT_EQ(pipe(err), 0);
  std::cout.flush();
  const pid_t child = fork();
  if (child == 0) {
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    for (const int fd : {out[0], out[1], err[0], err[1]}) close(fd);
    prepare();
    StandardStreams streams("program");
    _exit(streams.End(body(streams)));
  }
  close(out[1]);
  close(err[1]);
  Ended ended{-1, ReadToEnd(out[0]), ReadToEnd(err[0])};
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
  return ended;
}

TEST(StandardStreamsTest, NoTerminalObeysWhatComesThrough) {
  const Ended ended = RunMain([](StandardStreams&) {
    std::cout << "a\x1b[2J\r\nb\xE2\x80"
              << "\xAE"
              << "c\n";  // A character in two pieces.
    std::cerr << "d\u009b31m\xFF\n";
    return 3;
  });
  EXPECT_EQ(ended.code, 3);
  EXPECT_EQ(ended.out, "a<U+001B>[2J\nb<U+202E>c\n");
  EXPECT_EQ(ended.err, "d<U+009B>31m<0xFF>\n");
}

TEST(StandardStreamsTest, DataIsWrittenAsItIsAndInItsOrder) {
  const std::string data("\xFF\0\r\n\x1b", 5);
  const Ended ended = RunMain([&](StandardStreams& streams) {
    std::cout << "before\n";
    streams.WriteData(data);
    std::cout << "after\n";
    streams.WritePainted("\x1b[0m");
    return 0;
  });
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.out, "before\n" + data + "after\n\x1b[0m");
}

TEST(StandardStreamsTest, ATerminalIsShownData) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_GE(terminal, 0);
  ASSERT_EQ(grantpt(terminal), 0);
  ASSERT_EQ(unlockpt(terminal), 0);
  const std::string name = ptsname(terminal);
  const int keep = open(name.c_str(), O_RDWR | O_NOCTTY);  // What was written stays to be read.
  const Ended ended = RunMain(
      [](StandardStreams& streams) {
        streams.WriteData("a\x1b[2Jb\r\n");
        return 0;
      },
      [&] { dup2(keep, STDOUT_FILENO); });
  EXPECT_EQ(ended.code, 0);
  char got[100];
  const ssize_t size = read(terminal, got, sizeof(got));
  close(keep);
  close(terminal);
  ASSERT_GT(size, 0);
  EXPECT_EQ(std::string(got, static_cast<size_t>(size)), "a<U+001B>[2Jb\r\n") << "the terminal makes the CR itself";
}

TEST(StandardStreamsTest, MuchTextIsNotTornWhereACharacterStands) {
  std::string line;
  for (int i = 0; i < 70'000; ++i) line += "é";
  const Ended ended = RunMain([&](StandardStreams&) {
    for (int i = 0; i < 3; ++i) std::cout << "x" << line << "\n" << line;
    return 0;
  });
  EXPECT_EQ(ended.out, "x" + line + "\n" + line + "x" + line + "\n" + line + "x" + line + "\n" + line);
}

TEST(StandardStreamsTest, AFullDiskIsAnError) {
  const auto to_full = [] { dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO); };
  for (const bool data : {false, true}) {
    const Ended ended = RunMain(
        [&](StandardStreams& streams) {
          if (data) streams.WriteData("x");
          if (!data) std::cout << "x";
          return 0;
        },
        to_full);
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.err, HasSubstr("program: standard output cannot be written: No space left"));
  }
  EXPECT_EQ(RunMain([](StandardStreams&) { return 0; }, to_full).code, 0) << "nothing was to be written";
}

TEST(StandardStreamsTest, AClosedDescriptorIsAnErrorAndIsGivenToNoFile) {
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    const Ended ended = RunMain(
        [&](StandardStreams&) {
          if (open("/dev/null", O_WRONLY) < 3) return 7;
          (fd == STDOUT_FILENO ? std::cout : std::cerr) << "x";
          return 0;
        },
        [&] { close(fd); });
    EXPECT_EQ(ended.code, 1);
  }
}

TEST(StandardStreamsTest, AReaderThatWentAwayIsTold) {
  const Ended ended = RunMain(
      [](StandardStreams& streams) {
        std::cout << "x" << std::flush;
        return streams.good() ? 7 : 0;
      },
      [] {
        int ends[2];
        if (pipe(ends) != 0) _exit(9);
        close(ends[0]);
        dup2(ends[1], STDOUT_FILENO);
        std::signal(SIGPIPE, SIG_IGN);
      });
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, HasSubstr("Broken pipe"));
}

}  // namespace
}  // namespace bellwether::core
