#pragma once

// What the server tells of its requests: a histogram of durations for each route, a line in the log
// for each answer, and how many new applications were scored. Thread-safe.

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "base/log.h"
#include "base/pseudonyms.h"
#include "http/observer.h"
#include "service/score.h"

namespace clairscore::api {

/// Upper bounds of the histogram's buckets, in seconds; one more has none.
inline constexpr std::array<double, 14> kDurationBuckets = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5};

struct RouteCount {
  std::string method;
  std::string route;  // its template; "none" for what is no route
  int status = 0;
  std::array<std::uint64_t, kDurationBuckets.size() + 1> buckets{};  // each for itself
  double seconds = 0;                                                // sum
  std::uint64_t bytes = 0;                                           // sent
};

class Telemetry final : public http::Observer {
 public:
  struct Options {
    bool access_log = true;
    /// What customers are called.
    Pseudonyms names = Pseudonyms();
  };
  Telemetry(std::shared_ptr<Log> log, Options options);

  void answered(const http::Exchange& exchange) override;
  /// Scores of new applications that were answered.
  void scored(std::span<const Score> scores);
  std::uint64_t accepted() const { return accepted_; }
  std::uint64_t refused() const { return refused_; }
  /// Sorted by route, method and status.
  std::vector<RouteCount> counts() const;

 private:
  void log(const http::Exchange& exchange, double seconds) const;

  std::shared_ptr<Log> log_;
  Options options_;
  std::atomic<std::uint64_t> accepted_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
  mutable std::mutex mutex_;  // guards counts_
  std::map<std::tuple<std::string, std::string, int>, RouteCount> counts_;
};

}  // namespace clairscore::api
