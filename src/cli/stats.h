#pragma once

// Seconds spent in each step of a batch command, for --stats.

#include <chrono>
#include <cstddef>
#include <string>

#include "base/error.h"

namespace clairscore {

struct BatchStats {
  std::size_t rows = 0;
  std::size_t threads = 0;
  double load_model_s = 0;
  double read_s = 0;
  double prepare_s = 0;
  double score_s = 0;
  double explain_s = 0;
  double write_s = 0;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
};

/// Adds the time from its construction to its destruction to a step.
class StepTimer {
 public:
  explicit StepTimer(double& seconds)
      : seconds_(seconds), started_(std::chrono::steady_clock::now()) {}
  StepTimer(const StepTimer&) = delete;
  StepTimer& operator=(const StepTimer&) = delete;
  ~StepTimer() {
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  }

 private:
  double& seconds_;
  std::chrono::steady_clock::time_point started_;
};

/// Writes the JSON of interface --stats, with the total and this process's peak resident memory.
/// Does nothing for an empty path.
Result<void> write_stats(const BatchStats& stats, const std::string& path);

}  // namespace clairscore
