// Many small pieces of bytes, side by side: held one by one, each would cost an allocation, its head and a pointer.
#ifndef BELLWETHER_SERVICES_QUERY_PACKED_LIST_H_
#define BELLWETHER_SERVICES_QUERY_PACKED_LIST_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
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
  // All from that one on.
  std::vector<std::string_view> From(size_t index) const;

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

// Numbers of few bytes where they are small, as Protocol Buffers write them.
void AppendVarint(uint64_t number, std::string* bytes);
// Takes one from the front of what AppendVarint wrote.
uint64_t TakeVarint(std::string_view* bytes);

}  // namespace bellwether::query

#endif  // BELLWETHER_SERVICES_QUERY_PACKED_LIST_H_
