#pragma once

// What Linux says of this process (proc(5)): for metrics and statistics.

#include <cstdint>

namespace clairscore {

struct ProcessFigures {
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t threads = 0;
  std::uint64_t open_files = 0;
  std::uint64_t most_files = 0;
  double cpu_seconds = 0;    // user and system
  double start_seconds = 0;  // since the epoch
};

/// What cannot be read stays zero.
ProcessFigures read_process_figures();

}  // namespace clairscore
