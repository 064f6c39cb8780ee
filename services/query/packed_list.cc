#include "services/query/packed_list.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "services/query/derived.h"

namespace bellwether::query {
namespace {

// A year of months. (Other numbers cost up to a sixth more: pieces of some sizes do not fit the allocator's pages.)
constexpr size_t kEntriesAChunk = 12;
using End = uint32_t;
constexpr size_t kEnds = kEntriesAChunk * sizeof(End);

std::string_view EntryOf(const std::string& chunk, size_t index) {
  End bounds[2] = {kEnds, 0};  // Of the one before, and its own.
  if (index == 0) {
    std::memcpy(&bounds[1], chunk.data(), sizeof(End));
  } else {
    std::memcpy(bounds, chunk.data() + (index - 1) * sizeof(End), sizeof(bounds));
  }
  return std::string_view(chunk).substr(bounds[0], bounds[1] - bounds[0]);
}

void AppendEntry(size_t index, std::string_view entry, std::string* chunk) {
  chunk->append(entry);
  const End end = static_cast<End>(chunk->size());
  std::memcpy(chunk->data() + index * sizeof(End), &end, sizeof(end));
}

// An empty one.
std::shared_ptr<std::string> MakeChunk(size_t expected_size) {
  auto chunk = std::make_shared<std::string>();
  chunk->reserve(expected_size);
  chunk->resize(kEnds);
  return chunk;
}

}  // namespace

std::string_view PackedList::At(size_t index) const {
  return EntryOf(*chunks_[index / kEntriesAChunk], index % kEntriesAChunk);
}

std::string& PackedList::OpenChunk(size_t entry_size) {
  if (size_ % kEntriesAChunk == 0) {
    // By an eighth: half of what doubles would lie idle.
    if (chunks_.size() == chunks_.capacity()) chunks_.reserve(chunks_.size() + chunks_.size() / 8 + 1);
    // Mostly it comes to be about as large as the one before it.
    chunks_.push_back(MakeChunk(chunks_.empty() ? kEnds + entry_size : chunks_.back()->size() * 9 / 8));
  } else if (!IsAlone(chunks_.back())) {
    chunks_.back() = std::make_shared<std::string>(*chunks_.back());
  }
  return *chunks_.back();
}

void PackedList::Append(std::string_view entry) {
  AppendEntry(size_ % kEntriesAChunk, entry, &OpenChunk(entry.size()));
  ++size_;
  if (size_ % kEntriesAChunk == 0) chunks_.back()->shrink_to_fit();
}

void PackedList::Replace(size_t index, std::string_view entry) {
  Chunk& chunk = chunks_[index / kEntriesAChunk];
  const size_t first = index / kEntriesAChunk * kEntriesAChunk;
  Chunk anew = MakeChunk(chunk->size() + entry.size() - At(index).size());
  for (size_t i = first; i < std::min(first + kEntriesAChunk, size_); ++i) {
    AppendEntry(i - first, i == index ? entry : At(i), anew.get());
  }
  chunk = std::move(anew);
}

void PackedList::Insert(size_t index, std::string_view entry) {
  if (index == size_) return Append(entry);
  const PackedList old = *this;
  size_ = index / kEntriesAChunk * kEntriesAChunk;
  chunks_.resize(index / kEntriesAChunk);
  for (size_t i = size_; i < old.size(); ++i) {
    if (i == index) Append(entry);
    Append(old.At(i));
  }
}

}  // namespace bellwether::query
