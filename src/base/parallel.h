#pragma once

// Work over rows on several threads. The split never changes a result: callers write each row's
// answer to that row's place.

#include <cstddef>
#include <functional>

namespace clairscore {

/// Processor threads this process may use (its CPU affinity), at least 1.
std::size_t available_threads();

/// Calls body(begin, end) over [0, count) in blocks of at most block rows, on up to `threads`
/// threads including the caller's; returns when all are done. Threads take the next block as they
/// become free. An exception from body stops the remaining blocks and is rethrown here.
void parallel_blocks(std::size_t count, std::size_t block, std::size_t threads,
                     const std::function<void(std::size_t begin, std::size_t end)>& body);

}  // namespace clairscore
