#pragma once

// A progress bar on standard error, on a terminal only.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>

namespace clairscore {

/// True when standard error is a terminal that a bar may be drawn on.
bool stderr_is_terminal();

/// Draws "label  [#####     ]  42 %", or "label  1234" where the total is not known, at most ten
/// times a second and wipes it when destroyed. advance() may be called from any thread. Does
/// nothing when not enabled.
class Progress {
 public:
  Progress(std::string label, std::optional<std::size_t> total,
           bool enabled = stderr_is_terminal());
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void advance(std::size_t count);

 private:
  void draw(std::size_t done);

  std::string label_;
  std::optional<std::size_t> total_;
  bool enabled_;
  std::atomic<std::size_t> done_{0};
  std::mutex mutex_;
  std::chrono::steady_clock::time_point last_drawn_{};
  bool drawn_ = false;
};

}  // namespace clairscore
