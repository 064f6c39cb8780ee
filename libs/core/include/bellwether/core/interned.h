// Names of which there are few and mentions by the million: each is kept once, for the life of the process.
#ifndef BELLWETHER_CORE_INTERNED_H_
#define BELLWETHER_CORE_INTERNED_H_

#include <string>
#include <string_view>
#include <utility>

namespace bellwether::core {

// A value of the size of a pointer. Thread-safe.
class Interned {
 public:
  Interned() = default;  // The empty name.
  explicit Interned(std::string_view name);

  const std::string& name() const;
  bool empty() const { return kept_ == nullptr; }

  friend bool operator==(Interned a, Interned b) { return a.kept_ == b.kept_; }
  friend bool operator!=(Interned a, Interned b) { return a.kept_ != b.kept_; }
  template <typename H>
  friend H AbslHashValue(H h, Interned interned) {
    return H::combine(std::move(h), interned.kept_);
  }

 private:
  const std::string* kept_ = nullptr;
};

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_INTERNED_H_
