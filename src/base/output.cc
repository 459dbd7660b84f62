#include "base/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace clairscore {

namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 18U;

tl::unexpected<Error> cannot_write(const std::string& path, int error_number) {
  return fail(ErrorCode::kInternal,
              "cannot write: " + std::generic_category().message(error_number),
              path == "-" ? "standard output" : path,
              path == "-" ? "" : "a file in a folder that exists and may be written");
}

}  // namespace

Result<OutputFile> OutputFile::open(const std::string& path) {
  OutputFile file;
  file.path_ = path;
  if (path == "-") {
    file.fd_ = STDOUT_FILENO;
    return file;
  }
  struct stat status{};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) return cannot_write(path, EISDIR);
  if (exists && !S_ISREG(status.st_mode)) {
    file.fd_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    file.temporary_ = path + ".XXXXXX";
    file.fd_ = ::mkstemp(file.temporary_.data());
  }
  if (file.fd_ < 0) {
    file.temporary_.clear();
    return cannot_write(path, errno);
  }
  file.owns_fd_ = true;
  return file;
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      owns_fd_(std::exchange(other.owns_fd_, false)),
      path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      buffer_(std::exchange(other.buffer_, {})) {}

OutputFile::~OutputFile() {
  if (owns_fd_) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<void> OutputFile::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes) return flush();
  return {};
}

Result<void> OutputFile::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t put = ::write(fd_, rest.data(), rest.size());
    if (put < 0) {
      if (errno == EINTR) continue;
      return cannot_write(path_, errno);
    }
    rest.remove_prefix(static_cast<std::size_t>(put));
  }
  buffer_.clear();
  return {};
}

Result<void> OutputFile::commit() {
  RETURN_IF_ERROR(flush());
  if (!owns_fd_) return {};
  if (!temporary_.empty()) {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    if (::fchmod(fd_, 0666 & ~mask) != 0) return cannot_write(path_, errno);
  }
  owns_fd_ = false;
  if (::close(fd_) != 0) return cannot_write(path_, errno);
  if (!temporary_.empty()) {
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) return cannot_write(path_, errno);
    temporary_.clear();
  }
  return {};
}

Result<void> OutputFile::abandon() {
  if (temporary_.empty()) return flush();
  return {};
}

}  // namespace clairscore
