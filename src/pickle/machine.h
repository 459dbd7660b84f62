#pragma once

// The stack machine that pickles are programs for, reduced to writing down what they say.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "pickle/graph.h"
#include "pickle/unpickle.h"

namespace clairscore::pickle {

/// Runs one pickle, from `begin` to its STOP. One object, one run, one thread.
class Machine {
 public:
  /// `outer_memory` counts against limits.max_graph_bytes too. A nested pickle (the objects of a
  /// joblib array) holds no arrays that follow in the stream.
  enum class Place { kOutermost, kNested };
  Machine(Graph& graph, ByteSpan bytes, std::size_t begin, const Limits& limits, Place place,
          std::uint64_t outer_memory);

  /// The value that STOP returns. Errors name the opcode and its offset.
  Result<NodeId> run();
  /// Where the last opcode ended.
  std::size_t position() const { return position_; }
  /// Where the last opcode begins: of a refused pickle, the one it is refused for.
  std::size_t opcode_at() const { return opcode_at_; }

 private:
  Result<void> step(std::uint8_t opcode);

  // Reading.
  Result<ByteSpan> take(std::uint64_t count);
  Result<std::uint64_t> take_unsigned(std::size_t bytes);
  Result<ByteSpan> take_counted(std::size_t count_bytes);
  Result<std::string_view> take_line();
  Result<void> begin_frame();

  // The stack.
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  void push(NodeId id) { stack_.push_back(id); }
  Result<NodeId> pop();
  Result<NodeId> top() const;
  /// The ids over the last mark; pop_to_mark() then drops them and the mark.
  Result<std::span<const NodeId>> over_mark() const;
  void pop_to_mark();

  // The memo.
  Result<void> remember(std::uint64_t index);
  Result<void> recall(std::uint64_t index);
  Result<std::uint64_t> take_text_index();

  // What the opcodes do.
  void push_integer(std::int64_t value);
  void push_binary_integer(ByteSpan little_endian);
  Result<void> push_decimal(std::string_view digits);
  Result<void> push_string(ByteSpan utf8);
  Result<void> push_python2_string(ByteSpan bytes);
  Result<void> push_quoted(std::string_view literal);
  Result<void> push_raw_unicode(std::string_view text);
  Result<void> push_tuple(std::size_t count);
  Result<void> push_from_mark(Kind kind);
  Result<void> add_items(std::span<const NodeId> items, NodeId container, bool to_set);
  Result<void> add_entries(std::span<const NodeId> entries, NodeId container);
  Result<void> append_marked(bool to_set);
  Result<void> set_marked();
  Result<void> push_global(std::string_view module, std::string_view name);
  Result<void> push_stack_global();
  Result<void> call(bool with_keywords, bool is_new);
  /// An object of REDUCE, or the value of a call that old protocols write where new ones have an
  /// opcode.
  Result<NodeId> make_object(NodeId callable, NodeId arguments);
  NodeId reconstruct(NodeId made_class, const Value& base, const Value& content);
  NodeId add_object(NodeId callable, NodeId arguments);
  Result<void> build();
  Result<void> read_wrapped_array(NodeId wrapper);

  std::uint64_t memory() const;
  std::string where(std::uint64_t offset) const;
  tl::unexpected<Error> refuse(std::string what, std::string accepted = {}) const;
  tl::unexpected<Error> over_limit(std::string what, std::string accepted) const;

  Graph& graph_;
  ByteSpan bytes_;
  const Limits& limits_;
  Place place_;
  std::uint64_t outer_memory_;
  std::size_t begin_;
  std::size_t position_;
  std::size_t opcode_at_ = 0;  // of the opcode being run
  std::size_t frame_end_ = 0;  // of the last frame; not after position_ when it is over
  bool within_frame_ = false;  // the opcode being run began in a frame: so must it end
  int protocol_ = 0;
  std::vector<NodeId> stack_;
  std::vector<std::uint32_t> marks_;
  std::vector<NodeId> memo_;  // kNoNode where nothing was put
  std::uint64_t memo_count_ = 0;
};

}  // namespace clairscore::pickle
