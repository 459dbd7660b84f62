#pragma once

// Bytes of files: a view type, a whole-file reader with a limit, a read-only mapping, and an
// all-or-nothing writer. Thread-safe in that nothing is shared; one object, one thread.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace clairscore {

using ByteSpan = std::span<const std::byte>;
using Bytes = std::vector<std::byte>;

inline ByteSpan as_bytes(std::string_view text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}
inline std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The whole file. Errors: kNotFound (not there, or a directory), kLimit (over max_bytes),
/// kInternal (the read failed). The path is in `where`.
Result<Bytes> read_file(const std::filesystem::path& path, std::uint64_t max_bytes);

/// Same, as text.
Result<std::string> read_text_file(const std::filesystem::path& path, std::uint64_t max_bytes);

/// A read-only private mapping of a file, unmapped on destruction. An empty file maps to an empty
/// span. The file must not shrink while it is mapped; replace files by rename, never in place.
class MappedFile {
 public:
  static Result<MappedFile> open(const std::filesystem::path& path);
  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  ByteSpan bytes() const { return {data_, size_}; }
  /// Tells the kernel that [begin, begin+size) will not be read again soon, which takes those
  /// pages off our resident size.
  void release(std::size_t begin, std::size_t size) const;

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Writes the file beside its final name and renames it into place: a reader sees the old file or
/// the whole new one. Errors: kInternal with the path and the system's reason.
Result<void> write_file_atomically(const std::filesystem::path& path, ByteSpan bytes);

}  // namespace clairscore
