#include "cli/download_bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace clairscore {

namespace {

constexpr std::uint64_t kWidth = 30;

}  // namespace

void DownloadBar::show(const hub::FetchState& state) {
  if (!enabled_ || state.bytes_total == 0) return;
  const std::uint64_t done = std::min(state.bytes_done, state.bytes_total);
  const auto filled = static_cast<std::size_t>(done * kWidth / state.bytes_total);
  std::fputs(fmt::format("\r{}  [{}{}]  {}\x1b[K", state.step, std::string(filled, '#'),
                         std::string(kWidth - filled, ' '), hub::progress_text(state))
                 .c_str(),
             stderr);
  std::fflush(stderr);
  drawn_ = true;
}

void DownloadBar::finish() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
  drawn_ = false;
}

}  // namespace clairscore
