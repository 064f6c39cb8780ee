#include "bellwether/access/file.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "bellwether/core/files.h"
#include "bellwether/core/steady_time.h"
#include "bellwether/telemetry/metrics.h"

namespace bellwether::access {
namespace {

constexpr absl::Duration kInterval = absl::Seconds(1);

prometheus::Gauge& Usable() {
  return telemetry::GaugeOf("bellwether_access_file_usable",
                            "0: access.yaml or its JWKS file is wrong, the last good ones are in force");
}

// What both files say, as one text to compare by.
struct Texts {
  std::string access;
  std::string keys;

  std::string Both() const { return absl::StrCat(access, std::string(1, '\0'), keys); }
};

std::string BesideOf(const std::string& path, const std::string& name) {
  if (name.empty() || name.front() == '/') return name;
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? name : absl::StrCat(path.substr(0, slash + 1), name);
}

absl::StatusOr<Texts> ReadTexts(const std::string& path) {
  Texts texts;
  absl::StatusOr<std::string> read = core::ReadFile(path);
  if (!read.ok()) return absl::InvalidArgumentError(read.status().message());
  texts.access = *std::move(read);
  const std::string keys = BesideOf(path, Policy::KeysFileIn(texts.access));
  if (keys.empty()) return texts;
  read = core::ReadFile(keys);
  if (!read.ok()) return absl::InvalidArgumentError(read.status().message());
  texts.keys = *std::move(read);
  return texts;
}

absl::StatusOr<std::shared_ptr<const Policy>> PolicyOf(const std::string& path, const Texts& texts) {
  absl::StatusOr<std::shared_ptr<const Policy>> policy = Policy::Parse(texts.access, texts.keys);
  if (policy.ok()) return policy;
  return absl::InvalidArgumentError(absl::StrCat(path, ":\n", policy.status().message()));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Policy>> ReadPolicy(const std::string& path) {
  const absl::StatusOr<Texts> texts = ReadTexts(path);
  if (!texts.ok()) return texts.status();
  return PolicyOf(path, *texts);
}

absl::StatusOr<std::unique_ptr<File>> File::Watch(const std::string& path) {
  const absl::StatusOr<Texts> texts = ReadTexts(path);
  if (!texts.ok()) return texts.status();
  absl::StatusOr<std::shared_ptr<const Policy>> policy = PolicyOf(path, *texts);
  if (!policy.ok()) return policy.status();
  Usable().Set(1);
  return std::unique_ptr<File>(new File(path, texts->Both(), *std::move(policy)));
}

File::File(std::string path, std::string seen, std::shared_ptr<const Policy> policy)
    : path_(std::move(path)), seen_(std::move(seen)), policy_(std::move(policy)) {
  thread_ = std::thread([this] {
    while (true) {
      std::function<void()> after_look;
      {
        const core::MutexLock lock(mutex_);
        if (stopped_.WaitUntil(mutex_, core::SteadyTime::Now() + kInterval,
                               [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_; }))
          return;
        after_look = after_look_;
      }
      Look();
      if (after_look) after_look();
    }
  });
}

File::~File() {
  {
    const core::MutexLock lock(mutex_);
    stop_ = true;
    stopped_.NotifyAll();
  }
  thread_.join();
}

std::shared_ptr<const Policy> File::policy() const {
  const core::MutexLock lock(mutex_);
  return policy_;
}

void File::SetAfterLook(std::function<void()> after_look) {
  const core::MutexLock lock(mutex_);
  after_look_ = std::move(after_look);
}

void File::Look() {
  const absl::StatusOr<Texts> texts = ReadTexts(path_);
  absl::Status s = texts.status();
  if (s.ok()) {
    const std::string text = texts->Both();
    if (text == seen_) return;
    if (std::exchange(last_, text) != text) return;
    seen_ = text;
    absl::StatusOr<std::shared_ptr<const Policy>> policy = PolicyOf(path_, *texts);
    s = policy.status();
    if (s.ok()) {
      const core::MutexLock lock(mutex_);
      policy_ = *std::move(policy);
    }
  } else {
    seen_.clear();  // When it comes back, it is read.
  }
  Usable().Set(s.ok() ? 1 : 0);
  const std::string trouble(s.message());
  if (s.ok()) {
    spdlog::info("{} was replaced, and is in force", path_);
  } else if (trouble != trouble_) {
    spdlog::error("the new {} is not taken, the last good one stays in force: {}", path_, trouble);
  }
  trouble_ = trouble;
}

}  // namespace bellwether::access
