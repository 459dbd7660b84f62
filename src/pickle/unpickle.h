#pragma once

// Pickle bytes (protocols 0 to 5) -> Graph. See value.h for what a graph is.
//
// Refused, with the opcode and its offset: persistent ids, extension codes, INST and OBJ, out of
// band buffers, an opcode that straddles the end of its frame, bytes after STOP (unless the caller
// says a nested pickle may be followed), an unknown opcode, a stack or memo that is misused.

#include <memory>

#include "base/bytes.h"
#include "base/error.h"
#include "pickle/value.h"

namespace clairscore::pickle {

struct Limits {
  std::uint64_t max_bytes = std::uint64_t{2} << 30U;  // of decompressed pickle
  std::uint32_t max_nodes = 100'000'000;
  std::uint32_t max_depth = 10'000;  // of the MARK stack
  std::uint32_t max_memo = 100'000'000;
  std::uint64_t max_ratio = 1'100;  // decompressed over compressed bytes (zlib's own bound is 1032)
};

/// Reads a plain pickle, or a joblib container of any compressor that is supported (see joblib.h).
/// `name` stands for the file in error messages ("model.pkl"). The graph keeps `bytes` alive
/// through `owner`.
Result<std::shared_ptr<const Graph>> unpickle(ByteSpan bytes, std::shared_ptr<const void> owner,
                                              const std::string& name, const Limits& limits = {});

/// The value STOP returned.
Value root(const Graph& graph);

}  // namespace clairscore::pickle
