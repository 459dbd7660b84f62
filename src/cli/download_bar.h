#pragma once

// A download's progress on standard error, on a terminal only.

#include "hub/progress.h"

namespace clairscore {

/// Draws "downloading model org/name  [#####     ]  12.3 MB of 26.0 MB, 45.1 MB/s" as the states
/// come. Does nothing when not enabled. finish() wipes it.
class DownloadBar {
 public:
  explicit DownloadBar(bool enabled) : enabled_(enabled) {}
  DownloadBar(const DownloadBar&) = delete;
  DownloadBar& operator=(const DownloadBar&) = delete;
  ~DownloadBar() { finish(); }

  void show(const hub::FetchState& state);
  void finish();

 private:
  bool enabled_;
  bool drawn_ = false;
};

}  // namespace clairscore
