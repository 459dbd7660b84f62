#pragma once

// Seconds spent in each step of a batch command, for --stats.

#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>

#include "base/error.h"

namespace clairscore {

enum class BatchStep { kLoadModel, kRead, kPrepare, kScore, kExplain, kWrite };

/// Shares the time that passes among the steps at work: where several are, on threads of their own,
/// each has its part of the moment, so that the steps add up to no more than the time passed.
/// Thread-safe.
class StepClock {
 public:
  void begin(BatchStep step) { change(step, 1); }
  void end(BatchStep step) { change(step, -1); }
  double seconds(BatchStep step) const;

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kSteps = 6;
  void change(BatchStep step, int by);

  mutable std::mutex mutex_;
  std::array<int, kSteps> working_{};  // threads in each step
  std::array<double, kSteps> seconds_{};
  int all_working_ = 0;
  Clock::time_point changed_ = Clock::now();
};

/// A step is at work from its construction to its destruction.
class StepTimer {
 public:
  StepTimer(StepClock& clock, BatchStep step) : clock_(clock), step_(step) { clock_.begin(step_); }
  StepTimer(const StepTimer&) = delete;
  StepTimer& operator=(const StepTimer&) = delete;
  ~StepTimer() { clock_.end(step_); }

 private:
  StepClock& clock_;
  BatchStep step_;
};

struct BatchStats {
  std::size_t rows = 0;
  std::size_t threads = 0;
  StepClock clock;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
};

/// Writes the JSON of interface --stats, with the total and this process's peak resident memory.
/// Does nothing for an empty path.
Result<void> write_stats(const BatchStats& stats, const std::string& path);

}  // namespace clairscore
