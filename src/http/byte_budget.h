#pragma once

// A number of bytes that many share: taken before they are used, given back after. Thread-safe.

#include <atomic>
#include <cstddef>

namespace clairscore::http {

class ByteBudget {
 public:
  explicit ByteBudget(std::size_t most) : most_(most) {}

  /// False, and nothing is taken, when fewer are left.
  bool take(std::size_t bytes) {
    std::size_t used = used_.load(std::memory_order_relaxed);
    do {
      if (bytes > most_ - used) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
    return true;
  }
  /// Bytes that were taken.
  void give_back(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

  std::size_t used() const { return used_.load(std::memory_order_relaxed); }
  std::size_t most() const { return most_; }

 private:
  const std::size_t most_;
  std::atomic<std::size_t> used_{0};
};

}  // namespace clairscore::http
