#include "bellwether/core/files.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "bellwether/testing/status_matchers.h"

namespace bellwether::core {
namespace {

namespace fs = std::filesystem;
using bellwether::testing::IsError;
using bellwether::testing::IsOk;

class FilesTest : public ::testing::Test {
 protected:
  FilesTest() : folder_(fs::path(::testing::TempDir()) / ("files_test_" + std::to_string(getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~FilesTest() override { fs::remove_all(folder_); }

  std::string In(const std::string& name) const { return folder_ / name; }
  size_t Files() const { return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), {})); }
  static std::string Content(const std::string& path) { return ReadFile(path).value_or("cannot be read"); }
  static mode_t ModeOf(const std::string& path) {
    struct stat there {};
    EXPECT_EQ(lstat(path.c_str(), &there), 0) << path;
    return there.st_mode;
  }

  const fs::path folder_;
};

TEST_F(FilesTest, AFileIsReplacedWholeAndKeepsItsRights) {
  ASSERT_THAT(WriteFile(In("a"), "one"), IsOk());
  ASSERT_EQ(chmod(In("a").c_str(), 0640), 0);
  ASSERT_THAT(WriteFile(In("a"), std::string("t\0wo", 4)), IsOk());
  EXPECT_EQ(Content(In("a")), std::string("t\0wo", 4));
  EXPECT_EQ(ModeOf(In("a")) & 07777, 0640U);
  EXPECT_EQ(Files(), 1U);
}

TEST_F(FilesTest, WhatIsPlantedBesideItIsNotWrittenTo) {
  ASSERT_THAT(WriteFile(In("victim"), "precious"), IsOk());
  for (const char* name : {"report", "report.unfinished"}) {
    fs::remove(In(name));
    fs::create_symlink(In("victim"), In(name));
    ASSERT_THAT(WriteFile(In("report"), "figures"), IsOk());
    EXPECT_EQ(Content(In("victim")), "precious") << name;
    EXPECT_EQ(Content(In("report")), "figures") << name;
    EXPECT_TRUE(S_ISREG(ModeOf(In("report")))) << name;
  }
  ASSERT_EQ(link(In("victim").c_str(), In("report.unfinished").c_str()), 0);
  ASSERT_THAT(WriteFile(In("report"), "figures"), IsOk());
  EXPECT_EQ(Content(In("victim")), "precious") << "a hard link";
  fs::create_directory(In("report.unfinished"));
  EXPECT_THAT(WriteFile(In("report"), "other"), IsError(absl::StatusCode::kUnavailable, "is in the way"));
  EXPECT_EQ(Content(In("report")), "figures");
}

TEST_F(FilesTest, APipeIsWrittenThrough) {
  ASSERT_EQ(mkfifo(In("pipe").c_str(), 0600), 0);
  std::string got;
  std::thread reader([&] { got = Content(In("pipe")); });
  EXPECT_THAT(WriteFile(In("pipe"), "figures"), IsOk());
  reader.join();
  EXPECT_EQ(got, "figures");
  EXPECT_TRUE(S_ISFIFO(ModeOf(In("pipe"))));
}

TEST_F(FilesTest, ADeviceIsWrittenThroughAndItsErrorTold) {
  // Behind links of ours: code that replaced what it should write to would replace these.
  fs::create_symlink("/dev/full", In("full"));
  fs::create_symlink("/dev/null", In("null"));
  EXPECT_THAT(WriteFile(In("full"), "figures"), IsError(absl::StatusCode::kUnavailable, "No space left"));
  EXPECT_THAT(WriteFile(In("null"), "figures"), IsOk());
  EXPECT_TRUE(S_ISLNK(ModeOf(In("full"))));
  EXPECT_TRUE(S_ISLNK(ModeOf(In("null"))));
  EXPECT_EQ(Files(), 2U);
}

TEST_F(FilesTest, ADescriptorIsWrittenToWhereItStands) {
  const int fd = open(In("log").c_str(), O_WRONLY | O_CREAT, 0600);
  ASSERT_EQ(write(fd, "before ", 7), 7);
  EXPECT_THAT(WriteFile("/proc/self/fd/" + std::to_string(fd), "figures"), IsOk());
  ASSERT_EQ(write(fd, " after", 6), 6);
  close(fd);
  EXPECT_EQ(Content(In("log")), "before figures after");
  EXPECT_FALSE(WriteFile("/proc/self/fd/" + std::to_string(fd), "figures").ok()) << "closed";
}

TEST_F(FilesTest, WhatCannotBeReadIsToldWithItsName) {
  EXPECT_THAT(ReadFile(In("none")), IsError(absl::StatusCode::kNotFound, "none: No such file"));
  EXPECT_THAT(ReadFile(folder_), IsError(absl::StatusCode::kUnavailable, "Is a directory"));
  EXPECT_THAT(ReadFile("/dev/zero"), IsError(absl::StatusCode::kOutOfRange, "more than 64 MiB"));
  EXPECT_THAT(ReadFile(In("a\x1b[2Jb")), IsError(absl::StatusCode::kNotFound, "a<U+001B>[2Jb"));
  EXPECT_THAT(WriteFile(In("none/a"), "x"), IsError(absl::StatusCode::kUnavailable, "No such file"));
}

TEST_F(FilesTest, WhoDoesNotFinishLeavesNothing) {
  { ASSERT_THAT(UnfinishedFile::Create(In("a"), {0600, false}), IsOk()); }
  EXPECT_EQ(Files(), 0U);
}

TEST_F(FilesTest, TheRestOfAKilledProgramIsTakenAway) {
  const pid_t child = fork();
  if (child == 0) {
    auto file = UnfinishedFile::Create(In("a"), {0600, false});
    _exit(file.ok() && write((*file)->descriptor(), "long rest", 9) == 9 ? 0 : 1);
  }
  int status = 1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  ASSERT_TRUE(fs::exists(In("a.unfinished")));
  ASSERT_EQ(chmod(In("a.unfinished").c_str(), 0666), 0);
  auto file = UnfinishedFile::Create(In("a"), {0600, false});
  ASSERT_THAT(file, IsOk());
  ASSERT_EQ(write((*file)->descriptor(), "new", 3), 3);
  ASSERT_THAT((*file)->Finish(), IsOk());
  EXPECT_EQ(Content(In("a")), "new");
  EXPECT_EQ(ModeOf(In("a")) & 07777, 0600U);
  EXPECT_EQ(Files(), 1U);
}

TEST_F(FilesTest, NothingIsReplacedUnlessItMayBe) {
  auto file = UnfinishedFile::Create(In("a"), {0600, false});
  ASSERT_THAT(file, IsOk());
  EXPECT_THAT(UnfinishedFile::Create(In("a"), {0600, false}), IsError(absl::StatusCode::kAborted, "another process"));
  ASSERT_THAT(WriteFile(In("b"), "other"), IsOk());
  fs::rename(In("b"), In("a"));  // While it is written.
  EXPECT_THAT((*file)->Finish(), IsError(absl::StatusCode::kAlreadyExists, "exists already"));
  file->reset();
  EXPECT_EQ(Content(In("a")), "other");
  EXPECT_EQ(Files(), 1U);
  fs::remove(In("a"));
  fs::create_symlink(In("none"), In("a"));
  EXPECT_THAT(UnfinishedFile::Create(In("a"), {0600, false}), IsError(absl::StatusCode::kAlreadyExists, "a: exists"));
}

TEST_F(FilesTest, OfManyAtOnceOneWritesIt) {
  int rounds_that_ended_well = 0;
  for (int round = 0; round < 100; ++round) {
    const std::string path = In("round" + std::to_string(round));
    std::ofstream(path + ".unfinished") << "the rest of a killed program";
    std::atomic<int> finished{0};
    std::vector<std::thread> writers;
    for (char name = 'a'; name < 'i'; ++name) {
      writers.emplace_back([&, name] {
        auto file = UnfinishedFile::Create(path, {0600, false});
        if (!file.ok()) return;
        const std::string content(5'000, name);
        for (size_t at = 0; at < content.size(); at += 1'000) {
          ASSERT_EQ(write((*file)->descriptor(), content.data() + at, 1'000), 1'000);
        }
        if ((*file)->Finish().ok()) ++finished;
      });
    }
    for (std::thread& writer : writers) writer.join();
    ASSERT_LE(finished, 1);
    if (finished == 0) continue;  // Each may have met another; none then says that it is done.
    ++rounds_that_ended_well;
    const std::string content = Content(path);
    ASSERT_EQ(content, std::string(5'000, content[0]));
  }
  EXPECT_GT(rounds_that_ended_well, 0);
}

}  // namespace
}  // namespace bellwether::core
