#include "base/pseudonyms.h"

#include <fmt/format.h>

#include <random>

#include "base/sha256.h"

namespace clairscore {

Pseudonyms::Pseudonyms(bool plain)
    : plain_(plain),
      salt_(fmt::format("{:08x}{:08x}", std::random_device{}(), std::random_device{}())) {}

std::string Pseudonyms::of(std::string_view name) const {
  if (plain_) return std::string(name);
  constexpr std::size_t kDigits = 12;
  std::string salted = salt_;
  salted += name;
  return "hash:" + sha256_hex(as_bytes(salted)).substr(0, kDigits);
}

}  // namespace clairscore
