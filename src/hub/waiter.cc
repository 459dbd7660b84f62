#include "hub/waiter.h"

#include <condition_variable>
#include <mutex>
#include <random>

namespace clairscore::hub {

std::chrono::system_clock::time_point SystemWaiter::now() const {
  return std::chrono::system_clock::now();
}

bool SystemWaiter::wait(std::chrono::milliseconds duration, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

double SystemWaiter::random() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
}

}  // namespace clairscore::hub
