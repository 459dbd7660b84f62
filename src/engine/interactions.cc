#include "engine/interactions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "base/parallel.h"
#include "engine/block_memory.h"
#include "model/quadrature.h"

namespace clairscore {

namespace {

using Kind = TreeNode::Kind;

/// Table rows are several lines long here: fewer states a unit keep them in the caches.
constexpr std::size_t kMostStates = 128;
constexpr std::size_t kUnitsAtATime = 16;

/// The half of a leaf's interaction of features i and j whose others have the factors given.
double integrate_pair(double value, std::span<const double> covers, std::span<const double> present,
                      std::size_t i, std::size_t j, const Quadrature& rule) {
  double integral = 0;
  for (std::size_t q = 0; q < rule.points.size(); ++q) {
    const double t = rule.points[q];
    double product = rule.weights[q];
    for (std::size_t g = 0; g < covers.size(); ++g) {
      if (g != i && g != j) product *= t * present[g] + (1 - t) * covers[g];
    }
    integral += product;
  }
  return 0.5 * value * (present[i] - covers[i]) * (present[j] - covers[j]) * integral;
}

}  // namespace

FeaturePairs interacting_features(const TreeEnsemble& ensemble) {
  std::set<std::pair<std::size_t, std::size_t>> pairs;
  struct Open {
    std::uint32_t node;
    std::size_t depth;
    std::size_t arrived_by;
  };
  for (const Tree& tree : ensemble.trees()) {
    std::vector<Open> open{{0, 0, 0}};
    std::vector<std::size_t> path;
    while (!open.empty()) {
      const Open now = open.back();
      open.pop_back();
      path.resize(now.depth > 0 ? now.depth - 1 : 0);
      if (now.depth > 0) path.push_back(now.arrived_by);
      const TreeNode& node = tree[now.node];
      if (node.kind == Kind::kLeaf) continue;
      const std::size_t feature = node.feature;
      for (const std::size_t above : path) {
        if (above != feature) pairs.insert(std::minmax(above, feature));
      }
      open.push_back({node.right, now.depth + 1, feature});
      open.push_back({node.left, now.depth + 1, feature});
    }
  }
  return {pairs.begin(), pairs.end()};
}

std::size_t InteractionExplainer::pair_index(std::size_t a, std::size_t b) const {
  const std::pair<std::size_t, std::size_t> pair = std::minmax(a, b);
  return static_cast<std::size_t>(std::lower_bound(pairs_.begin(), pairs_.end(), pair) -
                                  pairs_.begin());
}

InteractionExplainer::InteractionExplainer(const TreeEnsemble& ensemble, const RowEncoder& encoder,
                                           std::size_t threads)
    : ensemble_(&ensemble),
      encoder_(&encoder),
      plan_(UnitPlan::build(ensemble, encoder, kMostStates)),
      pairs_(interacting_features(ensemble)) {
  // The pairs of each unit, as its leaves have them.
  std::size_t values = 0;
  std::vector<std::vector<std::uint32_t>> unit_pairs(plan_.units.size());
  for (std::size_t u = 0; u < plan_.units.size(); ++u) {
    const UnitPlan::Unit& unit = plan_.units[u];
    std::vector<std::uint32_t>& own = unit_pairs[u];
    for (std::uint32_t l = unit.first_leaf; l < unit.first_leaf + unit.leaf_count; ++l) {
      const UnitPlan::Leaf& leaf = plan_.leaves[l];
      const auto* features = &plan_.leaf_features[leaf.first_feature];
      for (std::uint32_t i = 0; i < leaf.feature_count; ++i) {
        for (std::uint32_t j = i + 1; j < leaf.feature_count; ++j) {
          own.push_back(
              static_cast<std::uint32_t>(pair_index(features[i].feature, features[j].feature)));
        }
      }
    }
    std::sort(own.begin(), own.end());
    own.erase(std::unique(own.begin(), own.end()), own.end());
    std::vector<Line>& lines = lines_.emplace_back();
    for (std::size_t i = 0; i < own.size(); i += kTableRow) {
      const std::size_t end = std::min(own.size(), i + kTableRow);
      lines.push_back({{own.begin() + static_cast<std::ptrdiff_t>(i),
                        own.begin() + static_cast<std::ptrdiff_t>(end)}});
    }
    first_value_.push_back(values);
    values += unit.states * lines.size() * kTableRow;
  }
  values_.resize(values);
  std::vector<Quadrature> rules;
  for (std::size_t n = 0; n <= UnitPlan::kMostFeatures / 2; ++n) rules.push_back(gauss_legendre(n));

  parallel_blocks(
      plan_.units.size(), kUnitsAtATime, threads, [&](std::size_t begin, std::size_t end) {
        std::array<std::uint8_t, UnitPlan::kMostStates> patterns;
        std::vector<double> of_leaf;
        for (std::size_t u = begin; u < end; ++u) {
          const UnitPlan::Unit& unit = plan_.units[u];
          const std::vector<std::uint32_t>& own = unit_pairs[u];
          const std::size_t stride = lines_[u].size() * kTableRow;
          double* table = values_.data() + first_value_[u];
          for (std::uint32_t l = unit.first_leaf; l < unit.first_leaf + unit.leaf_count; ++l) {
            const UnitPlan::Leaf& leaf = plan_.leaves[l];
            const std::size_t count = leaf.feature_count;
            if (count < 2) continue;
            const auto features = std::span(plan_.leaf_features).subspan(leaf.first_feature, count);
            std::array<double, UnitPlan::kMostFeatures> covers;
            for (std::size_t i = 0; i < count; ++i) covers[i] = features[i].cover;
            plan_.patterns(unit, leaf, patterns);
            of_leaf.assign(std::size_t{1} << count, 0);
            // The others are one feature less than for contributions: one degree less, too.
            const Quadrature& rule = rules[count / 2];
            for (std::size_t i = 0; i < count; ++i) {
              for (std::size_t j = i + 1; j < count; ++j) {
                for (std::size_t p = 0; p < of_leaf.size(); ++p) {
                  std::array<double, UnitPlan::kMostFeatures> present;
                  for (std::size_t g = 0; g < count; ++g) present[g] = ((p >> g) & 1U) != 0 ? 1 : 0;
                  of_leaf[p] = integrate_pair(leaf.value, std::span(covers).first(count),
                                              std::span(present).first(count), i, j, rule);
                }
                const auto pair = static_cast<std::uint32_t>(
                    pair_index(features[i].feature, features[j].feature));
                const auto place = static_cast<std::size_t>(
                    std::lower_bound(own.begin(), own.end(), pair) - own.begin());
                for (std::size_t state = 0; state < unit.states; ++state) {
                  table[state * stride + place] += of_leaf[patterns[state]];
                }
              }
            }
          }
        }
      });
}

void InteractionExplainer::add_deep_leaves(std::size_t k, const std::uint8_t* codes,
                                           std::size_t rows, double* sums) const {
  for (const UnitPlan::DeepLeaf& leaf : plan_.deep_leaves) {
    if (leaf.output != k) continue;
    const std::size_t count = leaf.features.size();
    if (count < 2) continue;
    const Quadrature rule = gauss_legendre(count / 2);
    std::vector<double> covers;
    covers.reserve(count);
    for (const auto& entry : leaf.features) covers.push_back(entry.cover);
    std::vector<double> present(count);
    for (std::size_t r = 0; r < rows; ++r) {
      std::fill(present.begin(), present.end(), 1.0);
      for (const UnitPlan::DeepTest& test : leaf.tests) {
        if (!test.leads_on.contains(codes[test.column * kBlockRows + r])) present[test.slot] = 0;
      }
      for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = i + 1; j < count; ++j) {
          const std::size_t pair = pair_index(leaf.features[i].feature, leaf.features[j].feature);
          sums[pair * kBlockRows + r] += integrate_pair(leaf.value, covers, present, i, j, rule);
        }
      }
    }
  }
}

