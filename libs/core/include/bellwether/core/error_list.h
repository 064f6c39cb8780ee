// What is wrong with something that somebody gave, a line each: as much of it as a person reads.
#ifndef BELLWETHER_CORE_ERROR_LIST_H_
#define BELLWETHER_CORE_ERROR_LIST_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bellwether::core {

// Keeps the first kLines errors, kCharacters code points of each, made Visible, and counts the rest: whatever the size
// of what is wrong, it is told in 100 lines, and a line is one. Not thread-safe.
class ErrorList {
 public:
  static constexpr size_t kLines = 100;
  static constexpr int kCharacters = 1'000;

  void Add(std::string_view line);
  bool empty() const { return count_ == 0; }
  // How many were added.
  size_t count() const { return count_; }
  // In their order; the last says how many more there are, if there are.
  std::vector<std::string> Lines() const;
  // The lines, with a line feed between them.
  std::string Text() const;

 private:
  std::vector<std::string> lines_;
  size_t count_ = 0;
};

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_ERROR_LIST_H_
