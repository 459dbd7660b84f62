#include "pickle/opcodes.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

namespace clairscore::pickle {

std::string opcode_name(std::uint8_t opcode) {
  using namespace op;
  static constexpr std::array<std::pair<Opcode, std::string_view>, 68> kNames{{
      {kMark, "MARK"},
      {kStop, "STOP"},
      {kPop, "POP"},
      {kPopMark, "POP_MARK"},
      {kDup, "DUP"},
      {kFloatText, "FLOAT"},
      {kIntText, "INT"},
      {kBinInt, "BININT"},
      {kBinInt1, "BININT1"},
      {kLongText, "LONG"},
      {kBinInt2, "BININT2"},
      {kNone, "NONE"},
      {kPersId, "PERSID"},
      {kBinPersId, "BINPERSID"},
      {kReduce, "REDUCE"},
      {kStringText, "STRING"},
      {kBinString, "BINSTRING"},
      {kShortBinString, "SHORT_BINSTRING"},
      {kUnicodeText, "UNICODE"},
      {kBinUnicode, "BINUNICODE"},
      {kAppend, "APPEND"},
      {kBuild, "BUILD"},
      {kGlobalText, "GLOBAL"},
      {kDict, "DICT"},
      {kEmptyDict, "EMPTY_DICT"},
      {kAppends, "APPENDS"},
      {kGet, "GET"},
      {kBinGet, "BINGET"},
      {kInst, "INST"},
      {kLongBinGet, "LONG_BINGET"},
      {kList, "LIST"},
      {kEmptyList, "EMPTY_LIST"},
      {kObj, "OBJ"},
      {kPut, "PUT"},
      {kBinPut, "BINPUT"},
      {kLongBinPut, "LONG_BINPUT"},
      {kSetItem, "SETITEM"},
      {kTuple, "TUPLE"},
      {kEmptyTuple, "EMPTY_TUPLE"},
      {kSetItems, "SETITEMS"},
      {kBinFloat, "BINFLOAT"},
      {kProto, "PROTO"},
      {kNewObj, "NEWOBJ"},
      {kExt1, "EXT1"},
      {kExt2, "EXT2"},
      {kExt4, "EXT4"},
      {kTuple1, "TUPLE1"},
      {kTuple2, "TUPLE2"},
      {kTuple3, "TUPLE3"},
      {kNewTrue, "NEWTRUE"},
      {kNewFalse, "NEWFALSE"},
      {kLong1, "LONG1"},
      {kLong4, "LONG4"},
      {kBinBytes, "BINBYTES"},
      {kShortBinBytes, "SHORT_BINBYTES"},
      {kShortBinUnicode, "SHORT_BINUNICODE"},
      {kBinUnicode8, "BINUNICODE8"},
      {kBinBytes8, "BINBYTES8"},
      {kEmptySet, "EMPTY_SET"},
      {kAddItems, "ADDITEMS"},
      {kFrozenSet, "FROZENSET"},
      {kNewObjEx, "NEWOBJ_EX"},
      {kStackGlobal, "STACK_GLOBAL"},
      {kMemoize, "MEMOIZE"},
      {kFrame, "FRAME"},
      {kByteArray8, "BYTEARRAY8"},
      {kNextBuffer, "NEXT_BUFFER"},
      {kReadOnlyBuffer, "READONLY_BUFFER"},
  }};
  for (const auto& [code, name] : kNames) {
    if (code == opcode) return std::string(name);
  }
  return fmt::format("0x{:02x}", opcode);
}

}  // namespace clairscore::pickle
