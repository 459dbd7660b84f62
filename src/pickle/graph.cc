#include "pickle/graph.h"

#include <algorithm>
#include <bit>
#include <tuple>
#include <utility>

namespace clairscore::pickle {

namespace {

/// Dictionaries up to this size are searched from the end, larger ones by their sorted keys.
constexpr std::uint32_t kLinearEntries = 12;

constexpr std::uint32_t kUnranked = 0xFFFFFFFFU;
constexpr std::uint32_t kAwaitsRank = 0xFFFFFFFEU;

/// The first eight bytes as a number that orders as they do: most comparisons end there.
std::uint64_t leading_bytes(std::string_view text) {
  std::uint64_t leading = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    leading = leading << 8U | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  }
  return leading;
}

}  // namespace

std::string_view Graph::text(NodeId id) const {
  const Node& text = node(id);
  if (text.kind != Kind::kString && text.kind != Kind::kBytes && text.kind != Kind::kBigInteger) {
    return {};
  }
  return {reinterpret_cast<const char*>(text.text.data), text.text.size};
}

Graph::More Graph::more(const Node::Object& object) const {
  return object.more == kNoNode ? More{} : more_[object.more];
}

NodeId Graph::add(Kind kind, std::uint64_t offset) {
  if (node_count_ % kBlock == 0) {
    blocks_.push_back(std::make_unique<Block>());
    memory_ += sizeof(Block);
  }
  const NodeId id = node_count_++;
  Node& added = node(id);
  added.kind = kind;
  added.offset = static_cast<std::uint32_t>(offset);
  switch (kind) {
    case Kind::kTuple:
    case Kind::kList:
    case Kind::kDict:
    case Kind::kSet:
      added.items = {0, 0, 0, kNoNode};
      break;
    case Kind::kGlobal:
      added.global = {kNoNode, kNoNode};
      break;
    case Kind::kObject:
      added.object = {kNoNode, kNoNode, kNoNode, kNoNode};
      break;
    default:
      added.integer = 0;
      break;
  }
  return id;
}

NodeId Graph::add_text(Kind kind, std::uint64_t offset, ByteSpan bytes) {
  const NodeId id = add(kind, offset);
  node(id).text = {bytes.data(), static_cast<std::uint32_t>(bytes.size()), kUnranked};
  return id;
}

ByteSpan Graph::keep(Bytes bytes) {
  kept_bytes_ += bytes.size();
  kept_.push_back(std::move(bytes));
  return kept_.back();
}

NodeId Graph::add_tuple(std::uint64_t offset, std::span<const NodeId> ids) {
  const NodeId id = add(Kind::kTuple, offset);
  append(id, ids);
  return id;
}

void Graph::append(NodeId container, std::span<const NodeId> ids) {
  Node::Items& run = node(container).items;
  const auto count = static_cast<std::uint32_t>(ids.size());
  if (count == 0) return;
  if (run.size + count > run.capacity) {
    const std::size_t before = references_.capacity();
    if (run.first + run.capacity == references_.size() && run.capacity != 0) {
      run.capacity = run.size + count;
      references_.resize(run.first + run.capacity);
    } else {
      const auto first = static_cast<std::uint32_t>(references_.size());
      // A first run is exact (tuples and most lists are written in one go), a moved one doubles.
      run.capacity = run.size == 0 ? count : std::max(run.size * 2, run.size + count);
      references_.resize(first + run.capacity);
      std::copy_n(references_.begin() + run.first, run.size, references_.begin() + first);
      run.first = first;
    }
    memory_ += (references_.capacity() - before) * sizeof(NodeId);
  }
  std::copy(ids.begin(), ids.end(), references_.begin() + run.first + run.size);
  run.size += count;
}

Graph::More& Graph::more_of(NodeId object) {
  Node::Object& parts = node(object).object;
  if (parts.more == kNoNode) {
    parts.more = static_cast<std::uint32_t>(more_.size());
    more_.emplace_back();
    memory_ += sizeof(More);
  }
  return more_[parts.more];
}

NodeId Graph::items_of(NodeId object) {
  More& more = more_of(object);
  if (more.items == kNoNode) more.items = add(Kind::kList, node(object).offset);
  return more.items;
}

NodeId Graph::entries_of(NodeId object) {
  More& more = more_of(object);
  if (more.entries == kNoNode) more.entries = add(Kind::kDict, node(object).offset);
  return more.entries;
}

void Graph::set_keywords(NodeId object, NodeId keywords) {
  more_of(object).keywords = keywords;
}

void Graph::set_raw_array(NodeId object, RawArray array) {
  Node& replaced = node(object);
  replaced.kind = Kind::kRawArray;
  replaced.raw_array = static_cast<std::uint32_t>(raw_arrays_.size());
  memory_ += sizeof(RawArray) + array.shape.size() * sizeof(std::size_t) +
             field_count(array.dtype) * sizeof(Dtype::Field);
  raw_arrays_.push_back(std::make_unique<RawArray>(std::move(array)));
}

