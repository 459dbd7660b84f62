#include "hub/partial_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "hub/cache.h"

namespace clairscore::hub {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".clairscore.incomplete";
constexpr std::size_t kCopyBytes = std::size_t{1} << 20U;

/// Partial files of this content in the folder, but for `own`.
std::vector<fs::path> left_behind(const fs::path& folder, const std::string& oid,
                                  const fs::path& own) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(oid + ".") && name.ends_with(kSuffix) && entry.path() != own) {
      found.push_back(entry.path());
    }
  }
  return found;
}

}  // namespace

PartialFile::PartialFile(int fd, fs::path path, std::string oid, std::uint64_t size)
    : fd_(fd), path_(std::move(path)), oid_(std::move(oid)), size_(size), hash_(oid_, size) {}

PartialFile::PartialFile(PartialFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      path_(std::move(other.path_)),
      oid_(std::move(other.oid_)),
      size_(other.size_),
      filled_(other.filled_),
      hash_(std::move(other.hash_)) {}

PartialFile::~PartialFile() {
  if (fd_ >= 0) ::close(fd_);
}

HubResult<PartialFile> PartialFile::open(const fs::path& blobs, const std::string& oid,
                                         std::uint64_t size) {
  const fs::path path = blobs / (oid + "." + random_digits() + std::string(kSuffix));
  // Made with the mode that the folder and the umask give: the blob's mode once renamed.
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (fd < 0) return fail(disk_error(errno, "cannot write into the cache", path));
  PartialFile partial(fd, path, oid, size);
  fs::path longest;
  std::uint64_t most = 0;
  for (const fs::path& other : left_behind(blobs, oid, path)) {
    const std::uint64_t length = Cache::file_size(other).value_or(0);
    if (length > most && length <= size) {
      most = length;
      longest = other;
    }
  }
  if (longest.empty()) return partial;
  if (auto taken = partial.take_over(longest); !taken) {
    // Perhaps there is room for one, not for two.
    std::error_code ignored;
    fs::remove(longest, ignored);
    RETURN_IF_ERROR(partial.restart());
  }
  return partial;
}

HubResult<void> PartialFile::take_over(const fs::path& other) {
  const int from = ::open(other.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (from < 0) return {};
  std::vector<std::byte> buffer(kCopyBytes);
  HubResult<void> done;
  while (done) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done = append(ByteSpan(buffer).first(static_cast<std::size_t>(got)));
  }
  ::close(from);
  return done;
}

HubResult<void> PartialFile::append(ByteSpan bytes) {
  if (bytes.size() > size_ - filled_) {
    return fail(make_error(Fault::kCorrupt, "more bytes than the file has", path_.string()));
  }
  hash_.update(bytes);
  filled_ += bytes.size();
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
    if (put < 0) {
      if (errno == EINTR) continue;
      return fail(disk_error(errno, "cannot write into the cache", path_));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

HubResult<void> PartialFile::restart() {
  if (::ftruncate(fd_, 0) != 0 || ::lseek(fd_, 0, SEEK_SET) != 0) {
    return fail(disk_error(errno, "cannot write into the cache", path_));
  }
  filled_ = 0;
  hash_ = ContentHash(oid_, size_);
  return {};
}

bool PartialFile::verify() {
  return filled_ == size_ && hash_.finish() == oid_;
}

HubResult<void> PartialFile::publish(const fs::path& blob) {
  // On disk before it has its name: a power cut must not leave a blob of the right size and no
  // bytes.
  if (::fdatasync(fd_) != 0) return fail(disk_error(errno, "cannot write into the cache", path_));
  if (::rename(path_.c_str(), blob.c_str()) != 0) {
    return fail(disk_error(errno, "cannot put a file into the cache", blob));
  }
  std::error_code ignored;
  for (const fs::path& other : left_behind(blob.parent_path(), oid_, path_)) {
    fs::remove(other, ignored);
  }
  return {};
}

void PartialFile::remove() {
  ::unlink(path_.c_str());
}

}  // namespace clairscore::hub
