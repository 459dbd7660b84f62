#include "pickle/value.h"

#include <cassert>

#include "pickle/graph.h"

namespace clairscore::pickle {

namespace {

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::kNone:
      return "None";
    case Kind::kBool:
      return "a bool";
    case Kind::kInteger:
    case Kind::kBigInteger:
      return "an integer";
    case Kind::kFloat:
      return "a float";
    case Kind::kBytes:
      return "a byte string";
    case Kind::kString:
      return "a string";
    case Kind::kTuple:
      return "a tuple";
    case Kind::kList:
      return "a list";
    case Kind::kDict:
      return "a dict";
    case Kind::kSet:
      return "a set";
    case Kind::kGlobal:
      return "the name";
    case Kind::kObject:
      return "an object";
    case Kind::kRawArray:
      return "an array";
  }
  return "a value";
}

}  // namespace

Kind Value::kind() const {
  return graph_->node(id_).kind;
}

std::uint64_t Value::offset() const {
  return graph_->node(id_).offset;
}

std::string Value::where() const {
  return graph_->name() + ", byte " + std::to_string(offset());
}

std::optional<bool> Value::boolean() const {
  const Node& node = graph_->node(id_);
  if (node.kind != Kind::kBool) return std::nullopt;
  return node.integer != 0;
}

std::optional<std::int64_t> Value::integer() const {
  const Node& node = graph_->node(id_);
  if (node.kind != Kind::kInteger && node.kind != Kind::kBool) return std::nullopt;
  return node.integer;
}

std::optional<double> Value::number() const {
  const Node& node = graph_->node(id_);
  if (node.kind == Kind::kFloat) return node.number;
  const auto whole = integer();
  if (!whole) return std::nullopt;
  return static_cast<double>(*whole);
}

std::optional<std::string_view> Value::string() const {
  if (kind() != Kind::kString) return std::nullopt;
  return graph_->text(id_);
}

std::optional<ByteSpan> Value::bytes() const {
  if (kind() != Kind::kBytes && kind() != Kind::kBigInteger) return std::nullopt;
  return as_bytes(graph_->text(id_));
}

std::size_t Value::size() const {
  const Node& node = graph_->node(id_);
  switch (node.kind) {
    case Kind::kTuple:
    case Kind::kList:
    case Kind::kSet:
      return node.items.size;
    case Kind::kObject: {
      const NodeId items = graph_->more(node.object).items;
      return items == kNoNode ? 0 : graph_->node(items).items.size;
    }
    default:
      return 0;
  }
}

Value Value::at(std::size_t index) const {
  assert(index < size());
  const Node& node = graph_->node(id_);
  const NodeId list = node.kind == Kind::kObject ? graph_->more(node.object).items : id_;
  return {*graph_, graph_->items(graph_->node(list).items)[index]};
}

std::size_t Value::entry_count() const {
  const Node& node = graph_->node(id_);
  if (node.kind == Kind::kDict) return node.items.size / 2;
  if (node.kind != Kind::kObject) return 0;
  const NodeId entries = graph_->more(node.object).entries;
  return entries == kNoNode ? 0 : graph_->node(entries).items.size / 2;
}

std::pair<Value, Value> Value::entry(std::size_t index) const {
  assert(index < entry_count());
  const Node& node = graph_->node(id_);
  const NodeId dict = node.kind == Kind::kObject ? graph_->more(node.object).entries : id_;
  const auto run = graph_->items(graph_->node(dict).items);
  return {Value(*graph_, run[index * 2]), Value(*graph_, run[index * 2 + 1])};
}

std::optional<Value> Value::get(std::string_view key) const {
  const Node& node = graph_->node(id_);
  NodeId dict = id_;
  if (node.kind == Kind::kObject) {
    dict = graph_->more(node.object).entries;
    if (dict == kNoNode) return std::nullopt;
  } else if (node.kind != Kind::kDict) {
    return std::nullopt;
  }
  const NodeId found = graph_->find(graph_->node(dict).items, key);
  if (found == kNoNode) return std::nullopt;
  return Value(*graph_, found);
}

std::string_view Value::module() const {
  const Node& node = graph_->node(id_);
  return node.kind == Kind::kGlobal ? graph_->text(node.global.module) : std::string_view();
}

std::string_view Value::name() const {
  const Node& node = graph_->node(id_);
  return node.kind == Kind::kGlobal ? graph_->text(node.global.name) : std::string_view();
}

std::string Value::qualified_name() const {
  const Value named = kind() == Kind::kObject ? callable() : *this;
  if (named.kind() != Kind::kGlobal) return {};
  const std::string_view last = named.name();
  std::string text(named.module());
  text += last.find('.') == std::string_view::npos ? '.' : ':';
  text += last;
  return text;
}

bool Value::is_global(std::string_view module, std::string_view name) const {
  return kind() == Kind::kGlobal && this->module() == module && this->name() == name;
}

Value Value::callable() const {
  const Node& node = graph_->node(id_);
  return node.kind == Kind::kObject ? Value(*graph_, node.object.callable) : *this;
}

Value Value::arguments() const {
  const Node& node = graph_->node(id_);
  return node.kind == Kind::kObject ? Value(*graph_, node.object.arguments) : *this;
}

std::optional<Value> Value::state() const {
  const Node& node = graph_->node(id_);
  if (node.kind != Kind::kObject || node.object.state == kNoNode) return std::nullopt;
  return Value(*graph_, node.object.state);
}

std::optional<Value> Value::keywords() const {
  const Node& node = graph_->node(id_);
  if (node.kind != Kind::kObject) return std::nullopt;
  const NodeId keywords = graph_->more(node.object).keywords;
  if (keywords == kNoNode) return std::nullopt;
  return Value(*graph_, keywords);
}

std::optional<Value> Value::attribute(std::string_view name) const {
  const auto stored = state();
  if (!stored) return std::nullopt;
  if (stored->kind() != Kind::kTuple) return stored->get(name);
  if (stored->size() != 2) return std::nullopt;
  for (std::size_t i = 0; i < 2; ++i) {
    const Value part = stored->at(i);
    if (part.kind() != Kind::kDict) continue;
    if (auto found = part.get(name)) return found;
  }
  return std::nullopt;
}

const RawArray* Value::raw_array() const {
  const Node& node = graph_->node(id_);
  return node.kind == Kind::kRawArray ? &graph_->raw_array(node) : nullptr;
}

std::string Value::describe() const {
  constexpr std::size_t longest = 200;
  std::string text(kind_name(kind()));
  std::string named = qualified_name();
  if (named.size() > longest) {
    // Not within a character.
    std::size_t end = longest;
    while (end != 0 && (static_cast<unsigned char>(named[end]) & 0xC0U) == 0x80U) --end;
    named.resize(end);
    named += "...";
  }
  if (!named.empty()) text += (kind() == Kind::kObject ? " of " : " ") + named;
  return text;
}

}  // namespace clairscore::pickle
