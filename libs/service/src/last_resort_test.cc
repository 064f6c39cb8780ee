#include "last_resort.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <thread>

namespace bellwether::service {
namespace {

TEST(LastResortTest, EndsWhatDoesNotEnd) {
  EXPECT_EXIT(
      {
        spdlog::set_default_logger(spdlog::stderr_logger_mt("last-resort"));
        const LastResort last(absl::Milliseconds(20), [] {
          spdlog::error("told before the end");
          EndProcess(1);
        });
        while (true) std::this_thread::sleep_for(std::chrono::seconds(1));
      },
      ::testing::ExitedWithCode(1), "told before the end");
}

TEST(LastResortTest, LeavesAloneWhatEndsInTime) {
  std::atomic<bool> ended{false};
  {
    const LastResort last(absl::Hours(1), [&ended] { ended = true; });
  }
  EXPECT_FALSE(ended);
}

}  // namespace
}  // namespace bellwether::service
