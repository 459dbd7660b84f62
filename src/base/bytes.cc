#include "base/bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace clairscore {

namespace {

/// Closes a file descriptor when it goes out of scope.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

std::string system_reason(int error_number) {
  return std::generic_category().message(error_number);
}

Result<std::uint64_t> regular_file_size(int fd, const std::string& name) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) {
    return fail(ErrorCode::kInternal, "cannot read the file: " + system_reason(errno), name);
  }
  if (S_ISDIR(status.st_mode)) {
    return fail(ErrorCode::kNotFound, "a folder where a file was expected", name,
                "the path of a file");
  }
  return static_cast<std::uint64_t>(status.st_size);
}

Error open_error(int error_number, const std::string& name) {
  if (error_number == ENOENT || error_number == ENOTDIR) {
    return Error{ErrorCode::kNotFound, "no such file", name, "the path of an existing file"};
  }
  return Error{ErrorCode::kNotFound, "cannot open the file: " + system_reason(error_number), name,
               "a readable file"};
}

template <typename Buffer>
Result<Buffer> read_whole(const std::filesystem::path& path, std::uint64_t max_bytes) {
  const std::string name = path.string();
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return fail(open_error(errno, name));
  ASSIGN_OR_RETURN(const std::uint64_t size, regular_file_size(file.get(), name));
  const auto too_large = [&] {
    return fail(ErrorCode::kLimit, "file too large", name,
                "at most " + std::to_string(max_bytes) + " bytes");
  };
  if (size > max_bytes) return too_large();
  // Pipes and /proc files report no size: read until the end, never past the limit.
  Buffer buffer;
  buffer.resize(static_cast<std::size_t>(size) + 1);
  std::size_t filled = 0;
  while (true) {
    if (filled == buffer.size()) buffer.resize(buffer.size() * 2);
    const ssize_t got = ::read(file.get(), buffer.data() + filled, buffer.size() - filled);
    if (got < 0) {
      if (errno == EINTR) continue;
      return fail(ErrorCode::kInternal, "cannot read the file: " + system_reason(errno), name);
    }
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
    if (filled > max_bytes) return too_large();
  }
  buffer.resize(filled);
  return buffer;
}

}  // namespace

Result<Bytes> read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  return read_whole<Bytes>(path, max_bytes);
}

Result<std::string> read_text_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  return read_whole<std::string>(path, max_bytes);
}

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  const std::string name = path.string();
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return fail(open_error(errno, name));
  ASSIGN_OR_RETURN(const std::uint64_t size, regular_file_size(file.get(), name));
  MappedFile mapped;
  if (size == 0) return mapped;
  void* address =
      ::mmap(nullptr, static_cast<std::size_t>(size), PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (address == MAP_FAILED) {
    return fail(ErrorCode::kInternal, "cannot map the file: " + system_reason(errno), name);
  }
  mapped.data_ = static_cast<const std::byte*>(address);
  mapped.size_ = static_cast<std::size_t>(size);
  return mapped;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

void MappedFile::release(std::size_t begin, std::size_t size) const {
  if (data_ == nullptr || begin >= size_) return;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t first = (begin + page - 1) / page * page;
  const std::size_t last = std::min(begin + size, size_) / page * page;
  if (first < last) {
    ::madvise(const_cast<std::byte*>(data_) + first, last - first, MADV_DONTNEED);
  }
}

Result<void> write_file_atomically(const std::filesystem::path& path, ByteSpan bytes) {
  const std::string name = path.string();
  std::string temporary = name + ".XXXXXX";
  const FileDescriptor file(::mkstemp(temporary.data()));
  const auto cannot = [&](int error_number) {
    return fail(ErrorCode::kInternal, "cannot write the file: " + system_reason(error_number),
                name);
  };
  if (file.get() < 0) return cannot(errno);
  const auto abandon = [&](int error_number) {
    ::unlink(temporary.c_str());
    return cannot(error_number);
  };
  while (!bytes.empty()) {
    const ssize_t put = ::write(file.get(), bytes.data(), bytes.size());
    if (put < 0) {
      if (errno == EINTR) continue;
      return abandon(errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (::fchmod(file.get(), 0666 & ~mask) != 0) return abandon(errno);
  if (::rename(temporary.c_str(), name.c_str()) != 0) return abandon(errno);
  return {};
}

}  // namespace clairscore