NodeId Graph::find(const Node::Items& dict, std::string_view key) const {
  const std::span<const NodeId> run = items(dict);
  if (dict.index == kNoNode) {
    // From the end, so that the last value of a repeated key wins while the graph is being built.
    for (std::size_t i = run.size(); i >= 2; i -= 2) {
      if (node(run[i - 2]).kind == Kind::kString && text(run[i - 2]) == key) return run[i - 1];
    }
    return kNoNode;
  }
  const auto first = sorted_keys_.begin() + dict.index + 1;
  const auto last = first + sorted_keys_[dict.index];
  const auto found =
      std::lower_bound(first, last, key, [&](std::uint32_t entry, std::string_view wanted) {
        return text(run[std::size_t{entry} * 2]) < wanted;
      });
  if (found == last || text(run[std::size_t{*found} * 2]) != key) return kNoNode;
  return run[std::size_t{*found} * 2 + 1];
}

void Graph::finish(NodeId root) {
  root_ = root;
  rank_keys();
  for (NodeId id = 0; id < node_count_; ++id) {
    if (node(id).kind == Kind::kDict) finish_dict(node(id).items);
  }
}

// Strings are compared with each other only here, each distinct one among the others once; after
// that keys are compared by rank. A file that uses two long, nearly equal strings as keys a million
// times therefore costs no more than its size.
void Graph::rank_keys() {
  std::vector<std::pair<std::uint64_t, NodeId>> keys;
  for (NodeId id = 0; id < node_count_; ++id) {
    if (node(id).kind != Kind::kDict || node(id).items.size < 4) continue;
    const auto run = items(node(id).items);
    for (std::size_t i = 0; i < run.size(); i += 2) {
      Node& key = node(run[i]);
      if (key.kind != Kind::kString || key.text.rank == kAwaitsRank) continue;
      key.text.rank = kAwaitsRank;
      keys.emplace_back(leading_bytes(text(run[i])), run[i]);
    }
  }
  std::sort(keys.begin(), keys.end(), [&](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : text(a.second) < text(b.second);
  });
  std::uint32_t rank = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i != 0 && text(keys[i].second) != text(keys[i - 1].second)) ++rank;
    node(keys[i].second).text.rank = rank;
  }
}

void Graph::finish_dict(Node::Items& dict) {
  const std::uint32_t count = dict.size / 2;
  if (count < 2) return;
  NodeId* const run = references_.data() + dict.first;
  struct Key {
    Kind kind;
    std::uint64_t value;
    std::uint32_t entry;
  };
  std::vector<Key> keys;
  keys.reserve(count);
  for (std::uint32_t entry = 0; entry < count; ++entry) {
    const Node& key = node(run[std::size_t{entry} * 2]);
    if (key.kind == Kind::kString) {
      keys.push_back({key.kind, key.text.rank, entry});
    } else if (key.kind == Kind::kInteger) {
      keys.push_back({key.kind, static_cast<std::uint64_t>(key.integer), entry});
    } else if (key.kind == Kind::kFloat) {
      keys.push_back({key.kind, std::bit_cast<std::uint64_t>(key.number), entry});
    }
  }
  std::sort(keys.begin(), keys.end(), [](const Key& a, const Key& b) {
    return std::tie(a.kind, a.value, a.entry) < std::tie(b.kind, b.value, b.entry);
  });
  // As in Python, a repeated key stays where it was first set and takes the last value.
  std::vector<bool> dropped(count, false);
  bool any_dropped = false;
  for (std::size_t i = 0, group = 0; i < keys.size(); ++i) {
    if (keys[i].kind != keys[group].kind || keys[i].value != keys[group].value) group = i;
    if (i == group) continue;
    run[std::size_t{keys[group].entry} * 2 + 1] = run[std::size_t{keys[i].entry} * 2 + 1];
    dropped[keys[i].entry] = true;
    any_dropped = true;
  }
  if (any_dropped) {
    std::uint32_t kept = 0;
    std::vector<std::uint32_t> moved(count);
    for (std::uint32_t entry = 0; entry < count; ++entry) {
      moved[entry] = kept;
      if (dropped[entry]) continue;
      run[std::size_t{kept} * 2] = run[std::size_t{entry} * 2];
      run[std::size_t{kept} * 2 + 1] = run[std::size_t{entry} * 2 + 1];
      ++kept;
    }
    std::erase_if(keys, [&](const Key& key) { return dropped[key.entry]; });
    for (Key& key : keys) key.entry = moved[key.entry];
    dict.size = kept * 2;
  }
  if (dict.size / 2 <= kLinearEntries) return;
  dict.index = static_cast<std::uint32_t>(sorted_keys_.size());
  sorted_keys_.push_back(0);
  for (const Key& key : keys) {
    if (key.kind != Kind::kString) continue;
    sorted_keys_.push_back(key.entry);
    ++sorted_keys_[dict.index];
  }
}

}  // namespace clairscore::pickle
