#pragma once

// How far a download is, for whoever wants to show it: /readyz, a page, a terminal, the log.
// Workers write it, anyone reads it, from any thread.

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

namespace clairscore::hub {

struct FetchState {
  std::string step;  // "downloading model org/name", "" before the first
  std::size_t files_done = 0;
  std::size_t files_total = 0;
  std::uint64_t bytes_done = 0;  // of files under way, too; what was cached is not counted
  std::uint64_t bytes_total = 0;
  double bytes_per_second = 0;  // over the last seconds
  std::string trouble;          // why something is about to be asked again; "" while all goes well
};

class FetchProgress {
 public:
  /// Called at each step and at most ten times a second between, on a worker's thread, one call at
  /// a time. Must not block for long, nor call back into this object.
  using Observer = std::function<void(const FetchState&)>;
  explicit FetchProgress(Observer observer = {}) : observer_(std::move(observer)) {}
  FetchProgress(const FetchProgress&) = delete;
  FetchProgress& operator=(const FetchProgress&) = delete;

  FetchState state() const;

  /// Forgets what came before: another fetch begins.
  void reset();
  void begin_step(const std::string& step);
  /// Adds files to what has to be downloaded: several snapshots may share one progress.
  void expect(std::size_t files, std::uint64_t bytes);
  /// Bytes that arrived, or (negative) that are thrown away.
  void add_bytes(std::int64_t bytes);
  void finish_file();
  /// The Hub did not give what was asked for, and will be asked again. Holds until a step begins,
  /// bytes arrive or a file is finished.
  void report_trouble(const std::string& trouble);

 private:
  using Time = std::chrono::steady_clock::time_point;
  void observe(bool now);

  mutable std::mutex mutex_;
  FetchState state_;
  Observer observer_;
  Time observed_{};
  Time window_begin_{};
  std::uint64_t window_bytes_ = 0;
};

/// "12.3 MB of 26.0 MB, 45.1 MB/s"; the rate is left out while there is none.
std::string progress_text(const FetchState& state);

}  // namespace clairscore::hub
