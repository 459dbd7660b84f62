// An ensemble and rows made of any bytes: the engine must give the bits of the scores that the
// plain walk gives, and every explainer the same contributions, which add up to the score.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/tree_engine.h"
#include "frame/column.h"
#include "model/tree_ensemble.h"
#include "model/tree_explainer.h"
#include "model/walking_explainer.h"

using namespace clairscore;

namespace {

/// The input's bytes one after the other, then zeros.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  std::size_t below(std::size_t limit) { return next() % limit; }
  bool flag() { return below(2) != 0; }
  bool ended() const { return at_ >= size_; }
  double value() {
    constexpr double kOdd[] = {std::numeric_limits<double>::quiet_NaN(),
                               std::numeric_limits<double>::infinity(),
                               -std::numeric_limits<double>::infinity(),
                               -0.0,
                               1e-310,
                               1e300};
    const std::size_t which = next();
    return which < std::size(kOdd) ? kOdd[which] : (static_cast<double>(which) - 128) / 8;
  }

 private:
  std::uint8_t next() { return at_ < size_ ? data_[at_++] : std::uint8_t{0}; }
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

Tree grow(Bytes& bytes, TreeEnsemble::Parts& parts) {
  constexpr std::size_t kMostNodes = 63;
  Tree tree(1);
  tree[0].cover = 1024;
  for (std::size_t at = 0; at < tree.size(); ++at) {
    const double cover = tree[at].cover;
    if (tree.size() + 2 > kMostNodes || bytes.ended() || bytes.below(4) == 0) {
      tree[at].value = static_cast<double>(bytes.below(256)) / 16 - 8;
      continue;
    }
    TreeNode node;
    node.cover = cover;
    node.kind = bytes.below(3) == 0 ? TreeNode::Kind::kCategorical : TreeNode::Kind::kNumeric;
    node.feature = static_cast<std::uint32_t>(bytes.below(parts.features));
    node.missing_goes_left = bytes.flag();
    node.threshold = bytes.value();
    if (std::isnan(node.threshold)) node.threshold = 0;
    if (node.kind == TreeNode::Kind::kCategorical) {
      node.category_set = static_cast<std::uint32_t>(parts.category_sets.size());
      CategorySet& set = parts.category_sets.emplace_back();
      for (std::size_t i = bytes.below(4); i > 0; --i) {
        set.insert(static_cast<std::uint8_t>(bytes.below(16)));
      }
    }
    node.left = static_cast<std::uint32_t>(tree.size());
    node.right = node.left + 1;
    const double share = static_cast<double>(bytes.below(15) + 1) / 16;
    tree[at] = node;
    tree.resize(tree.size() + 2);
    tree[node.left].cover = cover * share;
    tree[node.right].cover = cover * (1 - share);
  }
  return tree;
}

void require(bool holds) {
  if (!holds) std::abort();
}

bool near(double a, double b) {
  return std::fabs(a - b) <= 1e-9;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  TreeEnsemble::Parts parts;
  parts.features = bytes.below(6) + 1;
  const std::size_t outputs = bytes.below(3) + 1;
  for (std::size_t k = 0; k < outputs; ++k) {
    parts.baseline.push_back(static_cast<double>(bytes.below(16)) - 8);
  }
  parts.known_categories.resize(parts.features);
  for (CategorySet& known : parts.known_categories) {
    for (std::size_t i = bytes.below(5); i > 0; --i) {
      known.insert(static_cast<std::uint8_t>(bytes.below(16)));
    }
  }
  const std::size_t trees = (bytes.below(4) + 1) * outputs;
  for (std::size_t t = 0; t < trees; ++t) parts.trees.push_back(grow(bytes, parts));
  auto built = TreeEnsemble::build(std::move(parts));
  require(built.has_value());
  const auto ensemble = std::make_shared<const TreeEnsemble>(std::move(*built));
  const std::size_t features = ensemble->features();

  const std::size_t rows = bytes.below(20) + 1;  // fewer than eight go one by one
  std::vector<Column> columns;
  for (std::size_t f = 0; f < features; ++f) {
    std::vector<double> cells(rows);
    for (double& cell : cells) cell = bytes.value();
    columns.push_back(Column::of_doubles(std::to_string(f), std::move(cells)));
  }
  std::vector<const Column*> opened;
  for (const Column& column : columns) opened.push_back(&column);

  const TreeExplainer keeping(ensemble);
  const WalkingExplainer walking(ensemble);
  std::vector<CellRule> rules(features);
  for (std::size_t f = 0; f < features; ++f) rules[f].input = f;
  const RowEnginePtr engine = make_tree_engine(ensemble, rules, keeping.base_values());
  require(engine != nullptr);
  const auto coded = engine->open(opened, rows);
  require(coded != nullptr);
  std::vector<double> scores(rows * outputs);
  std::vector<double> contributions(rows * outputs * features);
  require(engine->raw_scores(*coded, 0, rows, scores.data()));
  require(engine->path_dependent(1).explain(*coded, 0, rows, contributions.data()));

  std::vector<double> row(features);
  std::vector<double> raw(outputs);
  std::vector<double> kept(outputs * features);
  std::vector<double> walked(outputs * features);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t f = 0; f < features; ++f) row[f] = columns[f].doubles()[r];
    ensemble->raw_score(row, raw);
    keeping.explain(row, kept);
    walking.explain(row, walked);
    for (std::size_t k = 0; k < outputs; ++k) {
      require(scores[r * outputs + k] == raw[k]);
      require(near(keeping.base_values()[k], walking.base_values()[k]));
      double sum = keeping.base_values()[k];
      for (std::size_t f = 0; f < features; ++f) {
        const std::size_t at = k * features + f;
        require(near(kept[at], walked[at]));
        require(near(kept[at], contributions[r * outputs * features + at]));
        sum += kept[at];
      }
      require(near(sum, raw[k]));
    }
  }
  return 0;
}
