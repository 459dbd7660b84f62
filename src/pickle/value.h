#pragma once

// The inert value graph of a pickle.
//
// A pickle is a program for a small stack machine; Python runs it, importing and calling what it
// names. Here it is only written down: GLOBAL becomes a node that holds a name, REDUCE and NEWOBJ
// a node that holds what would be called and with what, BUILD a state kept beside the object.
// Nothing is imported, called or executed, whatever the bytes say. Readers (sklearn/, mlflow/)
// then interpret an allowlist of names and refuse the rest by name and byte offset.
//
// What the protocols spell differently looks the same here: `copyreg._reconstructor` and
// `__newobj__` are objects of their class, sets and byte strings are kSet and kBytes even where an
// old protocol builds them by a call, and the module `__builtin__` of protocols 0 to 2 is
// `builtins` (`copy_reg` is `copyreg`).
//
// A Graph owns its nodes and shares ownership of the bytes it was read from (byte strings are views
// into them). Immutable after parsing; safe from any number of threads. A Value is a cheap cursor
// into a Graph that must outlive it. Graphs may be cyclic and may share nodes: walks must bound
// their depth and work.
//
// Accessors never fail: one that does not fit the kind answers "nothing" or an empty text. Indices
// must be in range (asserted).

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"

namespace clairscore::pickle {

enum class Kind : std::uint8_t {
  kNone,
  kBool,
  kInteger,     // fits in 64 bits
  kBigInteger,  // does not; little-endian two's complement bytes
  kFloat,
  kBytes,   // bytes and bytearray
  kString,  // UTF-8; lone surrogates kept as their three bytes
  kTuple,
  kList,
  kDict,      // insertion order; a repeated key (string, integer or float) keeps its last value
  kSet,       // set and frozenset, in the order of the file
  kGlobal,    // a module and a name, never looked up
  kObject,    // what REDUCE, NEWOBJ or NEWOBJ_EX would make
  kRawArray,  // joblib: array bytes that followed in the stream
};

class Graph;
using NodeId = std::uint32_t;

class Value {
 public:
  Value(const Graph& graph, NodeId id) : graph_(&graph), id_(id) {}

  Kind kind() const;
  /// Equal ids are the same Python object.
  NodeId id() const { return id_; }
  const Graph& graph() const { return *graph_; }
  /// Byte offset, in the decompressed pickle, of the opcode that made this value.
  std::uint64_t offset() const;
  /// "model.pkl, byte 1042": for Error::where.
  std::string where() const;

  bool is_none() const { return kind() == Kind::kNone; }
  std::optional<bool> boolean() const;
  /// kInteger, or kBool as 0 or 1.
  std::optional<std::int64_t> integer() const;
  /// kFloat, or what integer() gives as a double.
  std::optional<double> number() const;
  std::optional<std::string_view> string() const;
  /// kBytes, or the digits of a kBigInteger.
  std::optional<ByteSpan> bytes() const;

  /// Elements of a tuple, list or set; of a kObject, the items appended to it. Empty otherwise.
  std::size_t size() const;
  Value at(std::size_t index) const;

  /// Entries of a dict; of a kObject, the items set on it. Empty otherwise.
  std::size_t entry_count() const;
  std::pair<Value, Value> entry(std::size_t index) const;
  /// The entry whose key is that string. Logarithmic or better.
  std::optional<Value> get(std::string_view key) const;

  /// kGlobal: the two names. Empty otherwise.
  std::string_view module() const;
  std::string_view name() const;
  /// "module.name" of a kGlobal, or of a kObject's callable when that is a kGlobal; else empty. A
  /// name that itself has a dot (Python would walk attributes) gives "module:na.me", so that it
  /// never equals a listed one.
  std::string qualified_name() const;
  bool is_global(std::string_view module, std::string_view name) const;

  /// kObject: what would be called (a kGlobal in all ordinary files), its positional arguments (a
  /// tuple), and the argument of BUILD when there was one. For other kinds callable() and
  /// arguments() are the value itself.
  Value callable() const;
  Value arguments() const;
  std::optional<Value> state() const;
  /// kObject made by NEWOBJ_EX: its keyword arguments (a dict).
  std::optional<Value> keywords() const;
  /// state()'s entry of that name: an instance attribute. A state that is the pair (dict, slots)
  /// is searched in both.
  std::optional<Value> attribute(std::string_view name) const;

  /// kRawArray: see joblib.h. Null otherwise.
  const struct RawArray* raw_array() const;

  /// A short text for error messages: the kind, and the class of an object.
  std::string describe() const;

 private:
  const Graph* graph_;
  NodeId id_;
};

}  // namespace clairscore::pickle
