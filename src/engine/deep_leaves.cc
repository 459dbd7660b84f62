#include "engine/deep_leaves.h"

#include <algorithm>
#include <bit>
#include <map>
#include <unordered_map>
#include <utility>

#include "engine/block_memory.h"
#include "engine/leaf_tables.h"
#include "model/quadrature.h"

namespace clairscore {

namespace {

using Word = std::uint64_t;
constexpr std::size_t kWordBits = 64;

/// Which features of a leaf lead each row on, a bit each: rows times words.
struct Patterns {
  std::size_t words = 1;
  std::vector<Word> bits;

  std::span<const Word> of(std::size_t row) const { return {&bits[row * words], words}; }
};

std::vector<Word> every_feature(std::size_t features) {
  std::vector<Word> every((features + kWordBits - 1) / kWordBits);
  for (std::size_t i = 0; i < features; ++i) every[i / kWordBits] |= Word{1} << (i % kWordBits);
  return every;
}

Patterns patterns_of(const UnitPlan::DeepLeaf& leaf, const CodeBlock& block, std::size_t rows) {
  const std::vector<Word> every = every_feature(leaf.features.size());
  Patterns patterns;
  patterns.words = every.size();
  patterns.bits.reserve(rows * patterns.words);
  for (std::size_t r = 0; r < rows; ++r) {
    patterns.bits.insert(patterns.bits.end(), every.begin(), every.end());
  }
  for (const UnitPlan::DeepTest& test : leaf.tests) {
    const std::uint8_t* codes = block.codes + test.column * block.stride;
    Word* word = &patterns.bits[test.slot / kWordBits];
    const Word bit = Word{1} << (test.slot % kWordBits);
    for (std::size_t r = 0; r < rows; ++r) {
      word[r * patterns.words] &= test.leads_on.contains(codes[r]) ? ~Word{0} : ~bit;
    }
  }
  return patterns;
}

/// The distinct patterns of some rows, and which of them each row has: rows that few leaves part
/// share most of theirs.
struct Distinct {
  std::vector<std::size_t> example;  // a row of each
  std::vector<std::size_t> of_row;
};

Distinct distinct(const Patterns& patterns, std::size_t rows) {
  Distinct found;
  found.of_row.resize(rows);
  if (patterns.words == 1) {
    std::unordered_map<Word, std::size_t> known;
    for (std::size_t r = 0; r < rows; ++r) {
      const auto [entry, added] = known.emplace(patterns.bits[r], found.example.size());
      if (added) found.example.push_back(r);
      found.of_row[r] = entry->second;
    }
    return found;
  }
  std::map<std::vector<Word>, std::size_t> known;
  for (std::size_t r = 0; r < rows; ++r) {
    const auto bits = patterns.of(r);
    const auto [entry, added] =
        known.emplace(std::vector<Word>(bits.begin(), bits.end()), found.example.size());
    if (added) found.example.push_back(r);
    found.of_row[r] = entry->second;
  }
  return found;
}

bool has(std::span<const Word> pattern, std::size_t slot) {
  return ((pattern[slot / kWordBits] >> (slot % kWordBits)) & 1U) != 0;
}

/// A leaf's contributions are worked out once for each distinct pattern of a block's rows.
class Interventional final : public DeepLeaves {
 public:
  Interventional(const UnitPlan& plan, const CodeBlock& background, std::size_t rows)
      : DeepLeaves(plan) {
    for (const UnitPlan::DeepLeaf& leaf : plan.deep_leaves) {
      const Patterns patterns = patterns_of(leaf, background, rows);
      const Distinct found = distinct(patterns, rows);
      Background& counted = background_.emplace_back();
      counted.patterns.words = patterns.words;
      counted.shares.resize(found.example.size());
      for (const std::size_t row : found.example) {
        const auto bits = patterns.of(row);
        counted.patterns.bits.insert(counted.patterns.bits.end(), bits.begin(), bits.end());
      }
      for (const std::size_t p : found.of_row) counted.shares[p] += 1;
      for (double& share : counted.shares) share /= static_cast<double>(rows);
      weights_.resize(std::max(weights_.size(), leaf.features.size() + 1));
    }
    for (std::size_t s = 0; s < weights_.size(); ++s) {
      for (std::size_t t = 0; t < weights_.size(); ++t) {
        weights_[s].push_back(s == 0 ? 0 : interventional_weight(s, t));
      }
    }
  }

