#include "boosters/city_hash.h"

#include <bit>
#include <cstddef>

namespace clairscore {

namespace {

// The multipliers of the description, primes between 2^63 and 2^64, and that of its last step.
constexpr std::uint64_t kPrime0 = 0xc3a5c85c97cb3127;
constexpr std::uint64_t kPrime1 = 0xb492b66fbe98f273;
constexpr std::uint64_t kPrime2 = 0x9ae16a3b2f90404f;
constexpr std::uint64_t kPrime3 = 0xc949d7c7509e6557;
constexpr std::uint64_t kJoin = 0x9ddfea08eb382d69;

constexpr std::size_t kBlock = 64;

/// Unsigned words of a text, little-endian, counted from its begin or back from its end.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  std::uint64_t size() const { return text_.size(); }
  std::uint64_t byte(std::size_t at) const { return static_cast<unsigned char>(text_[at]); }
  std::uint64_t at(std::size_t first, std::size_t width = 8) const {
    std::uint64_t word = 0;
    for (std::size_t i = width; i-- > 0;) word = word << 8U | byte(first + i);
    return word;
  }
  std::uint64_t back(std::size_t distance, std::size_t width = 8) const {
    return at(text_.size() - distance, width);
  }

 private:
  std::string_view text_;
};

std::uint64_t fold(std::uint64_t x) {
  return x ^ (x >> 47U);
}

std::uint64_t join(std::uint64_t low, std::uint64_t high) {
  const std::uint64_t mixed = fold((low ^ high) * kJoin);
  return fold((high ^ mixed) * kJoin) * kJoin;
}

/// Two words that are carried along.
struct Pair {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

/// Four words of the text, from `at`, and two others.
Pair mix_four(const Words& words, std::size_t at, Pair seed) {
  const std::uint64_t begin = seed.first + words.at(at);
  const std::uint64_t sum = begin + words.at(at + 8) + words.at(at + 16);
  const std::uint64_t last = words.at(at + 24);
  return {sum + last, std::rotr(seed.second + begin + last, 21) + std::rotr(sum, 44) + begin};
}

/// Three words, turned by several amounts, and a fourth.
Pair mix_half(std::uint64_t begin, std::uint64_t second, std::uint64_t third, std::uint64_t last) {
  const std::uint64_t two = begin + second;
  const std::uint64_t three = two + third;
  return {three + last, std::rotr(begin + last, 52) + std::rotr(three, 31) + std::rotr(begin, 37) +
                            std::rotr(two, 7)};
}

std::uint64_t up_to_16(const Words& words) {
  const std::uint64_t size = words.size();
  if (size > 8) {
    const std::uint64_t end = words.back(8);
    return join(words.at(0), std::rotr(end + size, static_cast<int>(size))) ^ end;
  }
  if (size >= 4) return join(size + (words.at(0, 4) << 3U), words.back(4, 4));
  if (size == 0) return kPrime2;
  const std::uint64_t front = words.byte(0) + (words.byte(size / 2) << 8U);
  const std::uint64_t back = size + (words.byte(size - 1) << 2U);
  return fold(front * kPrime2 ^ back * kPrime3) * kPrime2;
}

std::uint64_t up_to_32(const Words& words) {
  const std::uint64_t a = words.at(0) * kPrime1;
  const std::uint64_t b = words.at(8);
  const std::uint64_t c = words.back(8) * kPrime2;
  return join(std::rotr(a - b, 43) + std::rotr(c, 30) + words.back(16) * kPrime0,
              a + std::rotr(b ^ kPrime3, 20) - c + words.size());
}

std::uint64_t up_to_64(const Words& words) {
  const Pair front = mix_half(words.at(0) + (words.size() + words.back(16)) * kPrime0, words.at(8),
                              words.at(16), words.at(24));
  const Pair back =
      mix_half(words.at(16) + words.back(32), words.back(24), words.back(16), words.back(8));
  const std::uint64_t both =
      fold((front.first + back.second) * kPrime2 + (back.first + front.second) * kPrime0);
  return fold(both * kPrime0 + front.second) * kPrime2;
}

std::uint64_t of_blocks(const Words& words) {
  const std::uint64_t size = words.size();
  std::uint64_t y = words.back(16) ^ kPrime1;
  std::uint64_t z = words.back(56) ^ kPrime0;
  Pair v = mix_four(words, size - 64, {size, y});
  Pair w = mix_four(words, size - 32, {size * kPrime1, kPrime0});
  z += fold(v.second) * kPrime1;
  std::uint64_t x = std::rotr(z + words.at(0), 39) * kPrime1;
  y = std::rotr(y, 33) * kPrime1;
  // Whole blocks; what is left, or the last one, went in at the beginning.
  for (std::size_t at = 0; at + kBlock < size; at += kBlock) {
    const std::uint64_t next_z =
        (std::rotr(x + y + v.first + words.at(at + 16), 37) * kPrime1) ^ w.second;
    y = (std::rotr(y + v.second + words.at(at + 48), 42) * kPrime1) ^ v.first;
    x = std::rotr(z ^ w.first, 33);
    v = mix_four(words, at, {v.second * kPrime1, next_z + w.first});
    w = mix_four(words, at + 32, {x + w.second, y});
    z = next_z;
  }
  return join(join(v.first, w.first) + fold(y) * kPrime1 + z, join(v.second, w.second) + x);
}

}  // namespace

std::uint64_t city_hash(std::string_view text) {
  const Words words(text);
  if (text.size() <= 16) return up_to_16(words);
  if (text.size() <= 32) return up_to_32(words);
  if (text.size() <= 64) return up_to_64(words);
  return of_blocks(words);
}

}  // namespace clairscore
