// Many small pieces of bytes, side by side: held one by one, each would cost an allocation, its head and a pointer.
#ifndef BELLWETHER_SERVICES_QUERY_PACKED_LIST_H_
#define BELLWETHER_SERVICES_QUERY_PACKED_LIST_H_

#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace bellwether::query {

// Made to grow at its end. A copy shares the bytes, and neither sees what is done to the other. What a list says of its
// entries points into it: it holds until the list is changed or gone. Not thread-safe; copies may be read by others
// while one is changed.
class PackedList {
 public:
  size_t size() const { return size_; }
  // Below size().
  std::string_view At(size_t index) const;
  // The first, from the beginning, of which `is_before` does not hold; size(), if it holds of all.
  template <typename IsBefore>
  size_t LowerBound(const IsBefore& is_before) const {
    size_t low = 0;
    for (size_t high = size_; low < high;) {
      const size_t middle = low + (high - low) / 2;
      if (is_before(At(middle))) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  void Append(std::string_view entry);
  // Below size().
  void Replace(size_t index, std::string_view entry);
  // At most size(). What comes after it is packed anew.
  void Insert(size_t index, std::string_view entry);

 private:
  // The last chunk with room for one more entry of the size, and of no other list.
  std::string& OpenChunk(size_t entry_size);

  // Where each entry ends, then the entries. All hold the same number of them, but for the last.
  using Chunk = std::shared_ptr<std::string>;

  std::vector<Chunk> chunks_;
  size_t size_ = 0;
};

// A value as it lies in the memory of this process, which nobody else reads; and back, off the front of the bytes.
template <typename T>
void AppendRaw(const T& value, std::string* bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  bytes->append(reinterpret_cast<const char*>(&value), sizeof(value));
}
template <typename T>
T TakeRaw(std::string_view* bytes) {
  T value;
  std::memcpy(&value, bytes->data(), sizeof(value));
  bytes->remove_prefix(sizeof(value));
  return value;
}

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_PACKED_LIST_H_
