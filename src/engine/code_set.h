#pragma once

// A set of row codes 0..255: which codes of a column a node sends left.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace clairscore {

class CodeSet {
 public:
  static constexpr std::size_t kCodes = 256;

  static CodeSet all() {
    CodeSet set;
    set.words_.fill(~std::uint64_t{0});
    return set;
  }
  bool contains(std::size_t code) const { return ((words_[code / 64] >> (code % 64)) & 1U) != 0; }
  void insert(std::size_t code) { words_[code / 64] |= std::uint64_t{1} << (code % 64); }
  /// Every code of [first, last].
  void insert_range(std::size_t first, std::size_t last) {
    for (std::size_t code = first; code <= last; ++code) insert(code);
  }
  CodeSet operator~() const {
    CodeSet set;
    for (std::size_t w = 0; w < words_.size(); ++w) set.words_[w] = ~words_[w];
    return set;
  }
  CodeSet operator&(const CodeSet& other) const {
    CodeSet set;
    for (std::size_t w = 0; w < words_.size(); ++w) set.words_[w] = words_[w] & other.words_[w];
    return set;
  }
  bool empty() const { return (words_[0] | words_[1] | words_[2] | words_[3]) == 0; }
  bool operator==(const CodeSet&) const = default;
  bool operator<(const CodeSet& other) const { return words_ < other.words_; }

 private:
  std::array<std::uint64_t, kCodes / 64> words_{};
};

}  // namespace clairscore
