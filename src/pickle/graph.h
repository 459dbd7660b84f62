#pragma once

// How a value graph is held: for pickle/ only; everyone else reads it through Value.
//
// A node is 24 bytes. What a container holds is a run of node ids in one shared array; a run that
// must grow and is not the last one moves to the end with doubled capacity, so that appending stays
// linear however the file interleaves its containers.

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "pickle/joblib.h"
#include "pickle/value.h"

namespace clairscore::pickle {

inline constexpr NodeId kNoNode = std::numeric_limits<NodeId>::max();

struct Node {
  /// kString, kBytes, kBigInteger. `rank` orders the strings that serve as dictionary keys.
  struct Text {
    const std::byte* data;
    std::uint32_t size;
    std::uint32_t rank;
  };
  /// kTuple, kList, kSet: ids; kDict: key, value, key, value. `size` and `capacity` count ids.
  struct Items {
    std::uint32_t first;
    std::uint32_t size;
    std::uint32_t capacity;
    std::uint32_t index;  // kDict: where its sorted keys begin, or kNoNode
  };
  struct Name {
    NodeId module;
    NodeId name;
  };
  /// `more` indexes the rarer parts of an object, or is kNoNode.
  struct Object {
    NodeId callable;
    NodeId arguments;
    NodeId state;
    std::uint32_t more;
  };

  std::uint32_t offset;
  Kind kind;
  union {
    std::int64_t integer;  // kInteger, kBool
    double number;         // kFloat
    Text text;
    Items items;
    Name global;
    Object object;
    std::uint32_t raw_array;
  };
};
static_assert(sizeof(Node) == 24);

class Graph {
 public:
  Graph(std::string name, std::shared_ptr<const void> owner)
      : name_(std::move(name)), owner_(std::move(owner)) {}

  // Reading.
  const std::string& name() const { return name_; }
  NodeId root() const { return root_; }
  std::uint32_t node_count() const { return node_count_; }
  const Node& node(NodeId id) const { return (*blocks_[id / kBlock])[id % kBlock]; }
  std::string_view text(NodeId id) const;
  std::span<const NodeId> items(const Node::Items& run) const {
    return {references_.data() + run.first, run.size};
  }
  /// The lists of an object: what was appended, what was set, keyword arguments; or kNoNode.
  struct More {
    NodeId items = kNoNode;
    NodeId entries = kNoNode;
    NodeId keywords = kNoNode;
  };
  More more(const Node::Object& object) const;
  const RawArray& raw_array(const Node& node) const { return *raw_arrays_[node.raw_array]; }
  /// The value of a string key in a dict node, or kNoNode.
  NodeId find(const Node::Items& dict, std::string_view key) const;

  // Building (by the unpickler, before anyone else sees the graph).
  Node& node(NodeId id) { return (*blocks_[id / kBlock])[id % kBlock]; }
  NodeId add(Kind kind, std::uint64_t offset);
  NodeId add_text(Kind kind, std::uint64_t offset, ByteSpan bytes);
  /// Keeps bytes that are not in the source.
  ByteSpan keep(Bytes bytes);
  NodeId add_tuple(std::uint64_t offset, std::span<const NodeId> ids);
  void append(NodeId container, std::span<const NodeId> ids);
  /// The hidden list or dict of an object, made on first use.
  NodeId items_of(NodeId object);
  NodeId entries_of(NodeId object);
  void set_keywords(NodeId object, NodeId keywords);
  void set_raw_array(NodeId object, RawArray array);
  /// Resolves repeated keys and sorts what large dictionaries are searched by.
  void finish(NodeId root);
  /// Bytes of memory held by nodes and references, near enough for a limit.
  std::uint64_t memory() const { return memory_; }
  std::uint64_t kept_bytes() const { return kept_bytes_; }

 private:
  static constexpr std::size_t kBlock = 1024;
  using Block = std::array<Node, kBlock>;

  More& more_of(NodeId object);
  void rank_keys();
  void finish_dict(Node::Items& dict);

  std::string name_;
  std::shared_ptr<const void> owner_;
  NodeId root_ = kNoNode;
  std::uint32_t node_count_ = 0;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<NodeId> references_;
  std::vector<More> more_;
  std::vector<std::unique_ptr<RawArray>> raw_arrays_;
  std::vector<Bytes> kept_;
  std::uint64_t memory_ = 0;
  std::uint64_t kept_bytes_ = 0;
  /// For each indexed dict: the number of its string keys, then the positions of those entries in
  /// the order of their keys.
  std::vector<std::uint32_t> sorted_keys_;
};

}  // namespace clairscore::pickle
