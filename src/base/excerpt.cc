#include "base/excerpt.h"

namespace clairscore {

namespace {

constexpr std::size_t kMaxBytes = 60;

}  // namespace

std::string quote_excerpt(std::string_view text) {
  std::size_t end = text.size();
  if (end > kMaxBytes) {
    end = kMaxBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  }
  std::string out = "'";
  out += text.substr(0, end);
  if (end < text.size()) out += "…";
  out += "'";
  return out;
}

}  // namespace clairscore
