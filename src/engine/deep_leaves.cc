#include "engine/deep_leaves.h"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

#include "engine/block_memory.h"
#include "engine/leaf_tables.h"
#include "model/quadrature.h"

namespace clairscore {

namespace {

/// Which features of a leaf lead a row on: a bit each.
using Pattern = std::vector<std::uint64_t>;

Pattern pattern_of(const UnitPlan::DeepLeaf& leaf, const std::uint8_t* codes, std::size_t stride,
                   std::size_t row) {
  const std::size_t count = leaf.features.size();
  Pattern pattern((count + 63) / 64);
  for (std::size_t i = 0; i < count; ++i) pattern[i / 64] |= std::uint64_t{1} << (i % 64);
  for (const UnitPlan::DeepTest& test : leaf.tests) {
    if (!test.leads_on.contains(codes[test.column * stride + row])) {
      pattern[test.slot / 64] &= ~(std::uint64_t{1} << (test.slot % 64));
    }
  }
  return pattern;
}

class PathDependent final : public DeepLeaves {
 public:
  explicit PathDependent(const UnitPlan& plan) : DeepLeaves(plan) {
    for (const UnitPlan::DeepLeaf& leaf : plan.deep_leaves) {
      std::vector<double>& covers = covers_.emplace_back();
      for (const auto& entry : leaf.features) covers.push_back(entry.cover);
      const std::size_t points = (leaf.features.size() + 1) / 2;
      while (rules_.size() <= points) rules_.push_back(gauss_legendre(rules_.size()));
    }
  }

  void add(std::size_t k, const CodeBlock& block, std::size_t rows, const std::uint32_t* column_of,
           double* sums, std::size_t sum_stride, const Kernels& kernels) const override {
    for (std::size_t l = 0; l < plan_.deep_leaves.size(); ++l) {
      const UnitPlan::DeepLeaf& leaf = plan_.deep_leaves[l];
      if (leaf.output != k) continue;
      for (std::size_t first = 0; first < rows; first += kRowStep) {
        const double* contributions =
            integrate(l, block.codes + first, block.stride, kRowStep, kernels);
        for (std::size_t s = 0; s < leaf.features.size(); ++s) {
          double* sum = sums + column_of[leaf.features[s].feature] * sum_stride + first;
          for (std::size_t r = 0; r < kRowStep; ++r) sum[r] += contributions[s * kRowStep + r];
        }
      }
    }
  }

  void add_row(std::size_t k, const std::uint8_t* codes, double* out,
               const Kernels& kernels) const override {
    for (std::size_t l = 0; l < plan_.deep_leaves.size(); ++l) {
      const UnitPlan::DeepLeaf& leaf = plan_.deep_leaves[l];
      if (leaf.output != k) continue;
      const double* contributions = integrate(l, codes, 1, 1, kernels);
      for (std::size_t s = 0; s < leaf.features.size(); ++s) {
        out[leaf.features[s].feature] += contributions[s];
      }
    }
  }

 private:
  /// [slot][row] of `rows` rows.
  const double* integrate(std::size_t l, const std::uint8_t* codes, std::size_t stride,
                          std::size_t rows, const Kernels& kernels) const {
    const UnitPlan::DeepLeaf& leaf = plan_.deep_leaves[l];
    const std::size_t slots = leaf.features.size();
    double* present = BlockMemory::of_this_thread().doubles(1, (4 * slots + 2) * rows);
    double* contributions = present + slots * rows;
    std::fill_n(present, slots * rows, 1.0);
    for (const UnitPlan::DeepTest& test : leaf.tests) {
      const std::uint8_t* column = codes + test.column * stride;
      double* row_present = present + test.slot * rows;
      for (std::size_t r = 0; r < rows; ++r) {
        row_present[r] = test.leads_on.contains(column[r]) ? row_present[r] : 0;
      }
    }
    const Quadrature& rule = rules_[(slots + 1) / 2];
    kernels.deep_leaf({leaf.value, slots, rows, covers_[l].data(), present, rule.points.data(),
                       rule.weights.data(), rule.points.size(), contributions + slots * rows,
                       contributions});
    return contributions;
  }

