#pragma once

// A download under way: bytes on disk and their hash, always in step. The file has a name of its
// own
// (<oid>.<8 digits>.clairscore.incomplete), so that two processes never write to one file, whatever
// their locks are worth; the Python client counts it among its own incomplete files and prunes it.
// One object, one thread.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "hub/content_hash.h"
#include "hub/error.h"

namespace clairscore::hub {

class PartialFile {
 public:
  /// In the folder of blobs. Takes over (copies) the longest that an ended process left for this
  /// content.
  static HubResult<PartialFile> open(const std::filesystem::path& blobs, const std::string& oid,
                                     std::uint64_t size);
  PartialFile(PartialFile&& other) noexcept;
  PartialFile& operator=(PartialFile&& other) = delete;
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;
  /// Closes; the file stays.
  ~PartialFile();

  std::uint64_t filled() const { return filled_; }
  std::uint64_t size() const { return size_; }
  /// Appends. Fault::kDisk; kCorrupt beyond the size.
  HubResult<void> append(ByteSpan bytes);
  /// From zero.
  HubResult<void> restart();
  /// Whether the whole file is what its name says; the hash is used up then.
  bool verify();
  /// Gives it the blob's name, and removes what other processes left for it.
  HubResult<void> publish(const std::filesystem::path& blob);
  void remove();

 private:
  PartialFile(int fd, std::filesystem::path path, std::string oid, std::uint64_t size);
  HubResult<void> take_over(const std::filesystem::path& other);

  int fd_ = -1;
  std::filesystem::path path_;
  std::string oid_;
  std::uint64_t size_ = 0;
  std::uint64_t filled_ = 0;
  ContentHash hash_;
};

}  // namespace clairscore::hub
