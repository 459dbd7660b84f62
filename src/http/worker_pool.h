#pragma once

// A fixed number of threads that run jobs in the order they are submitted. submit() may be called
// from any thread; stop() once, from none of its own.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace clairscore::http {

class WorkerPool {
 public:
  /// `most`: jobs that may wait.
  WorkerPool(std::size_t threads, std::size_t most);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

  /// The job must not throw. False when too many wait already; after stop() it is dropped.
  bool submit(std::function<void()> job);
  /// However many wait.
  void submit_always(std::function<void()> job);
  /// Jobs that wait.
  std::size_t pending() const;
  /// Waits for the jobs under way, drops those not begun, joins the threads.
  void stop();

 private:
  void work();

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace clairscore::http
