#pragma once

// A fixed number of threads that run jobs in the order they are submitted. The queue is bounded by
// the caller: each connection has at most one request under way. submit() may be called from any
// thread; stop() once, from none of its own.

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
  explicit WorkerPool(std::size_t threads);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

  /// The job must not throw. After stop() it is dropped.
  void submit(std::function<void()> job);
  /// Waits for the jobs under way, drops those not begun, joins the threads.
  void stop();

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace clairscore::http
