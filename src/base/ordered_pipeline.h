#pragma once

// A pipeline of three stages that overlap: one thread makes items, several turn each into a result,
// and the caller's thread takes the results in the items' order. A bounded number of items is on
// its way at any time.

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"

namespace clairscore {

template <typename Item, typename Done>
class OrderedPipeline {
 public:
  struct Stages {
    /// The next item; nothing at the end. One thread.
    std::function<Result<std::optional<Item>>()> produce;
    /// `index` counts the items from 0. Any thread; items are begun in their order, so that work on
    /// one may wait for a part of the work on those before it.
    std::function<Done(Item item, std::size_t index)> work;
    /// In order, on the caller's thread.
    std::function<Result<void>(Done done)> consume;
    /// Called when no more items are wanted before their end: makes a waiting produce() return.
    std::function<void()> interrupt;
  };

  /// Returns when everything made was consumed, or the first error in order: of consume(), or of
  /// produce() after what it made before. An exception of a stage is rethrown here.
  static Result<void> run(const Stages& stages, std::size_t workers, std::size_t in_flight) {
    OrderedPipeline pipeline(stages, std::max<std::size_t>(in_flight, 1));
    std::vector<std::jthread> threads;
    const Ender ender{pipeline, threads};
    threads.emplace_back([&] { pipeline.produce(); });
    for (std::size_t i = 0; i < std::max<std::size_t>(workers, 1); ++i) {
      threads.emplace_back([&] { pipeline.work(); });
    }
    return pipeline.consume();
  }

 private:
  /// Ends the threads, however run() is left.
  struct Ender {
    OrderedPipeline& pipeline;
    std::vector<std::jthread>& threads;
    ~Ender() {
      pipeline.stop();
      threads.clear();  // joins
    }
  };

  OrderedPipeline(const Stages& stages, std::size_t in_flight)
      : stages_(stages), in_flight_(in_flight) {}

  void stop() {
    bool ended = false;
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
      ended = ended_;
    }
    changed_.notify_all();
    if (!ended && stages_.interrupt) stages_.interrupt();
  }

  void fail_with(std::exception_ptr failure) {
    {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::move(failure);
      stopped_ = true;
    }
    changed_.notify_all();
  }

  void produce() {
    try {
      while (true) {
        {
          std::unique_lock lock(mutex_);
          changed_.wait(lock, [&] { return stopped_ || produced_ - consumed_ < in_flight_; });
          if (stopped_) break;
        }
        Result<std::optional<Item>> item = stages_.produce();
        const std::lock_guard lock(mutex_);
        if (!item) error_ = std::move(item.error());
        if (!item || !*item) break;
        waiting_.emplace_back(produced_++, std::move(**item));
        changed_.notify_all();
      }
    } catch (...) {
      fail_with(std::current_exception());
    }
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  void work() {
    try {
      while (true) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stopped_ || ended_ || !waiting_.empty(); });
        if (stopped_ || waiting_.empty()) return;
        auto [index, item] = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        Done done = stages_.work(std::move(item), index);
        lock.lock();
        done_.emplace(index, std::move(done));
        changed_.notify_all();
      }
    } catch (...) {
      fail_with(std::current_exception());
    }
  }

  Result<void> consume() {
    while (true) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] {
        return failure_ || done_.contains(consumed_) || (ended_ && consumed_ == produced_);
      });
      if (failure_) std::rethrow_exception(failure_);
      const auto next = done_.find(consumed_);
      if (next == done_.end()) {
        if (error_) return fail(std::move(*error_));
        return {};
      }
      Done done = std::move(next->second);
      done_.erase(next);
      lock.unlock();
      RETURN_IF_ERROR(stages_.consume(std::move(done)));
      lock.lock();
      ++consumed_;
      changed_.notify_all();
    }
  }

  const Stages& stages_;
  const std::size_t in_flight_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<std::size_t, Item>> waiting_;
  std::map<std::size_t, Done> done_;
  std::size_t produced_ = 0;
  std::size_t consumed_ = 0;
  bool ended_ = false;    // no more items
  bool stopped_ = false;  // nobody wants more
  std::optional<Error> error_;
  std::exception_ptr failure_;
};

}  // namespace clairscore
