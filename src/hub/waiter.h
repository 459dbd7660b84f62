#pragma once

// Time as the Hub room sees it, injectable: what the time is, waiting that a stop ends, and the
// randomness of a backoff. Implementations are thread-safe.

#include <chrono>
#include <stop_token>

namespace clairscore::hub {

class Waiter {
 public:
  virtual ~Waiter() = default;
  virtual std::chrono::system_clock::time_point now() const = 0;
  /// Returns after the duration (true), or as soon as a stop is asked for (false).
  virtual bool wait(std::chrono::milliseconds duration, std::stop_token stop) = 0;
  /// In [0, 1).
  virtual double random() = 0;
};

class SystemWaiter final : public Waiter {
 public:
  std::chrono::system_clock::time_point now() const override;
  bool wait(std::chrono::milliseconds duration, std::stop_token stop) override;
  double random() override;
};

}  // namespace clairscore::hub
