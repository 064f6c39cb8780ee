// What few values of a type have, out of the way of the many that are kept by the million.
#ifndef BELLWETHER_CORE_SELDOM_H_
#define BELLWETHER_CORE_SELDOM_H_

#include <memory>
#include <utility>

namespace bellwether::core {

// A T that is nearly always T(): then it takes a pointer, and no memory of its own. A value: copies are deep, and what
// was moved from is T().
template <typename T>
class Seldom {
 public:
  Seldom() = default;
  Seldom(T value)  // NOLINT(google-explicit-constructor): it is that value.
      : kept_(value == T() ? nullptr : std::make_unique<T>(std::move(value))) {}
  Seldom(const Seldom& other) : kept_(other.kept_ == nullptr ? nullptr : std::make_unique<T>(*other.kept_)) {}
  Seldom(Seldom&&) noexcept = default;
  Seldom& operator=(const Seldom& other) { return *this = Seldom(other); }
  Seldom& operator=(Seldom&&) noexcept = default;
  ~Seldom() = default;

  const T& operator*() const {
    static const T* const none = new T();  // Never destroyed: threads may outlive what is static.
    return kept_ == nullptr ? *none : *kept_;
  }
  const T* operator->() const { return &**this; }
  // To be changed.
  T& Edit() {
    if (kept_ == nullptr) kept_ = std::make_unique<T>();
    return *kept_;
  }

  friend bool operator==(const Seldom& a, const Seldom& b) { return a.kept_ == b.kept_ || *a == *b; }

 private:
  std::unique_ptr<T> kept_;
};

}  // namespace bellwether::core

#endif  // BELLWETHER_CORE_SELDOM_H_
