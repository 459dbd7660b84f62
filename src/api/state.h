#pragma once

// What the routes share: the snapshot that is served, or the step that loading is at.
// Thread-safe.

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "service/assets.h"

namespace clairscore::api {

class State {
 public:
  /// The snapshot, or null while there is none. A request calls this once and answers from it.
  AssetsPtr assets() const {
    const std::lock_guard lock(mutex_);
    return assets_;
  }
  /// Replaces the snapshot; requests under way keep the one they took.
  void publish(AssetsPtr assets) {
    const std::lock_guard lock(mutex_);
    assets_.swap(assets);  // the old snapshot, if it ends here, ends after the lock
  }

  std::string step() const {
    const std::lock_guard lock(mutex_);
    return step_;
  }
  void set_step(std::string step) {
    const std::lock_guard lock(mutex_);
    step_ = std::move(step);
  }

 private:
  mutable std::mutex mutex_;  // guards what follows; held for a copy only
  AssetsPtr assets_;
  std::string step_ = "starting";
};

}  // namespace clairscore::api
