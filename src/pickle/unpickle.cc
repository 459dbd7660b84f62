#include "pickle/unpickle.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/excerpt.h"
#include "pickle/decompress.h"
#include "pickle/graph.h"
#include "pickle/machine.h"
#include "pickle/opcodes.h"
#include "pickle/skops.h"

namespace clairscore::pickle {

namespace {

// Files that begin like no pickle, but that people do pass.
Result<void> refuse_other_formats(ByteSpan bytes, const std::string& name) {
  const std::string_view text = as_text(bytes.first(std::min<std::size_t>(bytes.size(), 64)));
  const std::string accepted = "a pickle or a joblib file";
  if (text.empty()) return fail(ErrorCode::kInput, "an empty file", name, accepted);
  if (text.starts_with("version https://git-lfs")) {
    return fail(ErrorCode::kInput, "a Git LFS pointer and not the file it points to", name,
                "the file itself, as `git lfs pull` or the Hub's download gives it");
  }
  if (text.starts_with("\x89PNG")) {
    return fail(ErrorCode::kInput, "a PNG picture and not a pickle", name, accepted);
  }
  if (text.starts_with("<")) {
    return fail(ErrorCode::kInput, "a page of HTML or XML and not a pickle", name, accepted);
  }
  if (text.starts_with("ZF")) {
    return fail(ErrorCode::kUnsupported, "a compressed file of joblib before 0.10 (ZF)", name,
                "the object dumped again by joblib 0.10 or later");
  }
  return {};
}

/// Whether the bytes begin as text does, without control characters but line ends and tabs.
bool is_text(ByteSpan bytes) {
  constexpr std::size_t kLooked = 4096;
  const std::string_view begin = as_text(bytes.first(std::min(bytes.size(), kLooked)));
  return std::all_of(begin.begin(), begin.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7F) || c == '\n' || c == '\r' || c == '\t';
  });
}

/// A pickle of protocol 2 and later says so.
bool declares_protocol(ByteSpan bytes) {
  constexpr std::byte kProtocolOpcode{0x80};
  return !bytes.empty() && bytes.front() == kProtocolOpcode;
}

/// What neither says that it is a pickle nor has the form of one is most likely none. Protocol 0 is
/// text too, but makes a value before anything is wrong with it; a text that begins with c is the
/// name of a class for two lines.
Error failure_of(Error error, ByteSpan bytes, std::size_t values) {
  const bool made_nothing = values == 0 || (values == 3 && as_text(bytes).starts_with('c'));
  if (error.code != ErrorCode::kInput) return error;
  if (made_nothing && is_text(bytes)) {
    const std::string_view text = as_text(bytes);
    error.what = "a text file and not a pickle, beginning " +
                 quote_excerpt(text.substr(0, text.find_first_of("\r\n"))) + ": " + error.what;
    error.accepted.clear();
  } else {
    error.what = "not a pickle, or a damaged one: " + error.what;
  }
  if (error.accepted.empty()) error.accepted = "a pickle of protocol 0 to 5 or a joblib file";
  return error;
}

}  // namespace

Result<std::shared_ptr<const Graph>> unpickle(ByteSpan bytes, std::shared_ptr<const void> owner,
                                              const std::string& name, const Limits& limits) {
  ReadSoFar read = unpickle_so_far(bytes, std::move(owner), name, limits);
  if (read.error) return fail(std::move(*read.error));
  return std::move(read.graph);
}

ReadSoFar unpickle_so_far(ByteSpan bytes, std::shared_ptr<const void> owner,
                          const std::string& name, const Limits& limits) {
  if (auto other = refuse_other_formats(bytes, name); !other) {
    return {nullptr, other.error(), false};
  }
  // Offsets and places in the graph are 32-bit numbers.
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  Limits used = limits;
  used.max_bytes = std::min(limits.max_bytes, most);
  used.max_graph_bytes = std::min(limits.max_graph_bytes, most);
  if (is_zip(bytes)) {
    auto archive = read_skops(bytes, std::move(owner), name, used);
    if (!archive) return {nullptr, std::move(archive.error())};
    return {std::move(*archive), std::nullopt};
  }
  if (const auto compression = detect_compression(bytes)) {
    auto content = decompress(bytes, *compression, name, used);
    if (!content) return {nullptr, std::move(content.error())};
    bytes = content->bytes;
    owner = std::move(content->owner);
  }
  if (bytes.size() > used.max_bytes) {
    return {nullptr, Error{ErrorCode::kLimit, fmt::format("a pickle of {} bytes", bytes.size()),
                           name, fmt::format("up to {} bytes", used.max_bytes)}};
  }
  auto graph = std::make_shared<Graph>(name, std::move(owner));
  Machine machine(*graph, bytes, 0, used, Machine::Place::kOutermost, 0);
  const Result<NodeId> root = machine.run();
  if (!root) {
    const bool in_form = declares_protocol(bytes) || is_opcodes_to_stop(bytes);
    Error failure = in_form ? root.error() : failure_of(root.error(), bytes, graph->node_count());
    const bool recognized = in_form || graph->node_count() > 0;
    return {std::move(graph), std::move(failure), recognized, machine.opcode_at()};
  }
  if (machine.position() != bytes.size()) {
    Error after{
        ErrorCode::kInput,
        fmt::format("{} bytes after the end of the pickle", bytes.size() - machine.position()),
        fmt::format("{}, byte {}", name, machine.position()), "one pickle and nothing else"};
    return {std::move(graph), std::move(after), true, machine.position()};
  }
  graph->finish(*root);
  return {std::move(graph), std::nullopt};
}

Value root(const Graph& graph) {
  return {graph, graph.root()};
}

std::size_t value_count(const Graph& graph) {
  return graph.node_count();
}

}  // namespace clairscore::pickle
