#include "pickle/opcodes.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string_view>

namespace clairscore::pickle {

namespace {

/// What follows an opcode: so many lines, so many bytes, or a count of so many bytes and then as
/// many bytes as it says.
struct Argument {
  enum class Form : std::uint8_t { kLines, kBytes, kCounted };
  Form form;
  std::uint8_t size;
};
constexpr Argument none() {
  return {Argument::Form::kBytes, 0};
}
constexpr Argument lines(std::uint8_t count) {
  return {Argument::Form::kLines, count};
}
constexpr Argument bytes(std::uint8_t count) {
  return {Argument::Form::kBytes, count};
}
constexpr Argument counted(std::uint8_t count_bytes) {
  return {Argument::Form::kCounted, count_bytes};
}

struct Known {
  op::Opcode code;
  std::string_view name;
  Argument argument;
};

constexpr std::array<Known, 68> kKnown{{
    {op::kMark, "MARK", none()},
    {op::kStop, "STOP", none()},
    {op::kPop, "POP", none()},
    {op::kPopMark, "POP_MARK", none()},
    {op::kDup, "DUP", none()},
    {op::kFloatText, "FLOAT", lines(1)},
    {op::kIntText, "INT", lines(1)},
    {op::kBinInt, "BININT", bytes(4)},
    {op::kBinInt1, "BININT1", bytes(1)},
    {op::kLongText, "LONG", lines(1)},
    {op::kBinInt2, "BININT2", bytes(2)},
    {op::kNone, "NONE", none()},
    {op::kPersId, "PERSID", lines(1)},
    {op::kBinPersId, "BINPERSID", none()},
    {op::kReduce, "REDUCE", none()},
    {op::kStringText, "STRING", lines(1)},
    {op::kBinString, "BINSTRING", counted(4)},
    {op::kShortBinString, "SHORT_BINSTRING", counted(1)},
    {op::kUnicodeText, "UNICODE", lines(1)},
    {op::kBinUnicode, "BINUNICODE", counted(4)},
    {op::kAppend, "APPEND", none()},
    {op::kBuild, "BUILD", none()},
    {op::kGlobalText, "GLOBAL", lines(2)},
    {op::kDict, "DICT", none()},
    {op::kEmptyDict, "EMPTY_DICT", none()},
    {op::kAppends, "APPENDS", none()},
    {op::kGet, "GET", lines(1)},
    {op::kBinGet, "BINGET", bytes(1)},
    {op::kInst, "INST", lines(2)},
    {op::kLongBinGet, "LONG_BINGET", bytes(4)},
    {op::kList, "LIST", none()},
    {op::kEmptyList, "EMPTY_LIST", none()},
    {op::kObj, "OBJ", none()},
    {op::kPut, "PUT", lines(1)},
    {op::kBinPut, "BINPUT", bytes(1)},
    {op::kLongBinPut, "LONG_BINPUT", bytes(4)},
    {op::kSetItem, "SETITEM", none()},
    {op::kTuple, "TUPLE", none()},
    {op::kEmptyTuple, "EMPTY_TUPLE", none()},
    {op::kSetItems, "SETITEMS", none()},
    {op::kBinFloat, "BINFLOAT", bytes(8)},
    {op::kProto, "PROTO", bytes(1)},
    {op::kNewObj, "NEWOBJ", none()},
    {op::kExt1, "EXT1", bytes(1)},
    {op::kExt2, "EXT2", bytes(2)},
    {op::kExt4, "EXT4", bytes(4)},
    {op::kTuple1, "TUPLE1", none()},
    {op::kTuple2, "TUPLE2", none()},
    {op::kTuple3, "TUPLE3", none()},
    {op::kNewTrue, "NEWTRUE", none()},
    {op::kNewFalse, "NEWFALSE", none()},
    {op::kLong1, "LONG1", counted(1)},
    {op::kLong4, "LONG4", counted(4)},
    {op::kBinBytes, "BINBYTES", counted(4)},
    {op::kShortBinBytes, "SHORT_BINBYTES", counted(1)},
    {op::kShortBinUnicode, "SHORT_BINUNICODE", counted(1)},
    {op::kBinUnicode8, "BINUNICODE8", counted(8)},
    {op::kBinBytes8, "BINBYTES8", counted(8)},
    {op::kEmptySet, "EMPTY_SET", none()},
    {op::kAddItems, "ADDITEMS", none()},
    {op::kFrozenSet, "FROZENSET", none()},
    {op::kNewObjEx, "NEWOBJ_EX", none()},
    {op::kStackGlobal, "STACK_GLOBAL", none()},
    {op::kMemoize, "MEMOIZE", none()},
    {op::kFrame, "FRAME", bytes(8)},
    {op::kByteArray8, "BYTEARRAY8", counted(8)},
    {op::kNextBuffer, "NEXT_BUFFER", none()},
    {op::kReadOnlyBuffer, "READONLY_BUFFER", none()},
}};

/// By opcode; nothing where there is none.
constexpr std::array<std::optional<Argument>, 256> arguments_by_opcode() {
  std::array<std::optional<Argument>, 256> arguments{};
  for (const Known& known : kKnown) arguments[known.code] = known.argument;
  return arguments;
}
constexpr std::array<std::optional<Argument>, 256> kArguments = arguments_by_opcode();

/// Nothing when `rest` is shorter.
std::optional<ByteSpan> after_argument(ByteSpan rest, Argument argument) {
  if (argument.form == Argument::Form::kLines) {
    for (std::size_t line = 0; line < argument.size; ++line) {
      const std::size_t length = as_text(rest).find('\n');
      if (length == std::string_view::npos) return std::nullopt;
      rest = rest.subspan(length + 1);
    }
    return rest;
  }
  if (argument.size > rest.size()) return std::nullopt;
  const ByteSpan given = rest.first(argument.size);
  rest = rest.subspan(argument.size);
  if (argument.form == Argument::Form::kBytes) return rest;
  const std::uint64_t count = little_endian_number(given);
  if (count > rest.size()) return std::nullopt;
  return rest.subspan(static_cast<std::size_t>(count));
}

}  // namespace

std::string opcode_name(std::uint8_t opcode) {
  for (const Known& known : kKnown) {
    if (known.code == opcode) return std::string(known.name);
  }
  return fmt::format("0x{:02x}", opcode);
}

std::uint64_t little_endian_number(ByteSpan bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8U | std::to_integer<std::uint64_t>(bytes[i]);
  }
  return value;
}

bool is_opcodes_to_stop(ByteSpan bytes) {
  while (!bytes.empty()) {
    const auto opcode = std::to_integer<std::uint8_t>(bytes.front());
    bytes = bytes.subspan(1);
    if (opcode == op::kStop) return bytes.empty();
    if (!kArguments[opcode]) return false;
    const auto rest = after_argument(bytes, *kArguments[opcode]);
    if (!rest) return false;
    bytes = *rest;
  }
  return false;
}

}  // namespace clairscore::pickle
