#include "engine/deep_pairs.h"

#include <utility>

namespace clairscore {

void DeepPairs::add_leaf(UnitPlan::DeepLeaf leaf, std::vector<std::uint32_t> pairs) {
  // The others are one feature less than for contributions: one degree less, too.
  const std::size_t points = leaf.features.size() / 2;
  while (rules_.size() <= points) rules_.push_back(gauss_legendre(rules_.size()));
  leaves_.push_back({std::move(leaf), std::move(pairs)});
}

void DeepPairs::add(std::size_t k, const CodeBlock& block, std::size_t rows, double* out,
                    std::size_t out_stride) const {
  std::vector<double> present;
  std::vector<double> shares;   // [slot][point]: (p - c) / factor
  std::vector<double> product;  // [point]
  std::vector<double> first;    // [point]
  for (const auto& [leaf, pairs] : leaves_) {
    if (leaf.output != k) continue;
    const std::size_t slots = leaf.features.size();
    const Quadrature& rule = rules_[slots / 2];
    const std::size_t points = rule.points.size();
    present.resize(slots);
    shares.resize(slots * points);
    first.resize(points);
    for (std::size_t r = 0; r < rows; ++r) {
      present.assign(slots, 1);
      for (const UnitPlan::DeepTest& test : leaf.tests) {
        if (!test.leads_on.contains(block.codes[test.column * block.stride + r])) {
          present[test.slot] = 0;
        }
      }
      product.assign(points, 0.5 * leaf.value);
      for (std::size_t s = 0; s < slots; ++s) {
        const double cover = leaf.features[s].cover;
        for (std::size_t q = 0; q < points; ++q) {
          const double t = rule.points[q];
          const double factor = t * present[s] + (1 - t) * cover;
          product[q] *= factor;
          shares[s * points + q] = (present[s] - cover) / factor;
        }
      }
      for (std::size_t q = 0; q < points; ++q) product[q] *= rule.weights[q];
      double* values = out + r * out_stride;
      const std::uint32_t* pair = pairs.data();
      for (std::size_t i = 0; i < slots; ++i) {
        for (std::size_t q = 0; q < points; ++q) first[q] = product[q] * shares[i * points + q];
        for (std::size_t j = i + 1; j < slots; ++j) {
          double sum = 0;
          for (std::size_t q = 0; q < points; ++q) sum += first[q] * shares[j * points + q];
          values[*pair++] += sum;
        }
      }
    }
  }
}

}  // namespace clairscore
