#include "pickle/skops.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/excerpt.h"
#include "base/numbers.h"
#include "pickle/graph.h"
#include "pickle/ndarray.h"
#include "pickle/zip.h"

namespace clairscore::pickle {

namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxDepth = 200;
constexpr std::uint64_t kMaxSchemaBytes = std::uint64_t{256} << 20U;
constexpr std::uint64_t kMaxInflatedBytes = std::uint64_t{1} << 30U;
constexpr std::size_t kMaxDimensions = 32;

/// The header of a .npy file is a Python dict: {'descr': …, 'fortran_order': …, 'shape': (…), }.
class NpyHeader {
 public:
  explicit NpyHeader(std::string_view text) : text_(text) {}

  bool read(RawArray& array) {
    if (!take('{')) return false;
    bool has_type = false;
    bool has_shape = false;
    while (!take('}')) {
      std::string key;
      if (!take_text(key) || !take(':')) return false;
      if (key == "descr") {
        has_type = take_type(array.dtype);
        if (!has_type) return false;
      } else if (key == "fortran_order") {
        if (take_word("True")) {
          array.fortran_order = true;
        } else if (!take_word("False")) {
          return false;
        }
      } else if (key == "shape") {
        has_shape = take_shape(array.shape);
        if (!has_shape) return false;
      } else {
        return false;
      }
      take(',');
    }
    return has_type && has_shape;
  }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool take(char expected) {
    skip_spaces();
    if (at_ >= text_.size() || text_[at_] != expected) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    skip_spaces();
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  bool take_text(std::string& out) {
    if (!take('\'')) return false;
    const std::size_t end = text_.find('\'', at_);
    if (end == std::string_view::npos) return false;
    out = std::string(text_.substr(at_, end - at_));
    at_ = end + 1;
    return true;
  }
  bool take_number(std::size_t& out) {
    skip_spaces();
    const char* const begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), out);
    if (error != std::errc()) return false;
    at_ += static_cast<std::size_t>(end - begin);
    return true;
  }

  bool take_shape(std::vector<std::size_t>& shape) {
    if (!take('(')) return false;
    while (!take(')')) {
      std::size_t size = 0;
      if (shape.size() == kMaxDimensions || !take_number(size)) return false;
      shape.push_back(size);
      take(',');
    }
    return true;
  }

  /// '<f8'
  static bool parse_simple(std::string_view text, Dtype& type) {
    if (text.size() < 3) return false;
    type.big_endian = text[0] == '>';
    type.kind = text[1];
    if (std::string_view("biufcSUVMm").find(type.kind) == std::string_view::npos) return false;
    const auto size = parse_integer(text.substr(2));
    if (!size || *size < 1 || *size > 1'000'000) return false;
    type.item_size = static_cast<std::size_t>(*size) * (type.kind == 'U' ? 4 : 1);
    return true;
  }

