#pragma once

// A lock between processes, as the Python client takes it: flock on a file that is never removed.
// It saves downloading twice; correctness does not rest on it, so where a file system knows no
// locks, work goes on without. One object, one thread.

#include <chrono>
#include <filesystem>
#include <functional>
#include <stop_token>

#include "hub/waiter.h"

namespace clairscore::hub {

class FileLock {
 public:
  /// Polls until the lock is ours (true in held()), `give_up` says so, or a stop is asked for.
  /// `on_wait` is called once, before the first wait.
  static FileLock acquire(const std::filesystem::path& path, Waiter& waiter, std::stop_token stop,
                          const std::function<void()>& on_wait,
                          const std::function<bool()>& give_up);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

  bool held() const { return fd_ >= 0; }

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace clairscore::hub
