#include "services/cli/printer.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "bellwether/core/memory_file.h"
#include "bellwether/core/steady_time.h"

namespace bellwether::cli {
namespace {

constexpr const char* kProgram = "weasyprint";

// Empty: it is in no folder of PATH.
std::string FindProgram() {
  const char* const path = std::getenv("PATH");
  for (const auto& folder : absl::StrSplit(path == nullptr ? "" : path, ':', absl::SkipEmpty())) {
    std::string name = absl::StrCat(folder, "/", kProgram);
    if (access(name.c_str(), X_OK) == 0) return name;
  }
  return "";
}

// Of this process' environment, which may have secrets in it.
std::vector<std::string> Environment() {
  std::vector<std::string> all;
  for (const char* name : {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME",
                           "XDG_DATA_DIRS", "FONTCONFIG_FILE", "FONTCONFIG_PATH"}) {
    if (const char* const value = std::getenv(name)) all.push_back(absl::StrCat(name, "=", value));
  }
  return all;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& s : strings) pointers.push_back(s.data());
  pointers.push_back(nullptr);
  return pointers;
}

void Limit(decltype(RLIMIT_CPU) resource, size_t most) {
  const rlimit limit{most, most};
  setrlimit(resource, &limit);
}

// The child's part, between fork and exec: it calls nothing that may lock.
[[noreturn]] void Become(const char* program, char* const* arguments, char* const* environment, const int (&streams)[3],
                         const PrinterLimits& limits, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // It is gone already.
  for (int i = 0; i < 3; ++i) dup2(streams[i], i);
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_CPU, limits.processor_seconds);
  Limit(RLIMIT_AS, limits.memory_bytes);
  Limit(RLIMIT_FSIZE, limits.file_bytes);
  execve(program, arguments, environment);
  _exit(127);
}

// What a program said last, which with Python is what went wrong.
std::string LastLine(const core::MemoryFile& file) {
  const absl::StatusOr<std::string> said = file.Content();
  std::string last;
  for (const auto& line : absl::StrSplit(said.ok() ? *said : "", '\n', absl::SkipWhitespace()))
    last = std::string(line);
  return last;
}

}  // namespace

absl::StatusOr<std::string> PrintToPdf(const std::string& page, const PrinterLimits& limits,
                                       const std::function<void(int seconds)>& tick) {
  const std::string program = FindProgram();
  if (program.empty()) {
    return absl::NotFoundError(
        "WeasyPrint, which makes the PDF, is not on this machine: install it as root with `apt-get install "
        "weasyprint`; or take --format html, a page that a browser prints");
  }
  core::MemoryFile in;
  const core::MemoryFile out;
  const core::MemoryFile err;
  if (absl::Status s = in.Fill(page); !s.ok()) return s;
  std::vector<std::string> arguments = {kProgram, "--quiet", "--pdf-variant", "pdf/ua-1", "-", "-"};
  std::vector<std::string> environment = Environment();
  const std::vector<char*> argument_pointers = Pointers(arguments);
  const std::vector<char*> environment_pointers = Pointers(environment);
  const int streams[3] = {in.descriptor(), out.descriptor(), err.descriptor()};
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0)
    Become(program.c_str(), argument_pointers.data(), environment_pointers.data(), streams, limits, parent);
  if (child < 0) return absl::ResourceExhaustedError("no process could be had for WeasyPrint");

  const core::SteadyTime begin = core::SteadyTime::Now();
  const core::SteadyTime end = begin + absl::Seconds(limits.seconds);
  // By the call itself: the header of glibc 2.36 declares it for C alone.
  pollfd ended{static_cast<int>(syscall(SYS_pidfd_open, child, 0)), POLLIN, 0};
  while (ended.fd >= 0 && poll(&ended, 1, /*timeout=*/250) == 0 && !end.over())
    tick(static_cast<int>(absl::ToInt64Seconds(core::SteadyTime::Now() - begin)));
  const bool late = end.over();
  if (late) kill(child, SIGKILL);
  if (ended.fd >= 0) close(ended.fd);
  int status = 0;
  waitpid(child, &status, 0);
  if (late || (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))) {
    return absl::ResourceExhaustedError(
        absl::StrCat("WeasyPrint was ended: a report may take ", limits.processor_seconds, " s of a processor, ",
                     limits.seconds, " s in all, and ", limits.memory_bytes >> 20,
                     " MiB; print a directorate or a service of it (--directorate, --service)"));
  }
  absl::StatusOr<std::string> pdf = out.Content();
  if (pdf.ok() && WIFEXITED(status) && WEXITSTATUS(status) == 0 && pdf->substr(0, 5) == "%PDF-") return pdf;
  const std::string said = LastLine(err);
  return absl::InternalError(absl::StrCat("WeasyPrint could not print the report", said.empty() ? "" : ": ", said));
}

}  // namespace bellwether::cli
