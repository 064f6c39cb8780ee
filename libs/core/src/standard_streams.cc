#include "bellwether/core/standard_streams.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>

#include "bellwether/core/visible.h"

namespace bellwether::core {
namespace {

constexpr size_t kBufferBytes = 1 << 16;

void OpenClosedDescriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);  // The lowest number that is free: this one.
  }
}

}  // namespace

// Keeps text until a flush, or until there is much of it, since a character may come in pieces.
class StandardStreams::Buffer : public std::streambuf {
 public:
  explicit Buffer(int fd) : fd_(fd), terminal_(isatty(fd) == 1) {}

  bool terminal() const { return terminal_; }
  int error() const { return error_; }
  // What is kept goes first, so that all stands in its order.
  void WriteRaw(std::string_view bytes) {
    sync();
    Send(bytes);
  }

 protected:
  int_type overflow(int_type c) override {
    if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
    const char one = traits_type::to_char_type(c);
    return xsputn(&one, 1) == 1 ? c : traits_type::eof();
  }
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    kept_.append(text, static_cast<size_t>(size));
    if (kept_.size() > kBufferBytes) {
      const size_t end = kept_.rfind('\n') + 1;  // 0 where there is none: a line is not torn.
      Send(Visible(std::string_view(kept_).substr(0, end), LineBreaks::kKept));
      kept_.erase(0, end);
    }
    return error_ == 0 ? size : 0;
  }
  int sync() override {
    Send(Visible(kept_, LineBreaks::kKept));
    kept_.clear();
    return error_ == 0 ? 0 : -1;
  }

 private:
  void Send(std::string_view bytes) {
    while (!bytes.empty() && error_ == 0) {
      const ssize_t written = write(fd_, bytes.data(), bytes.size());
      if (written >= 0) {
        bytes.remove_prefix(static_cast<size_t>(written));
      } else if (errno == EAGAIN) {  // Whoever shares it made it so; it is full for the moment.
        pollfd ready{fd_, POLLOUT, 0};
        (void)poll(&ready, 1, -1);
      } else if (errno != EINTR) {
        error_ = errno;
      }
    }
  }

  const int fd_;
  const bool terminal_;
  std::string kept_;
  int error_ = 0;  // The first.
};

StandardStreams::StandardStreams(std::string_view program)
    : program_(program), cout_before_(std::cout.rdbuf()), cerr_before_(std::cerr.rdbuf()) {
  OpenClosedDescriptors();
  out_ = std::make_unique<Buffer>(STDOUT_FILENO);
  err_ = std::make_unique<Buffer>(STDERR_FILENO);
  std::cout.rdbuf(out_.get());
  std::cerr.rdbuf(err_.get());
}

StandardStreams::~StandardStreams() {
  std::cout.flush();
  std::cerr.flush();
  std::cout.rdbuf(cout_before_);
  std::cerr.rdbuf(cerr_before_);
}

void StandardStreams::WriteData(std::string_view data) {
  if (out_->terminal()) {
    std::cout << data << std::flush;
  } else {
    out_->WriteRaw(data);
  }
}

void StandardStreams::WritePainted(std::string_view text) { out_->WriteRaw(text); }

void StandardStreams::DrawProgress(std::string_view line) {
  if (!err_->terminal()) return;
  std::cout.flush();
  err_->WriteRaw("\r" + Visible(line) + "\x1b[K");
  drawn_ = true;
}

void StandardStreams::EndProgress() {
  if (drawn_) err_->WriteRaw("\r\x1b[K");
  drawn_ = false;
}

bool StandardStreams::good() const { return out_->error() == 0; }

int StandardStreams::End(int code) {
  std::cout.flush();
  if (out_->error() != 0 && !told_) {
    told_ = true;
    std::cerr << program_ << ": standard output cannot be written: " << std::strerror(out_->error())
              << (code == 0 ? "; what was asked for is done, but not told\n" : "\n");
  }
  std::cerr.flush();
  return code != 0 || (out_->error() == 0 && err_->error() == 0) ? code : 1;
}

}  // namespace bellwether::core