  std::vector<std::vector<double>> covers_;  // by leaf
  std::vector<Quadrature> rules_;            // by number of points
};

class Interventional final : public DeepLeaves {
 public:
  Interventional(const UnitPlan& plan, const std::uint8_t* codes, std::size_t stride,
                 std::size_t rows)
      : DeepLeaves(plan) {
    for (const UnitPlan::DeepLeaf& leaf : plan.deep_leaves) {
      std::map<Pattern, std::size_t> counts;
      for (std::size_t r = 0; r < rows; ++r) ++counts[pattern_of(leaf, codes, stride, r)];
      auto& shares = shares_.emplace_back();
      for (auto& [pattern, count] : counts) {
        shares.emplace_back(pattern, static_cast<double>(count) / static_cast<double>(rows));
      }
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
    for (std::size_t r = 0; r < rows; ++r) {
      add_one(k, block.codes, block.stride, r, [&](std::uint32_t feature) -> double& {
        return sums[column_of[feature] * sum_stride + r];
      });
    }
  }

  void add_row(std::size_t k, const std::uint8_t* codes, double* out,
               const Kernels& /*kernels*/) const override {
    add_one(k, codes, 1, 0, [&](std::uint32_t feature) -> double& { return out[feature]; });
  }

  void add_base_values(std::span<double> base_values) const override {
    for (std::size_t l = 0; l < plan_.deep_leaves.size(); ++l) {
      const UnitPlan::DeepLeaf& leaf = plan_.deep_leaves[l];
      for (const auto& [pattern, share] : shares_[l]) {
        std::size_t leading = 0;
        for (const std::uint64_t word : pattern) {
          leading += static_cast<std::size_t>(std::popcount(word));
        }
        if (leading == leaf.features.size()) base_values[leaf.output] += leaf.value * share;
      }
    }
  }

 private:
  template <typename SumOf>
  void add_one(std::size_t k, const std::uint8_t* codes, std::size_t stride, std::size_t row,
               SumOf sum_of) const {
    for (std::size_t l = 0; l < plan_.deep_leaves.size(); ++l) {
      const UnitPlan::DeepLeaf& leaf = plan_.deep_leaves[l];
      if (leaf.output != k) continue;
      const std::size_t slots = leaf.features.size();
      const Pattern own = pattern_of(leaf, codes, stride, row);
      for (const auto& [other, share] : shares_[l]) {
        std::size_t either = 0;
        std::size_t alone = 0;
        std::size_t lacking = 0;
        for (std::size_t w = 0; w < own.size(); ++w) {
          either += static_cast<std::size_t>(std::popcount(own[w] | other[w]));
          alone += static_cast<std::size_t>(std::popcount(own[w] & ~other[w]));
          lacking += static_cast<std::size_t>(std::popcount(other[w] & ~own[w]));
        }
        if (either != slots) continue;
        const double won = leaf.value * share * weights_[alone][lacking];
        const double lost = leaf.value * share * weights_[lacking][alone];
        for (std::size_t s = 0; s < slots; ++s) {
          const bool here = ((own[s / 64] >> (s % 64)) & 1U) != 0;
          const bool there = ((other[s / 64] >> (s % 64)) & 1U) != 0;
          if (here && !there) sum_of(leaf.features[s].feature) += won;
          if (there && !here) sum_of(leaf.features[s].feature) -= lost;
        }
      }
    }
  }

  std::vector<std::vector<std::pair<Pattern, double>>> shares_;  // by leaf
  std::vector<std::vector<double>> weights_;                     // [s][t]; nothing for s = 0
};

}  // namespace

std::unique_ptr<const DeepLeaves> DeepLeaves::path_dependent(const UnitPlan& plan) {
  return std::make_unique<const PathDependent>(plan);
}

std::unique_ptr<const DeepLeaves> DeepLeaves::interventional(const UnitPlan& plan,
                                                             const std::uint8_t* codes,
                                                             std::size_t stride, std::size_t rows) {
  return std::make_unique<const Interventional>(plan, codes, stride, rows);
}

}  // namespace clairscore
