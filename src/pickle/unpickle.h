#pragma once

// Pickle bytes (protocols 0 to 5) -> Graph. See value.h for what a graph is.
//
// Refused, with the opcode and its offset: persistent ids, extension codes, INST and OBJ, out of
// band buffers, an opcode that straddles the end of its frame, bytes after STOP, an unknown opcode,
// a stack or memo that is misused. Time and memory are linear in the size of the bytes.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "pickle/value.h"

namespace clairscore::pickle {

struct Limits {
  /// Of pickle, decompressed. This and the next are never more than 4 GiB, whatever is asked for.
  std::uint64_t max_bytes = std::uint64_t{2} << 30U;
  /// Of memory for nodes, references, stack and memo; array and string bytes are not copied and do
  /// not count. A credit model takes well under 1 MB; 128 MiB hold about three million values.
  std::uint64_t max_graph_bytes = std::uint64_t{128} << 20U;
  std::uint32_t max_marks = 10'000;  // open at once: how deep containers nest
  /// Decompressed over compressed bytes, looked at beyond the first 64 MiB.
  std::uint64_t max_ratio = 100;
};

/// Reads a plain pickle, a joblib container of any compressor that is supported (see joblib.h), or
/// a skops archive (skops.h). `name` stands for the file in error messages ("model.pkl"). The graph
/// keeps `bytes` alive through `owner`.
Result<std::shared_ptr<const Graph>> unpickle(ByteSpan bytes, std::shared_ptr<const void> owner,
                                              const std::string& name, const Limits& limits = {});

/// unpickle(), for who wants to know what a file that is refused names all the same.
struct ReadSoFar {
  /// What was read before the error; it has no root then. Null when the bytes were no pickle's.
  std::shared_ptr<const Graph> graph;
  std::optional<Error> error;
  /// Whether the file is a pickle or an archive, be it a refused one: it says so, or values were
  /// read, or it is opcodes from its first byte to its last.
  bool recognized = true;
  /// Of the decompressed bytes, where the opcode begins that ended the reading. Nothing of a pickle
  /// that was read.
  std::optional<std::uint64_t> stopped_at = std::nullopt;
};
ReadSoFar unpickle_so_far(ByteSpan bytes, std::shared_ptr<const void> owner,
                          const std::string& name, const Limits& limits = {});

/// The value STOP returned.
Value root(const Graph& graph);

/// Every value of the file, used or not, in the order of the opcodes that made them: their ids are
/// 0 to value_count() - 1.
std::size_t value_count(const Graph& graph);

}  // namespace clairscore::pickle
