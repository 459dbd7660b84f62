#include "hub/progress.h"

#include <fmt/format.h>

#include <algorithm>

namespace clairscore::hub {

namespace {

constexpr std::chrono::milliseconds kBetween{100};
constexpr std::chrono::seconds kWindow{2};

}  // namespace

FetchState FetchProgress::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void FetchProgress::reset() {
  const std::lock_guard lock(mutex_);
  state_ = {};
  window_begin_ = {};
  window_bytes_ = 0;
}

void FetchProgress::begin_step(const std::string& step) {
  const std::lock_guard lock(mutex_);
  state_.step = step;
  state_.trouble.clear();
  observe(true);
}

void FetchProgress::expect(std::size_t files, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  state_.files_total += files;
  state_.bytes_total += bytes;
  observe(true);
}

void FetchProgress::add_bytes(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (bytes < 0) {
    state_.bytes_done -= std::min(state_.bytes_done, static_cast<std::uint64_t>(-bytes));
    return observe(false);
  }
  state_.trouble.clear();
  const auto now = std::chrono::steady_clock::now();
  state_.bytes_done += static_cast<std::uint64_t>(bytes);
  if (window_begin_ == Time{}) window_begin_ = now;
  window_bytes_ += static_cast<std::uint64_t>(bytes);
  const double seconds = std::chrono::duration<double>(now - window_begin_).count();
  if (seconds > 0.05) state_.bytes_per_second = static_cast<double>(window_bytes_) / seconds;
  if (now - window_begin_ > kWindow) {
    // Half of the window goes on counting, so that the rate neither jumps nor remembers for long.
    window_begin_ = now - kWindow / 2;
    window_bytes_ = static_cast<std::uint64_t>(state_.bytes_per_second *
                                               std::chrono::duration<double>(kWindow / 2).count());
  }
  observe(false);
}

void FetchProgress::finish_file() {
  const std::lock_guard lock(mutex_);
  ++state_.files_done;
  state_.trouble.clear();
  observe(state_.files_done == state_.files_total);
}

void FetchProgress::report_trouble(const std::string& trouble) {
  const std::lock_guard lock(mutex_);
  state_.trouble = trouble;
  observe(true);
}

void FetchProgress::observe(bool now) {
  if (!observer_) return;
  const auto time = std::chrono::steady_clock::now();
  if (!now && time - observed_ < kBetween) return;
  observed_ = time;
  observer_(state_);
}

std::string progress_text(const FetchState& state) {
  const auto megabytes = [](auto bytes) { return static_cast<double>(bytes) / 1e6; };
  std::string text = fmt::format("{:.1f} MB of {:.1f} MB", megabytes(state.bytes_done),
                                 megabytes(state.bytes_total));
  if (state.bytes_per_second > 0) {
    text += fmt::format(", {:.1f} MB/s", megabytes(state.bytes_per_second));
  }
  return text;
}

}  // namespace clairscore::hub
