#include "services/cli/printer.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "bellwether/core/files.h"
#include "bellwether/testing/status_matchers.h"

namespace bellwether::cli {
namespace {

using bellwether::testing::IsError;
using bellwether::testing::IsOkAndHolds;

// A folder that is all of PATH, in which a program may be WeasyPrint.
class PrinterTest : public ::testing::Test {
 protected:
  PrinterTest() : path_(std::getenv("PATH")) {
    std::string name = (std::filesystem::temp_directory_path() / "printer-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    setenv("PATH", folder_.c_str(), 1);
  }
  ~PrinterTest() override {
    setenv("PATH", path_.c_str(), 1);
    std::filesystem::remove_all(folder_);
  }
  void Program(const std::string& commands) const {
    const std::string file = (folder_ / "weasyprint").string();
    ASSERT_TRUE(core::WriteFile(file, absl::StrCat("#!/bin/sh\nPATH=", path_, "\n", commands, "\n")).ok());
    chmod(file.c_str(), 0700);
  }
  static absl::StatusOr<std::string> Print(const PrinterLimits& limits = {}) {
    return PrintToPdf("a page", limits, [](int) {});
  }

  const std::string path_;
  std::filesystem::path folder_;
};

TEST_F(PrinterTest, SaysWhatToInstall) {
  EXPECT_THAT(Print(), IsError(absl::StatusCode::kNotFound, "apt-get install weasyprint"));
}

TEST_F(PrinterTest, HandsThePageOverAndTakesThePdf) {
  setenv("BELLWETHER_KEY_FILE", "secret", 1);
  Program(R"sh(printf '%%PDF- %s %s %s' "$(cat)" "$*" "$BELLWETHER_KEY_FILE")sh");
  EXPECT_THAT(Print(), IsOkAndHolds("%PDF- a page --quiet --pdf-variant pdf/ua-1 - - "));
  unsetenv("BELLWETHER_KEY_FILE");
}

TEST_F(PrinterTest, TellsWhatWentWrong) {
  Program("echo first >&2; echo 'ValueError: no font' >&2; exit 1");
  EXPECT_THAT(Print(), IsError(absl::StatusCode::kInternal, "could not print the report: ValueError: no font"));
  Program("echo no PDF");
  EXPECT_THAT(Print(), IsError(absl::StatusCode::kInternal, "could not print"));
}

TEST_F(PrinterTest, EndsWhatTakesTooMuch) {
  Program("while :; do :; done");
  EXPECT_THAT(Print({.processor_seconds = 1}), IsError(absl::StatusCode::kResourceExhausted, "1 s of a processor"));
  Program("exec sleep 60");
  EXPECT_THAT(Print({.seconds = 1}), IsError(absl::StatusCode::kResourceExhausted, "1 s in all"));
  Program("exec /usr/bin/python3 -c 'bytearray(256 << 20)'");
  EXPECT_THAT(Print({.memory_bytes = 128 << 20}), IsError(absl::StatusCode::kInternal, "MemoryError"));
}

}  // namespace
}  // namespace bellwether::cli
