#include "base/line_writer.h"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <utility>

namespace clairscore {

namespace {

using namespace std::chrono_literals;

// Long enough for a busy server to write hundreds of lines at once.
constexpr auto kGather = 20ms;
constexpr auto kLook = 100ms;
constexpr auto kPatience = 1s;
// What a pipe takes without blocking once poll(2) says that it is writable.
constexpr std::size_t kPipeBlock = PIPE_BUF;

bool is_regular(int fd) {
  struct stat info{};
  return ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

}  // namespace

LineWriter::LineWriter(int fd, std::size_t most_bytes)
    : fd_(fd), most_bytes_(most_bytes), is_file_(is_regular(fd)) {
  // Signals are others' business, and a reader that has gone is an error like others.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

LineWriter::~LineWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool LineWriter::write(std::string_view line, bool urgent) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (line.size() > most_bytes_ - std::min(most_bytes_, waiting_.size())) return false;
    wake = waiting_.empty() || (urgent && !urgent_);
    waiting_ += line;
    urgent_ = urgent_ || urgent;
  }
  if (wake) wake_.notify_one();
  return true;
}

void LineWriter::run() {
  std::unique_lock lock(mutex_);
  std::string text;
  while (true) {
    wake_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    wake_.wait_for(lock, kGather, [&] { return stopping_ || urgent_; });
    text.clear();
    text.swap(waiting_);
    urgent_ = false;
    lock.unlock();
    const bool written = put(text);
    lock.lock();
    if (!written) return;
  }
}

bool LineWriter::put(std::string_view text) {
  auto deadline = std::chrono::steady_clock::time_point::max();
  while (!text.empty()) {
    if (!is_file_) {
      pollfd ready{fd_, POLLOUT, 0};
      if (::poll(&ready, 1, static_cast<int>(kLook / 1ms)) == 0) {
        const auto now = std::chrono::steady_clock::now();
        if (deadline == std::chrono::steady_clock::time_point::max() && gave_up()) {
          deadline = now + kPatience;
        }
        if (now >= deadline) return false;
        continue;
      }
    }
    const std::size_t size = is_file_ ? text.size() : std::min(text.size(), kPipeBlock);
    const ssize_t n = ::write(fd_, text.data(), size);
    if (n < 0 && errno != EINTR && errno != EAGAIN) return true;
    if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool LineWriter::gave_up() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

}  // namespace clairscore
