#include "pickle/text_forms.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace clairscore::pickle {

namespace {

constexpr std::size_t kMaxDigits = 4300;

/// Calls put(byte) for each byte of the code point's UTF-8.
template <typename Put>
void encode_utf8(std::uint32_t code_point, Put put) {
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0U | code_point >> 6U);
    put(0x80U | (code_point & 0x3FU));
  } else if (code_point < 0x10000) {
    put(0xE0U | code_point >> 12U);
    put(0x80U | (code_point >> 6U & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  } else {
    put(0xF0U | code_point >> 18U);
    put(0x80U | (code_point >> 12U & 0x3FU));
    put(0x80U | (code_point >> 6U & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  }
}

void append_utf8(Bytes& out, std::uint32_t code_point) {
  encode_utf8(code_point, [&](std::uint32_t byte) { out.push_back(static_cast<std::byte>(byte)); });
}

std::optional<std::uint32_t> parse_hex(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits) {
    std::uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint32_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<std::uint32_t>(c - 'A' + 10);
    } else {
      return std::nullopt;
    }
    value = value << 4U | digit;
  }
  return value;
}

}  // namespace

bool is_utf8(ByteSpan bytes) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto* const end = at + bytes.size();
  while (at != end) {
    if (end - at >= 8) {
      std::uint64_t eight = 0;
      std::memcpy(&eight, at, 8);
      if ((eight & 0x8080808080808080U) == 0) {
        at += 8;
        continue;
      }
    }
    const unsigned lead = *at++;
    if (lead < 0x80) continue;
    std::size_t more = 0;
    std::uint32_t code_point = 0;
    std::uint32_t least = 0;
    if (lead >= 0xC0 && lead < 0xE0) {
      more = 1;
      code_point = lead & 0x1FU;
      least = 0x80;
    } else if (lead >= 0xE0 && lead < 0xF0) {
      more = 2;
      code_point = lead & 0x0FU;
      least = 0x800;
    } else if (lead >= 0xF0 && lead < 0xF8) {
      more = 3;
      code_point = lead & 0x07U;
      least = 0x10000;
    } else {
      return false;
    }
    if (static_cast<std::size_t>(end - at) < more) return false;
    for (; more != 0; --more) {
      const unsigned next = *at++;
      if ((next & 0xC0U) != 0x80U) return false;
      code_point = code_point << 6U | (next & 0x3FU);
    }
    if (code_point < least || code_point > 0x10FFFF) return false;
  }
  return true;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  encode_utf8(code_point, [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); });
}

std::optional<Bytes> latin1_of(std::string_view utf8) {
  Bytes out;
  out.reserve(utf8.size());
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    if (lead < 0x80) {
      out.push_back(static_cast<std::byte>(lead));
      continue;
    }
    // U+0080 to U+00FF are the two-byte forms that begin with C2 or C3.
    if ((lead != 0xC2 && lead != 0xC3) || i + 1 == utf8.size()) return std::nullopt;
    const auto next = static_cast<unsigned char>(utf8[++i]);
    out.push_back(static_cast<std::byte>((lead & 0x03U) << 6U | (next & 0x3FU)));
  }
  return out;
}

std::optional<Bytes> unescape_raw_unicode(std::string_view text) {
  Bytes out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '\\' || i + 1 == text.size()) {
      append_utf8(out, static_cast<unsigned char>(c));
      continue;
    }
    const char next = text[++i];
    if (next != 'u' && next != 'U') {
      // A backslash escapes nothing else, but the character after it cannot begin an escape.
      append_utf8(out, '\\');
      append_utf8(out, static_cast<unsigned char>(next));
      continue;
    }
    const std::size_t digits = next == 'u' ? 4 : 8;
    if (text.size() - i - 1 < digits) return std::nullopt;
    const auto code_point = parse_hex(text.substr(i + 1, digits));
    if (!code_point || *code_point > 0x10FFFF) return std::nullopt;
    append_utf8(out, *code_point);
    i += digits;
  }
  return out;
}

std::optional<Bytes> unquote(std::string_view text) {
  if (text.size() < 2 || (text.front() != '\'' && text.front() != '"') ||
      text.front() != text.back()) {
    return std::nullopt;
  }
  text = text.substr(1, text.size() - 2);
  Bytes out;
  out.reserve(text.size());
  const auto put = [&](char c) { out.push_back(static_cast<std::byte>(c)); };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      put(text[i]);
      continue;
    }
    if (++i == text.size()) return std::nullopt;
    switch (text[i]) {
      case '\\':
      case '\'':
      case '"':
        put(text[i]);
        break;
      case 'a':
        put('\a');
        break;
      case 'b':
        put('\b');
        break;
      case 'f':
        put('\f');
        break;
      case 'n':
        put('\n');
        break;
      case 'r':
        put('\r');
        break;
      case 't':
        put('\t');
        break;
      case 'v':
        put('\v');
        break;
      case 'x': {
        if (text.size() - i - 1 < 2) return std::nullopt;
        const auto byte = parse_hex(text.substr(i + 1, 2));
        if (!byte) return std::nullopt;
        out.push_back(static_cast<std::byte>(*byte));
        i += 2;
        break;
      }
      default:
        return std::nullopt;  // octal and unknown escapes: no pickler writes them
    }
  }
  return out;
}

std::optional<Bytes> decimal_to_bytes(std::string_view digits) {
  bool negative = false;
  if (!digits.empty() && (digits.front() == '-' || digits.front() == '+')) {
    negative = digits.front() == '-';
    digits.remove_prefix(1);
  }
  if (digits.empty() || digits.size() > kMaxDigits) return std::nullopt;
  std::vector<std::uint32_t> limbs;  // least significant first
  while (!digits.empty()) {
    const std::size_t take = std::min<std::size_t>(digits.size(), 9);
    std::uint64_t carry = 0;
    std::uint64_t scale = 1;
    for (const char c : digits.substr(0, take)) {
      if (c < '0' || c > '9') return std::nullopt;
      carry = carry * 10 + static_cast<std::uint64_t>(c - '0');
      scale *= 10;
    }
    digits.remove_prefix(take);
    for (std::uint32_t& limb : limbs) {
      carry += limb * scale;
      limb = static_cast<std::uint32_t>(carry);
      carry >>= 32U;
    }
    if (carry != 0) limbs.push_back(static_cast<std::uint32_t>(carry));
  }
  Bytes out;
  out.reserve(limbs.size() * 4 + 1);
  for (const std::uint32_t limb : limbs) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      out.push_back(static_cast<std::byte>(limb >> shift));
    }
  }
  out.push_back(std::byte{0});
  if (negative) {
    unsigned carry = 1;
    for (std::byte& byte : out) {
      const unsigned flipped = (~std::to_integer<unsigned>(byte) & 0xFFU) + carry;
      byte = static_cast<std::byte>(flipped);
      carry = flipped >> 8U;
    }
  }
  const std::byte filler =
      std::to_integer<unsigned>(out.back()) >= 0x80 ? std::byte{0xFF} : std::byte{0};
  while (out.size() > 1 && out.back() == filler &&
         (std::to_integer<unsigned>(out[out.size() - 2]) >= 0x80) == (filler != std::byte{0})) {
    out.pop_back();
  }
  return out;
}

}  // namespace clairscore::pickle
