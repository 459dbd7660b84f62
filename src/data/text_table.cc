#include "data/text_table.h"

#include <cstring>
#include <random>
#include <utility>

namespace clairscore {

namespace {

constexpr std::size_t kInitialSlots = 64;  // a power of two

/// A key no file can know in advance, drawn once in the process. It decides nothing but the places
/// of strings in the table: codes follow the order of first appearance.
std::uint64_t hash_key() {
  static const std::uint64_t key = [] {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) ^ device();
  }();
  return key;
}

/// Both halves of the 128-bit product, folded.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

std::uint64_t hash_of(std::string_view text) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15U;  // 2^64 over the golden ratio
  std::uint64_t hash = hash_key() ^ text.size();
  std::uint64_t word = 0;
  while (text.size() >= sizeof(word)) {
    std::memcpy(&word, text.data(), sizeof(word));
    hash = mix(hash ^ word, kOdd ^ hash_key());
    text.remove_prefix(sizeof(word));
  }
  word = 0;
  std::memcpy(&word, text.data(), text.size());
  return mix(hash ^ word, kOdd ^ hash_key());
}

}  // namespace

TextTable::TextTable() : slots_(kInitialSlots) {}

std::uint32_t TextTable::insert(std::string_view text) {
  if (last_ < strings_.size() && strings_[last_] == text) return last_;
  const std::uint64_t hash = hash_of(text);
  const std::size_t mask = slots_.size() - 1;
  std::size_t place = hash & mask;
  while (slots_[place].code_plus_one != 0) {
    const Slot& slot = slots_[place];
    if (slot.hash == hash && strings_[slot.code_plus_one - 1] == text) {
      last_ = slot.code_plus_one - 1;
      return last_;
    }
    place = (place + 1) & mask;
  }
  strings_.emplace_back(text);
  slots_[place] = {hash, static_cast<std::uint32_t>(strings_.size())};
  last_ = static_cast<std::uint32_t>(strings_.size() - 1);
  if (strings_.size() * 2 > slots_.size()) grow();
  return last_;
}

void TextTable::grow() {
  std::vector<Slot> larger(slots_.size() * 2);
  const std::size_t mask = larger.size() - 1;
  for (const Slot& slot : slots_) {
    if (slot.code_plus_one == 0) continue;
    std::size_t place = slot.hash & mask;
    while (larger[place].code_plus_one != 0) place = (place + 1) & mask;
    larger[place] = slot;
  }
  slots_ = std::move(larger);
}

Dictionary TextTable::take() {
  slots_.assign(kInitialSlots, {});
  return std::exchange(strings_, {});
}

}  // namespace clairscore
