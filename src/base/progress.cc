#include "base/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace clairscore {

namespace {

constexpr std::size_t kBarWidth = 30;
constexpr std::chrono::milliseconds kInterval{100};

}  // namespace

bool stderr_is_terminal() {
  return ::isatty(STDERR_FILENO) == 1;
}

Progress::Progress(std::string label, std::optional<std::size_t> total, bool enabled)
    : label_(std::move(label)), total_(total), enabled_(enabled) {}

Progress::~Progress() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void Progress::advance(std::size_t count) {
  const std::size_t done = done_ += count;
  if (!enabled_) return;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_drawn_ < kInterval) return;
  last_drawn_ = now;
  draw(done);
}

void Progress::draw(std::size_t done) {
  std::string shown = std::to_string(done);
  if (total_) {
    const std::size_t total = std::max<std::size_t>(*total_, 1);
    done = std::min(done, total);
    const std::size_t filled = done * kBarWidth / total;
    shown = fmt::format("[{}{}]  {} %", std::string(filled, '#'),
                        std::string(kBarWidth - filled, ' '), done * 100 / total);
  }
  std::fputs(fmt::format("\r{}  {}\x1b[K", label_, shown).c_str(), stderr);
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace clairscore