  void add(std::size_t k, const CodeBlock& block, std::size_t rows, const std::uint32_t* column_of,
           double* sums, std::size_t sum_stride, const Kernels& /*kernels*/) const override {
    each(k, block, rows, [&](std::uint32_t feature, std::size_t row) -> double& {
      return sums[column_of[feature] * sum_stride + row];
    });
  }

  void add_row(std::size_t k, const std::uint8_t* codes, double* out,
               const Kernels& /*kernels*/) const override {
    each(k, {codes, 1}, 1,
         [&](std::uint32_t feature, std::size_t) -> double& { return out[feature]; });
  }

  void add_base_values(std::span<double> base_values) const override {
    for (std::size_t l = 0; l < plan_.deep_leaves.size(); ++l) {
      const UnitPlan::DeepLeaf& leaf = plan_.deep_leaves[l];
      const Background& background = background_[l];
      for (std::size_t q = 0; q < background.shares.size(); ++q) {
        std::size_t leading = 0;
        for (const Word word : background.patterns.of(q)) {
          leading += static_cast<std::size_t>(std::popcount(word));
        }
        if (leading == leaf.features.size()) {
          base_values[leaf.output] += leaf.value * background.shares[q];
        }
      }
    }
  }

 private:
  template <typename SumOf>
  void each(std::size_t k, const CodeBlock& block, std::size_t rows, SumOf sum_of) const {
    std::vector<double> contributions;
    for (std::size_t l = 0; l < plan_.deep_leaves.size(); ++l) {
      const UnitPlan::DeepLeaf& leaf = plan_.deep_leaves[l];
      if (leaf.output != k) continue;
      const Patterns patterns = patterns_of(leaf, block, rows);
      const Distinct found = distinct(patterns, rows);
      const std::size_t count = found.example.size();
      contributions.assign(leaf.features.size() * count, 0);
      contribute(l, patterns, found.example, contributions.data());
      for (std::size_t s = 0; s < leaf.features.size(); ++s) {
        const double* of_slot = &contributions[s * count];
        for (std::size_t r = 0; r < rows; ++r) {
          sum_of(leaf.features[s].feature, r) += of_slot[found.of_row[r]];
        }
      }
    }
  }

  /// out[slot * rows.size() + p] for the patterns of these rows.
  void contribute(std::size_t l, const Patterns& patterns, std::span<const std::size_t> rows,
                  double* out) const {
    const UnitPlan::DeepLeaf& leaf = plan_.deep_leaves[l];
    const std::size_t slots = leaf.features.size();
    const std::vector<Word> all = every_feature(slots);
    const Background& background = background_[l];
    for (std::size_t p = 0; p < rows.size(); ++p) {
      const auto own = patterns.of(rows[p]);
      for (std::size_t q = 0; q < background.shares.size(); ++q) {
        const auto other = background.patterns.of(q);
        bool meet = true;
        for (std::size_t w = 0; w < own.size(); ++w) meet &= (own[w] | other[w]) == all[w];
        if (!meet) continue;
        std::size_t alone = 0;
        std::size_t lacking = 0;
        for (std::size_t w = 0; w < own.size(); ++w) {
          alone += static_cast<std::size_t>(std::popcount(own[w] & ~other[w]));
          lacking += static_cast<std::size_t>(std::popcount(other[w] & ~own[w]));
        }
        const double worth = leaf.value * background.shares[q];
        const double won = worth * weights_[alone][lacking];
        const double lost = worth * weights_[lacking][alone];
        for (std::size_t s = 0; s < slots; ++s) {
          const bool here = has(own, s);
          const bool there = has(other, s);
          if (here && !there) out[s * rows.size() + p] += won;
          if (there && !here) out[s * rows.size() + p] -= lost;
        }
      }
    }
  }

  /// The distinct patterns of the background and the share of its rows that have each.
  struct Background {
    Patterns patterns;
    std::vector<double> shares;
  };
  std::vector<Background> background_;        // by leaf
  std::vector<std::vector<double>> weights_;  // [s][t]; zero for s = 0
};

}  // namespace

std::unique_ptr<const DeepLeaves> DeepLeaves::interventional(const UnitPlan& plan,
                                                             const CodeBlock& background,
                                                             std::size_t rows) {
  return std::make_unique<const Interventional>(plan, background, rows);
}

}  // namespace clairscore
