#include "pickle/unpickle.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "pickle/graph.h"
#include "pickle/machine.h"

namespace clairscore::pickle {

Result<std::shared_ptr<const Graph>> unpickle(ByteSpan bytes, std::shared_ptr<const void> owner,
                                              const std::string& name, const Limits& limits) {
  const std::uint64_t max_bytes =
      std::min<std::uint64_t>(limits.max_bytes, std::numeric_limits<std::uint32_t>::max());
  if (bytes.size() > max_bytes) {
    return fail(ErrorCode::kLimit, fmt::format("a pickle of {} bytes", bytes.size()), name,
                fmt::format("up to {} bytes", max_bytes));
  }
  auto graph = std::make_shared<Graph>(name, std::move(owner));
  Machine machine(*graph, bytes, 0, limits, Machine::Place::kOutermost, 0);
  ASSIGN_OR_RETURN(const NodeId root, machine.run());
  if (machine.position() != bytes.size()) {
    return fail(
        ErrorCode::kInput,
        fmt::format("{} bytes after the end of the pickle", bytes.size() - machine.position()),
        fmt::format("{}, byte {}", name, machine.position()), "one pickle and nothing else");
  }
  graph->finish(root);
  return graph;
}

Value root(const Graph& graph) {
  return {graph, graph.root()};
}

}  // namespace clairscore::pickle
