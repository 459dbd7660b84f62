#pragma once

// The contributions that are served: live ones, or those of the shipped SHAP file where the parity
// rule says so (service/parity.h).
//
// Construction compares a sample; start_background() then compares every row on a thread that this
// object owns and stops when it is destroyed. explain() and report() may be called from any thread
// at any time.

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>

#include "base/error.h"
#include "service/assets.h"
#include "service/parity.h"

namespace clairscore {

/// Contributions of a file, row by row. Implementations are safe from any number of threads.
class ShippedContributions {
 public:
  virtual ~ShippedContributions() = default;
  virtual std::size_t rows() const = 0;
  virtual std::size_t features() const = 0;
  /// Copies one row's contributions (features() of them) and returns its base value.
  virtual double read(std::size_t row, std::span<double> values) const = 0;
  /// Gives memory back after a pass over the rows.
  virtual void release() const {}
};

class ExplanationSource {
 public:
  struct Parts {
    /// The file, or null with the reason: kNoFile (no problem text) or kUnreadable.
    std::shared_ptr<const ShippedContributions> file;
    ParityStatus without_file = ParityStatus::kNoFile;
    std::string problem;

    ExplanationSetting setting = ExplanationSetting::kAuto;
    std::size_t rows = 0;
    std::size_t features = 0;
    std::size_t threads = 1;  // for the sample
    /// Called from any thread.
    std::function<Result<Explanation>(std::size_t row)> live;
    std::function<Score(std::size_t row)> score;
    /// How a message names the customer of a row.
    std::function<std::string(std::size_t row)> customer;
    /// How a warning in the log does.
    std::function<std::string(std::size_t row)> customer_in_log;
    std::function<void(const std::string&)> on_warning;
  };

  struct Report {
    ParityStatus status = ParityStatus::kNoFile;
    bool checking = false;  // not every row has been compared yet
    bool file_served = false;
    std::size_t rows_checked = 0;
    double max_difference = 0;
    bool adds_up_to_raw = true;  // else to the probability; with kEqual and kDifferent
    std::string warning;         // empty when there is nothing to say
  };

  /// Compares the sample. Errors: a live explanation that fails; with ExplanationSetting::kFile, a
  /// file that is missing or does not add up (kInput).
  static Result<std::unique_ptr<ExplanationSource>> create(Parts parts);

  ExplanationSource(const ExplanationSource&) = delete;
  ExplanationSource& operator=(const ExplanationSource&) = delete;
  ~ExplanationSource() = default;

  Result<Explanation> explain(std::size_t row) const;
  Report report() const;
  /// As in the report, and quicker.
  bool serves_file() const { return file_served_; }

  /// Compares every row; at most once. No-op when there is nothing to compare.
  void start_background();
  /// Blocks until the background comparison is over (tests).
  void wait();

 private:
  explicit ExplanationSource(Parts parts) : parts_(std::move(parts)) {}
  Result<void> compare_sample(Parity& parity) const;
  void compare(Parity& parity, std::size_t row, const Explanation& live) const;
  void settle(const Parity& parity, bool checking);
  void run(const std::stop_token& stop);

  Parts parts_;
  std::atomic<bool> file_served_{false};
  mutable std::mutex mutex_;  // guards report_
  Report report_;
  std::jthread background_;  // last member: joined before the others go
};

}  // namespace clairscore
