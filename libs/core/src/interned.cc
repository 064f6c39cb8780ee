#include "bellwether/core/interned.h"

#include <set>

#include "bellwether/core/mutex.h"

namespace bellwether::core {

Interned::Interned(std::string_view name) {
  if (name.empty()) return;
  static auto* const mutex = new Mutex();
  static auto* const names = new std::set<std::string, std::less<>>();
  const MutexLock lock(*mutex);
  auto found = names->find(name);
  if (found == names->end()) found = names->emplace(name).first;
  kept_ = &*found;
}

const std::string& Interned::name() const {
  static const auto* const none = new std::string();
  return kept_ == nullptr ? *none : *kept_;
}

}  // namespace bellwether::core
