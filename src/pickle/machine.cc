#include "pickle/machine.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "base/numbers.h"
#include "pickle/joblib.h"
#include "pickle/opcodes.h"
#include "pickle/text_forms.h"

namespace clairscore::pickle {

namespace {

constexpr int kHighestProtocol = 5;
constexpr std::size_t kMaxName = 4096;  // names are copied into messages and compared

/// What Python calls today what protocols 0 to 2 write under its Python 2 name.
std::pair<std::string_view, std::string_view> modern_name(std::string_view module,
                                                          std::string_view name) {
  if (module == "copy_reg") return {"copyreg", name};
  if (module != "__builtin__") return {module, name};
  if (name == "xrange") return {"builtins", "range"};
  if (name == "unicode") return {"builtins", "str"};
  if (name == "long") return {"builtins", "int"};
  return {"builtins", name};
}

}  // namespace

Machine::Machine(Graph& graph, ByteSpan bytes, std::size_t begin, const Limits& limits, Place place,
                 std::uint64_t outer_memory)
    : graph_(graph),
      bytes_(bytes),
      limits_(limits),
      place_(place),
      outer_memory_(outer_memory),
      begin_(begin),
      position_(begin) {}

std::string Machine::where(std::uint64_t offset) const {
  return fmt::format("{}, byte {}", graph_.name(), offset);
}

tl::unexpected<Error> Machine::refuse(std::string what, std::string accepted) const {
  return fail(ErrorCode::kInput, std::move(what), where(opcode_at_), std::move(accepted));
}

tl::unexpected<Error> Machine::over_limit(std::string what, std::string accepted) const {
  return fail(ErrorCode::kLimit, std::move(what), where(opcode_at_), std::move(accepted));
}

std::uint64_t Machine::memory() const {
  return outer_memory_ + graph_.memory() +
         (stack_.capacity() + marks_.capacity() + memo_.capacity()) * sizeof(NodeId);
}

Result<NodeId> Machine::run() {
  while (true) {
    opcode_at_ = position_;
    within_frame_ = position_ < frame_end_;
    ASSIGN_OR_RETURN(const ByteSpan byte, take(1));
    const auto opcode = std::to_integer<std::uint8_t>(byte[0]);
    if (opcode == op::kStop) break;
    RETURN_IF_ERROR(step(opcode));
    if (memory() > limits_.max_graph_bytes) {
      return over_limit("the pickle holds too many values",
                        fmt::format("up to {} bytes of them", limits_.max_graph_bytes));
    }
    if (graph_.kept_bytes() > 2 * bytes_.size() + 4096) {
      return over_limit("the pickle decodes the same text again and again",
                        "each text decoded once");
    }
  }
  if (position_ < frame_end_) return refuse("STOP before the end of its frame");
  if (!marks_.empty()) return refuse("STOP with an open MARK");
  if (stack_.size() != 1) {
    return refuse(fmt::format("STOP with {} values on the stack", stack_.size()), "exactly one");
  }
  return stack_.back();
}

// ---- Reading

Result<ByteSpan> Machine::take(std::uint64_t count) {
  if (count > bytes_.size() - position_) {
    opcode_at_ = std::min(opcode_at_, bytes_.size());
    return refuse(position_ == bytes_.size() && count == 1 && opcode_at_ == position_
                      ? "the pickle ends without STOP"
                      : "the pickle ends within an opcode",
                  "a complete file");
  }
  if (within_frame_ && count > frame_end_ - position_) {
    return refuse("an opcode that straddles the end of its frame");
  }
  const ByteSpan taken = bytes_.subspan(position_, static_cast<std::size_t>(count));
  position_ += taken.size();
  return taken;
}

Result<std::uint64_t> Machine::take_unsigned(std::size_t bytes) {
  ASSIGN_OR_RETURN(const ByteSpan taken, take(bytes));
  return little_endian_number(taken);
}

Result<ByteSpan> Machine::take_counted(std::size_t count_bytes) {
  ASSIGN_OR_RETURN(const std::uint64_t count, take_unsigned(count_bytes));
  return take(count);
}

Result<std::string_view> Machine::take_line() {
  const std::size_t end = within_frame_ ? frame_end_ : bytes_.size();
  const std::string_view rest = as_text(bytes_.subspan(position_, end - position_));
  const std::size_t length = rest.find('\n');
  if (length == std::string_view::npos) {
    return refuse("a line without an end", "a complete file");
  }
  position_ += length + 1;
  return rest.substr(0, length);
}

Result<void> Machine::begin_frame() {
  ASSIGN_OR_RETURN(const std::uint64_t length, take_unsigned(8));
  if (position_ < frame_end_) return refuse("a frame within a frame");
  if (length > bytes_.size() - position_) {
    return refuse(
        fmt::format("a frame of {} bytes where {} are left", length, bytes_.size() - position_),
        "a complete file");
  }
  frame_end_ = position_ + static_cast<std::size_t>(length);
  return {};
}

// ---- The stack and the memo

Result<NodeId> Machine::pop() {
  ASSIGN_OR_RETURN(const NodeId id, top());
  stack_.pop_back();
  return id;
}

Result<NodeId> Machine::top() const {
  if (stack_.size() <= floor()) return refuse("an opcode that takes a value from an empty stack");
  return stack_.back();
}

Result<std::span<const NodeId>> Machine::over_mark() const {
  if (marks_.empty()) return refuse("an opcode that needs a MARK where there is none");
  return std::span<const NodeId>(stack_).subspan(marks_.back());
}

void Machine::pop_to_mark() {
  stack_.resize(marks_.back());
  marks_.pop_back();
}

Result<void> Machine::remember(std::uint64_t index) {
  ASSIGN_OR_RETURN(const NodeId id, top());
  if (index >= memo_.size()) {
    // Picklers number from 0 (some from 1) without gaps to speak of. There cannot be more values to
    // remember than opcodes, of at least one byte each.
    if (index > position_ - begin_) {
      return refuse(fmt::format("memo index {} is far beyond the {} in use", index, memo_count_));
    }
    if (memory() + (index + 1) * sizeof(NodeId) > limits_.max_graph_bytes) {
      return over_limit("the pickle remembers too many values",
                        fmt::format("up to {} bytes of them", limits_.max_graph_bytes));
    }
    memo_.resize(static_cast<std::size_t>(index) + 1, kNoNode);
  }
  NodeId& slot = memo_[static_cast<std::size_t>(index)];
  if (slot == kNoNode) ++memo_count_;
  slot = id;
  return {};
}

Result<void> Machine::recall(std::uint64_t index) {
  if (index >= memo_.size() || memo_[static_cast<std::size_t>(index)] == kNoNode) {
    return refuse(fmt::format("memo index {} where nothing was put", index));
  }
  push(memo_[static_cast<std::size_t>(index)]);
  return {};
}

Result<std::uint64_t> Machine::take_text_index() {
  ASSIGN_OR_RETURN(const std::string_view line, take_line());
  const auto index = parse_integer(line);
  if (!index || *index < 0) return refuse("a memo index that is not a number");
  return static_cast<std::uint64_t>(*index);
}

// ---- Scalars

void Machine::push_integer(std::int64_t value) {
  const NodeId id = graph_.add(Kind::kInteger, opcode_at_);
  graph_.node(id).integer = value;
  push(id);
}

void Machine::push_binary_integer(ByteSpan little_endian) {
  const auto negative = [&] {
    return !little_endian.empty() && std::to_integer<unsigned>(little_endian.back()) >= 0x80;
  };
  // Bytes that only repeat the sign say nothing; without them, whatever fits has at most eight.
  while (little_endian.size() > 8) {
    const bool before = negative();
    const std::byte last = little_endian.back();
    const ByteSpan shorter = little_endian.first(little_endian.size() - 1);
    if (last != (before ? std::byte{0xFF} : std::byte{0}) ||
        (std::to_integer<unsigned>(shorter.back()) >= 0x80) != before) {
      break;
    }
    little_endian = shorter;
  }
  if (little_endian.size() > 8) {
    push(graph_.add_text(Kind::kBigInteger, opcode_at_, little_endian));
    return;
  }
  std::uint64_t value = little_endian_number(little_endian);
  if (negative() && little_endian.size() < 8)
    value |= ~std::uint64_t{0} << 8 * little_endian.size();
  push_integer(static_cast<std::int64_t>(value));
}

Result<void> Machine::push_decimal(std::string_view digits) {
  if (const auto value = parse_integer(digits)) {
    push_integer(*value);
    return {};
  }
  auto bytes = decimal_to_bytes(digits);
  if (!bytes) return refuse("an integer that is not a decimal number", "at most 4300 digits");
  push_binary_integer(bytes->size() > 8 ? graph_.keep(std::move(*bytes)) : ByteSpan(*bytes));
  return {};
}

Result<void> Machine::push_string(ByteSpan utf8) {
  if (!is_utf8(utf8)) return refuse("a string that is not UTF-8");
  push(graph_.add_text(Kind::kString, opcode_at_, utf8));
  return {};
}

// A Python 2 str is text or bytes, nobody knows: text when it is ASCII, as Python 3 reads it.
Result<void> Machine::push_python2_string(ByteSpan bytes) {
  bool ascii = true;
  for (const std::byte byte : bytes) ascii = ascii && std::to_integer<unsigned>(byte) < 0x80;
  push(graph_.add_text(ascii ? Kind::kString : Kind::kBytes, opcode_at_, bytes));
  return {};
}

Result<void> Machine::push_quoted(std::string_view literal) {
  auto bytes = unquote(literal);
  if (!bytes) return refuse("a string that is not a quoted literal");
  return push_python2_string(graph_.keep(std::move(*bytes)));
}

Result<void> Machine::push_raw_unicode(std::string_view text) {
  bool plain = true;
  for (const char c : text) plain = plain && c != '\\' && static_cast<unsigned char>(c) < 0x80;
  if (plain) return push_string(as_bytes(text));
  auto bytes = unescape_raw_unicode(text);
  if (!bytes) return refuse("a string with a malformed escape", "\\uXXXX or \\UXXXXXXXX");
  return push_string(graph_.keep(std::move(*bytes)));
}

// ---- Containers

Result<void> Machine::push_tuple(std::size_t count) {
  if (stack_.size() - floor() < count) {
    return refuse("an opcode that takes a value from an empty stack");
  }
  const auto ids = std::span<const NodeId>(stack_).last(count);
  const NodeId tuple = graph_.add_tuple(opcode_at_, ids);
  stack_.resize(stack_.size() - count);
  push(tuple);
  return {};
}

Result<void> Machine::push_from_mark(Kind kind) {
  ASSIGN_OR_RETURN(const std::span<const NodeId> ids, over_mark());
  if (kind == Kind::kDict && ids.size() % 2 != 0) return refuse("a key without a value");
  const NodeId made = graph_.add(kind, opcode_at_);
  graph_.append(made, ids);
  pop_to_mark();
  push(made);
  return {};
}

Result<void> Machine::add_items(std::span<const NodeId> items, NodeId container, bool to_set) {
  const Kind kind = graph_.node(container).kind;
  if (kind == (to_set ? Kind::kSet : Kind::kList)) {
    graph_.append(container, items);
  } else if (kind == Kind::kObject) {
    graph_.append(graph_.items_of(container), items);
  } else {
    return refuse("items added to " + Value(graph_, container).describe(),
                  to_set ? "a set or an object" : "a list or an object");
  }
  return {};
}

Result<void> Machine::add_entries(std::span<const NodeId> entries, NodeId container) {
  const Kind kind = graph_.node(container).kind;
  if (kind == Kind::kDict) {
    graph_.append(container, entries);
  } else if (kind == Kind::kObject) {
    graph_.append(graph_.entries_of(container), entries);
  } else {
    return refuse("entries set on " + Value(graph_, container).describe(), "a dict or an object");
  }
  return {};
}

Result<void> Machine::append_marked(bool to_set) {
  ASSIGN_OR_RETURN(const std::span<const NodeId> ids, over_mark());
  const std::vector<std::uint32_t>::size_type below = marks_.back();
  const std::size_t outer_floor = marks_.size() < 2 ? 0 : marks_[marks_.size() - 2];
  if (below <= outer_floor) return refuse("items without a container to add them to");
  RETURN_IF_ERROR(add_items(ids, stack_[below - 1], to_set));
  pop_to_mark();
  return {};
}

Result<void> Machine::set_marked() {
  ASSIGN_OR_RETURN(const std::span<const NodeId> ids, over_mark());
  if (ids.size() % 2 != 0) return refuse("a key without a value");
  const std::size_t below = marks_.back();
  const std::size_t outer_floor = marks_.size() < 2 ? 0 : marks_[marks_.size() - 2];
  if (below <= outer_floor) return refuse("entries without a container to set them on");
  RETURN_IF_ERROR(add_entries(ids, stack_[below - 1]));
  pop_to_mark();
  return {};
}

// ---- Names and objects

Result<void> Machine::push_global(std::string_view module, std::string_view name) {
  if (!is_utf8(as_bytes(module)) || !is_utf8(as_bytes(name)) || module.empty() || name.empty()) {
    return refuse("a class without a name");
  }
  if (module.size() > kMaxName || name.size() > kMaxName) return refuse("an endless class name");
  if (protocol_ < 3) std::tie(module, name) = modern_name(module, name);
  const NodeId module_id = graph_.add_text(Kind::kString, opcode_at_, as_bytes(module));
  const NodeId name_id = graph_.add_text(Kind::kString, opcode_at_, as_bytes(name));
  const NodeId global = graph_.add(Kind::kGlobal, opcode_at_);
  graph_.node(global).global = {module_id, name_id};
  push(global);
  return {};
}

Result<void> Machine::push_stack_global() {
  ASSIGN_OR_RETURN(const NodeId name, pop());
  ASSIGN_OR_RETURN(const NodeId module, pop());
  if (graph_.node(name).kind != Kind::kString || graph_.node(module).kind != Kind::kString) {
    return refuse("STACK_GLOBAL of something that is not two strings");
  }
  if (graph_.text(name).empty() || graph_.text(module).empty()) {
    return refuse("a class without a name");
  }
  if (graph_.text(name).size() > kMaxName || graph_.text(module).size() > kMaxName) {
    return refuse("an endless class name");
  }
  const NodeId global = graph_.add(Kind::kGlobal, opcode_at_);
  graph_.node(global).global = {module, name};
  push(global);
  return {};
}

NodeId Machine::add_object(NodeId callable, NodeId arguments) {
  const NodeId object = graph_.add(Kind::kObject, opcode_at_);
  graph_.node(object).object.callable = callable;
  graph_.node(object).object.arguments = arguments;
  return object;
}

Result<void> Machine::call(bool with_keywords, bool is_new) {
  NodeId keywords = kNoNode;
  if (with_keywords) {
    ASSIGN_OR_RETURN(keywords, pop());
    if (graph_.node(keywords).kind != Kind::kDict) {
      return refuse("keyword arguments that are not a dict");
    }
  }
  ASSIGN_OR_RETURN(const NodeId arguments, pop());
  ASSIGN_OR_RETURN(const NodeId callable, pop());
  if (graph_.node(arguments).kind != Kind::kTuple) {
    return refuse("arguments that are not a tuple: " + Value(graph_, arguments).describe());
  }
  const Kind kind = graph_.node(callable).kind;
  if (kind != Kind::kGlobal && kind != Kind::kObject) {
    return refuse("a call of " + Value(graph_, callable).describe(), "a class or a function");
  }
  NodeId object = kNoNode;
  if (is_new) {
    object = add_object(callable, arguments);
    if (with_keywords) graph_.set_keywords(object, keywords);
  } else {
    ASSIGN_OR_RETURN(object, make_object(callable, arguments));
  }
  push(object);
  return {};
}

NodeId Machine::reconstruct(NodeId made_class, const Value& base, const Value& content) {
  const auto is = [&](std::string_view name, Kind kind) {
    return base.is_global("builtins", name) && content.kind() == kind;
  };
  const bool is_list = is("list", Kind::kList);
  const bool is_dict = is("dict", Kind::kDict);
  if (!is_list && !is_dict && !is("object", Kind::kNone)) return kNoNode;
  const NodeId object = add_object(made_class, graph_.add_tuple(opcode_at_, {}));
  if (is_list || is_dict) {
    const auto all = graph_.items(graph_.node(content.id()).items);
    const std::vector<NodeId> copied(all.begin(), all.end());
    graph_.append(is_list ? graph_.items_of(object) : graph_.entries_of(object), copied);
  }
  return object;
}

// Old protocols call a function where new ones have an opcode. These few calls have no effect other
// than the value they make, and are written down as that value.
Result<NodeId> Machine::make_object(NodeId callable, NodeId arguments) {
  const Value called(graph_, callable);
  const Value given(graph_, arguments);
  const std::string_view module = called.module();
  const std::string_view name = called.name();
  const std::size_t count = given.size();
  if (module == "copyreg" && name == "_reconstructor" && count == 3) {
    const NodeId object = reconstruct(given.at(0).id(), given.at(1), given.at(2));
    if (object != kNoNode) return object;
  }
  if (module == "copyreg" && name == "__newobj__" && count >= 1) {
    // Copied, because adding references may move those that are copied from.
    const auto all = graph_.items(graph_.node(arguments).items);
    const std::vector<NodeId> rest(all.begin() + 1, all.end());
    return add_object(given.at(0).id(), graph_.add_tuple(opcode_at_, rest));
  }
  if (module == "builtins" && (name == "set" || name == "frozenset") && count <= 1) {
    if (count == 0) return graph_.add(Kind::kSet, opcode_at_);
    if (given.at(0).kind() == Kind::kList) {
      const auto all = graph_.items(graph_.node(given.at(0).id()).items);
      const std::vector<NodeId> items(all.begin(), all.end());
      const NodeId set = graph_.add(Kind::kSet, opcode_at_);
      graph_.append(set, items);
      return set;
    }
  }
  const bool encode = module == "_codecs" && name == "encode" && count == 2;
  const bool bytes = module == "builtins" && (name == "bytes" || name == "bytearray");
  if (bytes && count == 0) return graph_.add_text(Kind::kBytes, opcode_at_, {});
  if (bytes && count == 1 && given.at(0).kind() == Kind::kBytes) {
    return graph_.add_text(Kind::kBytes, opcode_at_, *given.at(0).bytes());
  }
  if ((encode || (bytes && count == 2)) && given.at(0).kind() == Kind::kString) {
    const auto codec = given.at(1).string();
    if (codec == "latin1" || codec == "latin-1") {
      auto latin1 = latin1_of(*given.at(0).string());
      if (!latin1) return refuse("a byte string with a character over U+00FF");
      return graph_.add_text(Kind::kBytes, opcode_at_, graph_.keep(std::move(*latin1)));
    }
  }
  return add_object(callable, arguments);
}

Result<void> Machine::build() {
  ASSIGN_OR_RETURN(const NodeId state, pop());
  ASSIGN_OR_RETURN(const NodeId object, top());
  Node& built = graph_.node(object);
  if (built.kind != Kind::kObject) {
    return refuse("a state for " + Value(graph_, object).describe(), "an object");
  }
  if (built.object.state != kNoNode) return refuse("a second state for the same object");
  built.object.state = state;
  if (place_ == Place::kOutermost && is_array_wrapper(Value(graph_, object))) {
    return read_wrapped_array(object);
  }
  return {};
}

Result<void> Machine::read_wrapped_array(NodeId wrapper) {
  ASSIGN_OR_RETURN(ArrayWrapper says, read_array_wrapper(Value(graph_, wrapper)));
  if (position_ < frame_end_) return refuse("array bytes within a frame");
  within_frame_ = false;
  RawArray array;
  array.shape = std::move(says.shape);
  array.fortran_order = says.fortran_order;
  array.dtype = std::move(says.dtype);
  if (holds_objects(array.dtype)) {
    Machine nested(graph_, bytes_, position_, limits_, Place::kNested, memory() - graph_.memory());
    const Result<NodeId> objects = nested.run();
    if (!objects) {
      opcode_at_ = nested.opcode_at();
      return fail(objects.error());
    }
    array.objects = *objects;
    position_ = nested.position();
  } else {
    if (says.padded) {
      ASSIGN_OR_RETURN(const std::uint64_t padding, take_unsigned(1));
      RETURN_IF_ERROR(take(padding));
    }
    const auto size = byte_size(array.shape, array.dtype.item_size);
    if (!size || *size > bytes_.size() - position_) {
      return refuse("an array that is larger than the rest of the file", "a complete file");
    }
    ASSIGN_OR_RETURN(array.data, take(*size));
  }
  graph_.set_raw_array(wrapper, std::move(array));
  return {};
}

// ---- The opcodes

Result<void> Machine::step(std::uint8_t opcode) {
  const auto push_new = [&](Kind kind) { push(graph_.add(kind, opcode_at_)); };
  const auto push_bool = [&](bool value) {
    push_new(Kind::kBool);
    graph_.node(stack_.back()).integer = value ? 1 : 0;
  };
  const auto push_float = [&](double value) {
    push_new(Kind::kFloat);
    graph_.node(stack_.back()).number = value;
  };
  const auto push_bytes = [&](std::size_t count_bytes) -> Result<void> {
    ASSIGN_OR_RETURN(const ByteSpan bytes, take_counted(count_bytes));
    push(graph_.add_text(Kind::kBytes, opcode_at_, bytes));
    return {};
  };
  const auto push_text = [&](std::size_t count_bytes) -> Result<void> {
    ASSIGN_OR_RETURN(const ByteSpan bytes, take_counted(count_bytes));
    return push_string(bytes);
  };
  const auto push_python2 = [&](std::size_t count_bytes) -> Result<void> {
    ASSIGN_OR_RETURN(const ByteSpan bytes, take_counted(count_bytes));
    return push_python2_string(bytes);
  };
  const auto push_binary = [&](std::size_t count_bytes) -> Result<void> {
    ASSIGN_OR_RETURN(const ByteSpan bytes, take_counted(count_bytes));
    push_binary_integer(bytes);
    return {};
  };

  switch (opcode) {
    case op::kProto: {
      ASSIGN_OR_RETURN(const std::uint64_t protocol, take_unsigned(1));
      if (protocol > kHighestProtocol) {
        return refuse(fmt::format("pickle protocol {}", protocol), "protocols 0 to 5");
      }
      protocol_ = static_cast<int>(protocol);
      return {};
    }
    case op::kFrame:
      return begin_frame();

    case op::kNone:
      push_new(Kind::kNone);
      return {};
    case op::kNewTrue:
      push_bool(true);
      return {};
    case op::kNewFalse:
      push_bool(false);
      return {};
    case op::kBinInt1:
    case op::kBinInt2: {
      ASSIGN_OR_RETURN(const std::uint64_t value, take_unsigned(opcode == op::kBinInt1 ? 1 : 2));
      push_integer(static_cast<std::int64_t>(value));
      return {};
    }
    case op::kBinInt: {
      ASSIGN_OR_RETURN(const ByteSpan bytes, take(4));
      push_binary_integer(bytes);
      return {};
    }
    case op::kLong1:
      return push_binary(1);
    case op::kLong4:
      return push_binary(4);
    case op::kIntText: {
      ASSIGN_OR_RETURN(const std::string_view line, take_line());
      // The only booleans of protocols 0 and 1.
      if (line == "00" || line == "01") {
        push_bool(line == "01");
        return {};
      }
      return push_decimal(line);
    }
    case op::kLongText: {
      ASSIGN_OR_RETURN(std::string_view line, take_line());
      if (line.ends_with('L')) line.remove_suffix(1);
      return push_decimal(line);
    }
    case op::kFloatText: {
      ASSIGN_OR_RETURN(const std::string_view line, take_line());
      const auto value = parse_double(line);
      if (!value) return refuse("a float that is not a number");
      push_float(*value);
      return {};
    }
    case op::kBinFloat: {
      ASSIGN_OR_RETURN(const ByteSpan bytes, take(8));
      std::uint64_t bits = 0;
      for (const std::byte byte : bytes) bits = bits << 8U | std::to_integer<std::uint64_t>(byte);
      push_float(std::bit_cast<double>(bits));
      return {};
    }

    case op::kBinUnicode:
      return push_text(4);
    case op::kShortBinUnicode:
      return push_text(1);
    case op::kBinUnicode8:
      return push_text(8);
    case op::kUnicodeText: {
      ASSIGN_OR_RETURN(const std::string_view line, take_line());
      return push_raw_unicode(line);
    }
    case op::kStringText: {
      ASSIGN_OR_RETURN(const std::string_view line, take_line());
      return push_quoted(line);
    }
    case op::kBinString:
      return push_python2(4);
    case op::kShortBinString:
      return push_python2(1);
    case op::kBinBytes:
      return push_bytes(4);
    case op::kShortBinBytes:
      return push_bytes(1);
    case op::kBinBytes8:
    case op::kByteArray8:
      return push_bytes(8);

    case op::kMark:
      if (marks_.size() >= limits_.max_marks) {
        return over_limit("values nested too deeply",
                          fmt::format("up to {} levels", limits_.max_marks));
      }
      marks_.push_back(static_cast<std::uint32_t>(stack_.size()));
      return {};
    case op::kPop:
      if (!marks_.empty() && stack_.size() == floor()) {
        marks_.pop_back();
        return {};
      }
      RETURN_IF_ERROR(pop());
      return {};
    case op::kPopMark:
      RETURN_IF_ERROR(over_mark());
      pop_to_mark();
      return {};
    case op::kDup: {
      ASSIGN_OR_RETURN(const NodeId id, top());
      push(id);
      return {};
    }

    case op::kEmptyTuple:
      return push_tuple(0);
    case op::kTuple1:
      return push_tuple(1);
    case op::kTuple2:
      return push_tuple(2);
    case op::kTuple3:
      return push_tuple(3);
    case op::kTuple:
      return push_from_mark(Kind::kTuple);
    case op::kEmptyList:
      push_new(Kind::kList);
      return {};
    case op::kList:
      return push_from_mark(Kind::kList);
    case op::kEmptyDict:
      push_new(Kind::kDict);
      return {};
    case op::kDict:
      return push_from_mark(Kind::kDict);
    case op::kEmptySet:
      push_new(Kind::kSet);
      return {};
    case op::kFrozenSet:
      return push_from_mark(Kind::kSet);
    case op::kAppend: {
      ASSIGN_OR_RETURN(const NodeId item, pop());
      ASSIGN_OR_RETURN(const NodeId container, top());
      return add_items({&item, 1}, container, false);
    }
    case op::kAppends:
      return append_marked(false);
    case op::kAddItems:
      return append_marked(true);
    case op::kSetItem: {
      ASSIGN_OR_RETURN(const NodeId value, pop());
      ASSIGN_OR_RETURN(const NodeId key, pop());
      ASSIGN_OR_RETURN(const NodeId container, top());
      return add_entries(std::array<NodeId, 2>{key, value}, container);
    }
    case op::kSetItems:
      return set_marked();

    case op::kMemoize:
      return remember(memo_count_);
    case op::kPut: {
      ASSIGN_OR_RETURN(const std::uint64_t index, take_text_index());
      return remember(index);
    }
    case op::kBinPut:
    case op::kLongBinPut: {
      ASSIGN_OR_RETURN(const std::uint64_t index, take_unsigned(opcode == op::kBinPut ? 1 : 4));
      return remember(index);
    }
    case op::kGet: {
      ASSIGN_OR_RETURN(const std::uint64_t index, take_text_index());
      return recall(index);
    }
    case op::kBinGet:
    case op::kLongBinGet: {
      ASSIGN_OR_RETURN(const std::uint64_t index, take_unsigned(opcode == op::kBinGet ? 1 : 4));
      return recall(index);
    }

    case op::kGlobalText: {
      ASSIGN_OR_RETURN(const std::string_view module, take_line());
      ASSIGN_OR_RETURN(const std::string_view name, take_line());
      return push_global(module, name);
    }
    case op::kStackGlobal:
      return push_stack_global();
    case op::kReduce:
      return call(false, false);
    case op::kNewObj:
      return call(false, true);
    case op::kNewObjEx:
      return call(true, true);
    case op::kBuild:
      return build();

    case op::kPersId:
    case op::kBinPersId:
      return refuse("opcode " + opcode_name(opcode) + ": an object kept outside the file",
                    "a pickle without persistent ids");
    case op::kExt1:
    case op::kExt2:
    case op::kExt4:
      return refuse("opcode " + opcode_name(opcode) + ": a class named by a registered number",
                    "classes named by module and name");
    case op::kInst:
    case op::kObj:
      return refuse("opcode " + opcode_name(opcode) + ": an object of Python before 2.3",
                    "objects made by REDUCE or NEWOBJ");
    case op::kNextBuffer:
    case op::kReadOnlyBuffer:
      return refuse("opcode " + opcode_name(opcode) + ": bytes kept outside the file",
                    "a pickle without out-of-band buffers");
    default:
      return refuse(fmt::format("byte 0x{:02x} is not a pickle opcode", opcode),
                    "a pickle of protocol 0 to 5 or a joblib file");
  }
}

}  // namespace clairscore::pickle
