#include "pickle/opcodes.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

namespace clairscore::pickle {

namespace {

constexpr std::array<std::pair<op::Opcode, std::string_view>, 68> kNames{{
    {op::kMark, "MARK"},
    {op::kStop, "STOP"},
    {op::kPop, "POP"},
    {op::kPopMark, "POP_MARK"},
    {op::kDup, "DUP"},
    {op::kFloatText, "FLOAT"},
    {op::kIntText, "INT"},
    {op::kBinInt, "BININT"},
    {op::kBinInt1, "BININT1"},
    {op::kLongText, "LONG"},
    {op::kBinInt2, "BININT2"},
    {op::kNone, "NONE"},
    {op::kPersId, "PERSID"},
    {op::kBinPersId, "BINPERSID"},
    {op::kReduce, "REDUCE"},
    {op::kStringText, "STRING"},
    {op::kBinString, "BINSTRING"},
    {op::kShortBinString, "SHORT_BINSTRING"},
    {op::kUnicodeText, "UNICODE"},
    {op::kBinUnicode, "BINUNICODE"},
    {op::kAppend, "APPEND"},
    {op::kBuild, "BUILD"},
    {op::kGlobalText, "GLOBAL"},
    {op::kDict, "DICT"},
    {op::kEmptyDict, "EMPTY_DICT"},
    {op::kAppends, "APPENDS"},
    {op::kGet, "GET"},
    {op::kBinGet, "BINGET"},
    {op::kInst, "INST"},
    {op::kLongBinGet, "LONG_BINGET"},
    {op::kList, "LIST"},
    {op::kEmptyList, "EMPTY_LIST"},
    {op::kObj, "OBJ"},
    {op::kPut, "PUT"},
    {op::kBinPut, "BINPUT"},
    {op::kLongBinPut, "LONG_BINPUT"},
    {op::kSetItem, "SETITEM"},
    {op::kTuple, "TUPLE"},
    {op::kEmptyTuple, "EMPTY_TUPLE"},
    {op::kSetItems, "SETITEMS"},
    {op::kBinFloat, "BINFLOAT"},
    {op::kProto, "PROTO"},
    {op::kNewObj, "NEWOBJ"},
    {op::kExt1, "EXT1"},
    {op::kExt2, "EXT2"},
    {op::kExt4, "EXT4"},
    {op::kTuple1, "TUPLE1"},
    {op::kTuple2, "TUPLE2"},
    {op::kTuple3, "TUPLE3"},
    {op::kNewTrue, "NEWTRUE"},
    {op::kNewFalse, "NEWFALSE"},
    {op::kLong1, "LONG1"},
    {op::kLong4, "LONG4"},
    {op::kBinBytes, "BINBYTES"},
    {op::kShortBinBytes, "SHORT_BINBYTES"},
    {op::kShortBinUnicode, "SHORT_BINUNICODE"},
    {op::kBinUnicode8, "BINUNICODE8"},
    {op::kBinBytes8, "BINBYTES8"},
    {op::kEmptySet, "EMPTY_SET"},
    {op::kAddItems, "ADDITEMS"},
    {op::kFrozenSet, "FROZENSET"},
    {op::kNewObjEx, "NEWOBJ_EX"},
    {op::kStackGlobal, "STACK_GLOBAL"},
    {op::kMemoize, "MEMOIZE"},
    {op::kFrame, "FRAME"},
    {op::kByteArray8, "BYTEARRAY8"},
    {op::kNextBuffer, "NEXT_BUFFER"},
    {op::kReadOnlyBuffer, "READONLY_BUFFER"},
}};

}  // namespace

std::string opcode_name(std::uint8_t opcode) {
  for (const auto& [code, name] : kNames) {
    if (code == opcode) return std::string(name);
  }
  return fmt::format("0x{:02x}", opcode);
}

}  // namespace clairscore::pickle
