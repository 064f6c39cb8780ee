// Standard output and standard error of a program that is used from a terminal.
#ifndef BELLWETHER_CORE_STANDARD_STREAMS_H_
#define BELLWETHER_CORE_STANDARD_STREAMS_H_

#include <memory>
#include <streambuf>
#include <string>
#include <string_view>

namespace bellwether::core {

// While it lives, std::cout and std::cerr write what is Visible (core/visible.h) and nothing else: whatever comes from
// files, names, arguments and servers, no terminal obeys it. What could not be written is an error of the program, and
// no output that was asked for is lost in silence:
//
//   int main(...) {
//     core::StandardStreams streams("bellwether");
//     ...
//     return streams.End(code);
//   }
//
// Make it first thing in main; one at a time. A descriptor below 3 that is closed is opened so that its use fails: else
// the next file or socket would get its number, and the program's words. Not thread-safe, as std::cout is not with it.
class StandardStreams {
 public:
  explicit StandardStreams(std::string_view program);
  ~StandardStreams();
  StandardStreams(const StandardStreams&) = delete;
  StandardStreams& operator=(const StandardStreams&) = delete;

  // To standard output, byte for byte, what a program will read; a terminal is shown it like all else.
  void WriteData(std::string_view data);
  // To standard output, with the escape sequences that are in it: the caller made all of them, and the rest is Visible.
  void WritePainted(std::string_view text);
  // Draws the terminal's last line anew, on standard error, for a person who watches; nothing where that is no
  // terminal.
  void DrawProgress(std::string_view line);
  // Takes it away.
  void EndProgress();

  // Whether standard output took all so far: after a flush. False: there is no use in going on.
  bool good() const;
  // The exit code: `code`, or 1 where that is 0 and something could not be written, which is told on standard error.
  // Twice is harmless.
  int End(int code);

 private:
  class Buffer;
  const std::string program_;
  std::unique_ptr<Buffer> out_;
  std::unique_ptr<Buffer> err_;
  std::streambuf* const cout_before_;
  std::streambuf* const cerr_before_;
  bool drawn_ = false;
  bool told_ = false;
};

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_STANDARD_STREAMS_H_
