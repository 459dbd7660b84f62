#pragma once

// What the pickle targets do with a graph: everything a reader could ask, each node once.

#include <cstdlib>

#include "pickle/graph.h"
#include "pickle/ndarray.h"
#include "pickle/unpickle.h"
#include "pickle/value.h"

namespace clairscore::pickle {

/// Ends the process, so that the fuzzer keeps the input.
inline void must(bool holds) {
  if (!holds) std::abort();
}

inline void read_array(const Value& value) {
  const auto array = read_ndarray(value);
  if (!array) {
    must(!array.error().what.empty() && !array.error().where.empty());
    return;
  }
  const auto bytes = byte_size(array->shape, array->dtype.item_size);
  if (array->dtype.kind == 'O') {
    must(array->objects.size() == array->size());
  } else {
    must(bytes == array->data.size());
    must(array->dtype.item_size >= 1);
  }
  for (const Dtype::Field& field : array->dtype.fields) {
    must(field.offset + field.dtype.item_size <= array->dtype.item_size);
  }
  if (array->size() > 4096) return;
  const auto numbers = to_doubles(value);
  const auto labels = to_labels(value);
  must(!numbers || numbers->size() == array->size());
  must(!labels || labels->size() == array->size());
  if (labels) {
    for (const Label& label : *labels) to_text(label);
  }
}

inline void read_graph(const Graph& graph) {
  must(root(graph).id() < graph.node_count());
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Value value(graph, id);
    must(!value.describe().empty() && value.describe().size() < 300);
    must(value.where().size() > graph.name().size());
    if (const std::size_t size = value.size(); size != 0) {
      must(value.at(0).id() < graph.node_count() && value.at(size - 1).id() < graph.node_count());
    }
    if (const std::size_t count = value.entry_count(); count != 0) {
      const auto [key, content] = value.entry(count - 1);
      must(content.id() < graph.node_count());
      // The last entry cannot be hidden by another of the same key.
      if (const auto text = key.string()) must(value.get(*text).value().id() == content.id());
    }
    value.attribute("dtype");
    if (value.kind() == Kind::kObject) {
      must(value.callable().id() < graph.node_count());
      must(value.arguments().kind() == Kind::kTuple);
    }
    if (is_ndarray(value)) read_array(value);
    const auto number = to_double(value);
    const auto whole = to_integer(value);
    must(number || whole || !number.error().where.empty());
  }
}

/// Small enough that an input over them is found quickly.
inline Limits fuzz_limits() {
  Limits limits;
  limits.max_bytes = std::uint64_t{32} << 20U;
  limits.max_graph_bytes = std::uint64_t{32} << 20U;
  return limits;
}

}  // namespace clairscore::pickle