  /// A simple type, or a list of (name, type).
  bool take_type(Dtype& type) {
    std::string text;
    if (!take('[')) return take_text(text) && parse_simple(text, type);
    type.kind = 'V';
    while (!take(']')) {
      Dtype::Field field;
      if (!take('(') || !take_text(field.name) || !take(',') || !take_text(text) ||
          !parse_simple(text, field.dtype) || !take(')')) {
        return false;
      }
      field.offset = type.item_size;
      type.item_size += field.dtype.item_size;
      if (type.fields.size() == 1000) return false;
      if (!field.name.empty()) type.fields.push_back(std::move(field));  // else it is padding
      take(',');
    }
    return type.item_size > 0;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

class Reader {
 public:
  Reader(Graph& graph, const std::map<std::string, ZipEntry>& entries, const std::string& name,
         const Limits& limits)
      : graph_(graph), entries_(entries), name_(name), limits_(limits) {}

  Result<NodeId> read() {
    ASSIGN_OR_RETURN(const ByteSpan schema, content("schema.json", kMaxSchemaBytes));
    dom::parser parser;
    dom::element root;
    const simdjson::padded_string padded(as_text(schema));
    if (const auto error = parser.parse(padded).get(root)) {
      return refuse(std::string("schema.json is no JSON (") + simdjson::error_message(error) + ")");
    }
    return read_node(root, 0);
  }

 private:
  tl::unexpected<Error> refuse(std::string what, ErrorCode code = ErrorCode::kInput) const {
    return fail(code, "skops: " + std::move(what), name_ + ", schema.json",
                "an archive as skops writes it");
  }

  Result<ByteSpan> content(const std::string& entry_name, std::uint64_t limit) {
    const auto found = entries_.find(entry_name);
    if (found == entries_.end()) return refuse("no entry " + quote_excerpt(entry_name));
    const ZipEntry& entry = found->second;
    if (entry.size > limit) return refuse("a large entry " + entry_name, ErrorCode::kLimit);
    if (!entry.deflated) return entry.data;
    inflated_ += entry.size;
    if (inflated_ > kMaxInflatedBytes ||
        entry.size / limits_.max_ratio > entry.data.size() + 4096) {
      return refuse("entries that expand too much", ErrorCode::kLimit);
    }
    ASSIGN_OR_RETURN(Bytes bytes, inflate(entry, name_ + ", " + entry_name));
    return graph_.keep(std::move(bytes));
  }

  Result<NodeId> add(Kind kind) {
    if (graph_.memory() + kept_ > limits_.max_graph_bytes) {
      return refuse("too many values", ErrorCode::kLimit);
    }
    return graph_.add(kind, 0);
  }

  Result<NodeId> add_text(Kind kind, std::string_view text) {
    // Besides the bytes, what keeping them takes.
    kept_ += text.size() + 64;
    if (graph_.memory() + kept_ > limits_.max_graph_bytes) {
      return refuse("too many values", ErrorCode::kLimit);
    }
    const ByteSpan bytes = as_bytes(text);
    return graph_.add_text(kind, 0, graph_.keep(Bytes(bytes.begin(), bytes.end())));
  }

  Result<NodeId> add_global(std::string_view module, std::string_view name) {
    ASSIGN_OR_RETURN(const NodeId module_id, add_text(Kind::kString, module));
    ASSIGN_OR_RETURN(const NodeId name_id, add_text(Kind::kString, name));
    ASSIGN_OR_RETURN(const NodeId id, add(Kind::kGlobal));
    graph_.node(id).global = {module_id, name_id};
    return id;
  }

  Result<NodeId> add_object(NodeId callable, std::span<const NodeId> arguments, NodeId state) {
    const NodeId tuple = graph_.add_tuple(0, arguments);
    ASSIGN_OR_RETURN(const NodeId id, add(Kind::kObject));
    graph_.node(id).object = {callable, tuple, state, kNoNode};
    return id;
  }

  static std::string_view text_of(dom::element node, std::string_view key) {
    std::string_view text;
    return node[key].get(text) == simdjson::SUCCESS ? text : std::string_view();
  }

  /// A node of the schema, or the value made for the node of the same __id__ before.
  Result<NodeId> read_node(dom::element node, std::size_t depth) {
    if (depth > kMaxDepth) return refuse("values nested too deeply", ErrorCode::kLimit);
    dom::object object;
    if (node.get(object) != simdjson::SUCCESS) return refuse("a value that is no object");
    std::int64_t shared = 0;
    const bool has_id = node["__id__"].get(shared) == simdjson::SUCCESS;
    if (has_id) {
      const auto [known, added] = known_.emplace(shared, kNoNode);
      if (!added && known->second == kNoNode) return refuse("a value that holds itself");
      if (!added) return known->second;
    }
    ASSIGN_OR_RETURN(const NodeId id, make(node, depth));
    if (has_id) known_[shared] = id;
    return id;
  }

  Result<NodeId> make(dom::element node, std::size_t depth) {
    const std::string_view loader = text_of(node, "__loader__");
    if (loader == "JsonNode") return read_json(text_of(node, "content"));
    if (loader == "DictNode" || loader == "DefaultDictNode") return read_dict(node, depth);
    if (loader == "ListNode") return read_items(node, Kind::kList, depth);
    if (loader == "TupleNode") return read_items(node, Kind::kTuple, depth);
    if (loader == "SetNode") return read_items(node, Kind::kSet, depth);
    if (loader == "NdArrayNode") return read_array(node, depth);
    if (loader == "BytesNode" || loader == "BytearrayNode") {
      ASSIGN_OR_RETURN(const ByteSpan bytes,
                       content(std::string(text_of(node, "file")), kMaxInflatedBytes));
      return graph_.add_text(Kind::kBytes, 0, bytes);
    }
    if (loader == "ObjectNode") return read_object(node, depth);
    if (loader == "TreeNode" || loader == "LossNode" || loader == "ReduceNode") {
      return read_reduced(node, depth);
    }
    if (loader == "PartialNode") return read_partial(node, depth);
    if (loader == "SliceNode") return read_slice(node);
    if (loader == "RandomStateNode" || loader == "RandomGeneratorNode" || loader == "DTypeNode") {
      return add(Kind::kNone);  // nothing that prediction asks for
    }
    // Types, functions, methods and whatever else is named: names, never looked up.
    if (loader.empty()) return refuse("a value without a loader");
    return add_global(text_of(node, "__module__"), text_of(node, "__class__"));
  }

  Result<NodeId> read_json(std::string_view text) {
    if (text == "null") return add(Kind::kNone);
    if (text == "true" || text == "false") {
      ASSIGN_OR_RETURN(const NodeId id, add(Kind::kBool));
      graph_.node(id).integer = text == "true" ? 1 : 0;
      return id;
    }
    if (text.starts_with('"')) {
      dom::parser parser;
      std::string_view string;
      const simdjson::padded_string padded(text);
      if (parser.parse(padded).get(string) != simdjson::SUCCESS) {
        return refuse("a string that is no JSON");
      }
      return add_text(Kind::kString, string);
    }
    if (const auto integer = parse_integer(text)) {
      ASSIGN_OR_RETURN(const NodeId id, add(Kind::kInteger));
      graph_.node(id).integer = *integer;
      return id;
    }
    std::optional<double> number = parse_double(text);
    if (text == "NaN") number = std::numeric_limits<double>::quiet_NaN();
    if (text == "Infinity") number = std::numeric_limits<double>::infinity();
    if (text == "-Infinity") number = -std::numeric_limits<double>::infinity();
    if (!number) return refuse("a value that is no JSON: " + quote_excerpt(text));
    ASSIGN_OR_RETURN(const NodeId id, add(Kind::kFloat));
    graph_.node(id).number = *number;
    return id;
  }

  Result<std::vector<NodeId>> children(dom::element node, std::size_t depth) {
    dom::array items;
    if (node["content"].get(items) != simdjson::SUCCESS) return refuse("a list without content");
    std::vector<NodeId> ids;
    for (const dom::element item : items) {
      ASSIGN_OR_RETURN(const NodeId id, read_node(item, depth + 1));
      ids.push_back(id);
    }
    return ids;
  }

  Result<NodeId> read_items(dom::element node, Kind kind, std::size_t depth) {
    ASSIGN_OR_RETURN(const std::vector<NodeId> ids, children(node, depth));
    ASSIGN_OR_RETURN(const NodeId id, add(kind));
    graph_.append(id, ids);
    return id;
  }

  /// Keys are texts in the schema; key_types tells which were numbers.
  Result<NodeId> read_dict(dom::element node, std::size_t depth) {
    dom::element inner;
    if (node["content"].get(inner) != simdjson::SUCCESS) return refuse("a dict without content");
    if (text_of(node, "__loader__") == "DefaultDictNode") {
      // Of the factory nothing is asked.
      dom::element main;
      return read_node(inner["main"].get(main) == simdjson::SUCCESS ? main : inner, depth + 1);
    }
    dom::object members;
    if (inner.get(members) != simdjson::SUCCESS) return refuse("a dict without content");
    dom::array types;
    const bool typed = node["key_types"]["content"].get(types) == simdjson::SUCCESS;
    std::vector<NodeId> ids;
    auto described = typed ? types.begin() : dom::array::iterator();
    for (const auto member : members) {
      std::string_view type;
      if (typed && described != types.end()) {
        type = text_of(*described, "__class__");
        ++described;
      }
      const auto integer = type.empty() || type == "str" ? std::nullopt : parse_integer(member.key);
      NodeId key = kNoNode;
      if (integer) {
        ASSIGN_OR_RETURN(key, add(Kind::kInteger));
        graph_.node(key).integer = *integer;
      } else {
        ASSIGN_OR_RETURN(key, add_text(Kind::kString, member.key));
      }
      ASSIGN_OR_RETURN(const NodeId value, read_node(member.value, depth + 1));
      ids.push_back(key);
      ids.push_back(value);
    }
    ASSIGN_OR_RETURN(const NodeId id, add(Kind::kDict));
    graph_.append(id, ids);
    return id;
  }

  Result<NodeId> read_object(dom::element node, std::size_t depth) {
    ASSIGN_OR_RETURN(const NodeId callable,
                     add_global(text_of(node, "__module__"), text_of(node, "__class__")));
    NodeId state = kNoNode;
    dom::element inner;
    if (node["content"].get(inner) == simdjson::SUCCESS && inner.is_object()) {
      ASSIGN_OR_RETURN(state, read_node(inner, depth + 1));
    }
    return add_object(callable, {}, state);
  }

  /// An object made by __reduce__: its arguments, then its state.
  Result<NodeId> read_reduced(dom::element node, std::size_t depth) {
    ASSIGN_OR_RETURN(const NodeId callable,
                     add_global(text_of(node, "__module__"), text_of(node, "__class__")));
    NodeId state = kNoNode;
    dom::element inner;
    if (node["content"].get(inner) == simdjson::SUCCESS && inner.is_object()) {
      ASSIGN_OR_RETURN(state, read_node(inner, depth + 1));
    }
    std::vector<NodeId> arguments;
    if (node["__reduce__"]["args"].get(inner) == simdjson::SUCCESS) {
      ASSIGN_OR_RETURN(arguments, children(inner, depth + 1));
    }
    return add_object(callable, arguments, state);
  }

  Result<NodeId> read_partial(dom::element node, std::size_t depth) {
    dom::element function;
    if (node["content"]["func"].get(function) != simdjson::SUCCESS) {
      return refuse("a partial without a function");
    }
    ASSIGN_OR_RETURN(const NodeId func, read_node(function, depth + 1));
    ASSIGN_OR_RETURN(const NodeId callable, add_global("functools", "partial"));
    return add_object(callable, std::span(&func, 1), kNoNode);
  }

  Result<NodeId> read_slice(dom::element node) {
    std::vector<NodeId> parts;
    for (const char* key : {"start", "stop", "step"}) {
      std::int64_t integer = 0;
      std::string_view text;
      NodeId id = kNoNode;
      if (node["content"][key].get(integer) == simdjson::SUCCESS) {
        ASSIGN_OR_RETURN(id, add(Kind::kInteger));
        graph_.node(id).integer = integer;
      } else if (node["content"][key].get(text) == simdjson::SUCCESS) {
        ASSIGN_OR_RETURN(id, add_text(Kind::kString, text));
      } else {
        ASSIGN_OR_RETURN(id, add(Kind::kNone));
      }
      parts.push_back(id);
    }
    ASSIGN_OR_RETURN(const NodeId callable, add_global("builtins", "slice"));
    return add_object(callable, parts, kNoNode);
  }

  Result<NodeId> read_array(dom::element node, std::size_t depth) {
    if (text_of(node, "type") == "json") return read_objects(node, depth);
    const std::string file(text_of(node, "file"));
    ASSIGN_OR_RETURN(const ByteSpan bytes, content(file, kMaxInflatedBytes));
    const std::string_view text = as_text(bytes);
    constexpr std::string_view kMagic = "\x93NUMPY";
    const auto refuse_file = [&](const char* what) {
      return refuse(quote_excerpt(file) + " is no .npy file that is read: " + what);
    };
    if (!text.starts_with(kMagic) || text.size() < 12) return refuse_file("no header");
    const auto byte = [&](std::size_t at) { return std::to_integer<std::size_t>(bytes[at]); };
    const bool wide = byte(6) >= 2;
    const std::size_t first = wide ? 12 : 10;
    std::size_t length = byte(8) | byte(9) << 8U;
    if (wide) length |= byte(10) << 16U | byte(11) << 24U;
    if (length > text.size() - first) return refuse_file("a header that runs over the end");
    RawArray array;
    if (!NpyHeader(text.substr(first, length)).read(array)) return refuse_file("its header");
    array.data = bytes.subspan(first + length);
    const auto size = byte_size(array.shape, array.dtype.item_size);
    if (!size || *size != array.data.size()) return refuse_file("its size is not its shape's");
    ASSIGN_OR_RETURN(const NodeId id, add(Kind::kNone));
    graph_.set_raw_array(id, std::move(array));
    return id;
  }

  /// Elements in C order out of lists in lists.
  Result<void> flatten(dom::array items, std::size_t dimensions, std::size_t depth,
                       std::vector<NodeId>& ids) {
    for (const dom::element item : items) {
      dom::array inner;
      if (dimensions > 1 && item["content"].get(inner) == simdjson::SUCCESS) {
        RETURN_IF_ERROR(flatten(inner, dimensions - 1, depth + 1, ids));
        continue;
      }
      ASSIGN_OR_RETURN(const NodeId id, read_node(item, depth + 1));
      ids.push_back(id);
    }
    return {};
  }

  /// An array of objects, as numpy pickles it: _reconstruct(ndarray, (0,), b"b") with the state
  /// (1, shape, dtype("O8"), False, elements).
  Result<NodeId> read_objects(dom::element node, std::size_t depth) {
    dom::element shape;
    dom::array items;
    dom::array dimensions;
    if (node["shape"].get(shape) != simdjson::SUCCESS ||
        shape["content"].get(dimensions) != simdjson::SUCCESS ||
        node["content"].get(items) != simdjson::SUCCESS || dimensions.size() > kMaxDimensions) {
      return refuse("an array of objects without shape or content");
    }
    std::vector<NodeId> ids;
    RETURN_IF_ERROR(flatten(items, dimensions.size(), depth, ids));
    ASSIGN_OR_RETURN(const NodeId shape_id, read_node(shape, depth + 1));
    ASSIGN_OR_RETURN(const NodeId list, add(Kind::kList));
    graph_.append(list, ids);
    ASSIGN_OR_RETURN(const NodeId no, add(Kind::kBool));
    ASSIGN_OR_RETURN(const NodeId yes, add(Kind::kBool));
    graph_.node(no).integer = 0;
    graph_.node(yes).integer = 1;
    ASSIGN_OR_RETURN(const NodeId code, add_text(Kind::kString, "O8"));
    ASSIGN_OR_RETURN(const NodeId dtype_class, add_global("numpy", "dtype"));
    const std::array<NodeId, 3> dtype_arguments = {code, no, yes};
    ASSIGN_OR_RETURN(const NodeId dtype, add_object(dtype_class, dtype_arguments, kNoNode));
    ASSIGN_OR_RETURN(const NodeId version, add(Kind::kInteger));
    graph_.node(version).integer = 1;
    const std::array<NodeId, 5> parts = {version, shape_id, dtype, no, list};
    const NodeId state = graph_.add_tuple(0, parts);
    ASSIGN_OR_RETURN(const NodeId callable, add_global("numpy._core.multiarray", "_reconstruct"));
    ASSIGN_OR_RETURN(const NodeId array_class, add_global("numpy", "ndarray"));
    ASSIGN_OR_RETURN(const NodeId zero, add(Kind::kInteger));
    graph_.node(zero).integer = 0;
    const NodeId empty = graph_.add_tuple(0, std::span(&zero, 1));
    ASSIGN_OR_RETURN(const NodeId letter, add_text(Kind::kBytes, "b"));
    const std::array<NodeId, 3> arguments = {array_class, empty, letter};
    return add_object(callable, arguments, state);
  }

  Graph& graph_;
  const std::map<std::string, ZipEntry>& entries_;
  const std::string& name_;
  const Limits& limits_;
  std::unordered_map<std::int64_t, NodeId> known_;
  std::uint64_t kept_ = 0;
  std::uint64_t inflated_ = 0;
};

}  // namespace

bool is_zip(ByteSpan bytes) {
  return as_text(bytes).starts_with("PK\x03\x04");
}

Result<std::shared_ptr<const Graph>> read_skops(ByteSpan bytes, std::shared_ptr<const void> owner,
                                                const std::string& name, const Limits& limits) {
  ASSIGN_OR_RETURN(const auto entries, read_zip(bytes, name));
  if (entries.find("schema.json") == entries.end()) {
    return fail(ErrorCode::kUnsupported, "a zip archive without schema.json", name,
                "a pickle, a joblib file or a skops archive");
  }
  auto graph = std::make_shared<Graph>(name, std::move(owner));
  ASSIGN_OR_RETURN(const NodeId root, Reader(*graph, entries, name, limits).read());
  graph->finish(root);
  return graph;
}

}  // namespace clairscore::pickle
