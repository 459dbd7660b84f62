#include "hub/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace clairscore::hub {

namespace {

constexpr std::chrono::milliseconds kPoll{50};

/// False when the file has no name any more: whoever locks that name next would not meet us.
bool has_name(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 && status.st_nlink > 0;
}

}  // namespace

FileLock FileLock::acquire(const std::filesystem::path& path, Waiter& waiter, std::stop_token stop,
                           const std::function<void()>& on_wait,
                           const std::function<bool()>& give_up) {
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  bool waited = false;
  while (true) {
    // Opened anew each time, so that a file that was removed meanwhile is not waited for.
    FileLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0664));
    if (!lock.held()) return lock;
    if (::flock(lock.fd_, LOCK_EX | LOCK_NB) == 0) {
      if (has_name(lock.fd_)) return lock;
      continue;
    }
    if (errno != EWOULDBLOCK && errno != EINTR) return FileLock(-1);
    if (!std::exchange(waited, true)) on_wait();
    if (give_up() || !waiter.wait(kPoll, stop)) return FileLock(-1);
  }
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);  // which unlocks
}

}  // namespace clairscore::hub