bool InteractionExplainer::explain(const RowEncoder::Rows& rows, std::size_t begin,
                                   std::size_t count, double* out, const Kernels& kernels) const {
  const std::size_t outputs = ensemble_->outputs();
  const std::size_t width = pairs_.size();
  BlockMemory& memory = BlockMemory::of_this_thread();
  std::uint8_t* codes = memory.bytes(0, encoder_->columns() * kBlockRows);
  std::uint8_t* indexes = memory.bytes(1, kBlockRows);
  double* sums = memory.doubles(0, width * kBlockRows);
  std::vector<const double*> columns(width);
  for (std::size_t p = 0; p < width; ++p) columns[p] = sums + p * kBlockRows;
  for (std::size_t done = 0; done < count; done += kBlockRows) {
    const std::size_t block = std::min(kBlockRows, count - done);
    const std::size_t padded = (block + kRowStep - 1) / kRowStep * kRowStep;
    if (!encoder_->encode(rows, begin + done, block, codes, kBlockRows, kernels)) return false;
    for (std::size_t c = 0; block < padded && c < encoder_->columns(); ++c) {
      std::fill(codes + c * kBlockRows + block, codes + c * kBlockRows + padded, std::uint8_t{0});
    }
    for (std::size_t k = 0; k < outputs; ++k) {
      for (std::size_t p = 0; p < width; ++p) std::fill_n(sums + p * kBlockRows, padded, 0.0);
      for (std::size_t u = 0; u < plan_.units.size(); ++u) {
        const UnitPlan::Unit& unit = plan_.units[u];
        if (unit.output != k || lines_[u].empty()) continue;
        kernels.table_indexes(plan_.steps.data() + unit.first_step, unit.step_count, unit.start,
                              codes, kBlockRows, padded, indexes);
        const std::size_t stride = lines_[u].size() * kTableRow;
        for (std::size_t line = 0; line < lines_[u].size(); ++line) {
          const std::vector<std::uint32_t>& pairs = lines_[u][line].pairs;
          std::array<double*, kTableRow> into{};
          for (std::size_t i = 0; i < pairs.size(); ++i) into[i] = sums + pairs[i] * kBlockRows;
          const double* table = values_.data() + first_value_[u] + line * kTableRow;
          const std::uint8_t* index = indexes;
          kernels.add_table_rows({&table, &index, 1, stride, into.data(), pairs.size()}, padded);
        }
      }
      add_deep_leaves(k, codes, block, sums);
      kernels.write_rows(columns.data(), width, block, out + (done * outputs + k) * width,
                         outputs * width);
    }
  }
  return true;
}

}  // namespace clairscore
