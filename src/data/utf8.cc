#include "data/utf8.h"

#include <cstdint>

namespace clairscore {

bool is_clean_utf8(std::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = p + text.size();
  while (p != end) {
    const unsigned char lead = *p++;
    if (lead == 0) return false;
    if (lead < 0x80) continue;
    int following = 0;
    std::uint32_t least = 0;
    std::uint32_t point = 0;
    if (lead >= 0xC2 && lead <= 0xDF) {
      following = 1;
      least = 0x80;
      point = lead & 0x1FU;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      following = 2;
      least = 0x800;
      point = lead & 0x0FU;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      following = 3;
      least = 0x10000;
      point = lead & 0x07U;
    } else {
      return false;
    }
    for (; following > 0; --following) {
      if (p == end || (*p & 0xC0U) != 0x80U) return false;
      point = (point << 6U) | (*p++ & 0x3FU);
    }
    if (point < least || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
  }
  return true;
}

}  // namespace clairscore
