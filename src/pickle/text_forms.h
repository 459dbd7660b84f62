#pragma once

// The text inside pickles: UTF-8 checks, and the ASCII forms of protocol 0.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace clairscore::pickle {

/// True for UTF-8 as Python's "surrogatepass" reads it: lone surrogates allowed, overlong forms and
/// code points over 0x10FFFF not.
bool is_utf8(ByteSpan bytes);

/// Appends a code point of at most 0x10FFFF (a surrogate as its three bytes).
void append_utf8(std::string& out, std::uint32_t code_point);

/// Latin-1 bytes of UTF-8 text, or nothing when a character is over U+00FF.
std::optional<Bytes> latin1_of(std::string_view utf8);

/// UTF-8 of Python's raw-unicode-escape: Latin-1 with \uXXXX and \UXXXXXXXX.
std::optional<Bytes> unescape_raw_unicode(std::string_view text);

/// Bytes of a quoted Python 2 string literal ('a\x00b\n'), quotes included in `text`.
std::optional<Bytes> unquote(std::string_view text);

/// Little-endian two's complement bytes, as few as hold the value, of a decimal integer with an
/// optional sign. At most 4,300 digits, as in Python.
std::optional<Bytes> decimal_to_bytes(std::string_view digits);

}  // namespace clairscore::pickle
