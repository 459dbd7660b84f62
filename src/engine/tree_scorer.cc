#include "engine/tree_scorer.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "engine/block_memory.h"

namespace clairscore {

namespace {

constexpr std::size_t kMostBlendedLeaves = 256;
/// What add_leaf_values() may read for a tree.
constexpr std::size_t kFewValues = 32;
constexpr std::size_t kManyValues = 256;
constexpr std::size_t kWalks = 8;

/// The codes of a set as ranges of the circle 0, 1, … 255, 0, …
struct Range {
  std::uint8_t first;
  std::uint8_t width;
};

std::vector<Range> ranges_of(const CodeSet& set) {
  std::vector<Range> ranges;
  if (set == CodeSet::all()) return {{0, 255}};
  for (std::size_t code = 0; code < CodeSet::kCodes; ++code) {
    if (!set.contains(code) || set.contains((code + 255) % CodeSet::kCodes)) continue;
    std::size_t width = 0;
    while (set.contains((code + width + 1) % CodeSet::kCodes)) ++width;
    ranges.push_back({static_cast<std::uint8_t>(code), static_cast<std::uint8_t>(width)});
  }
  return ranges;
}

std::vector<std::uint32_t> nodes_children_first(const Tree& tree) {
  std::vector<std::uint32_t> order{0};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const TreeNode& node = tree[order[i]];
    if (node.kind == TreeNode::Kind::kLeaf) continue;
    order.push_back(node.left);
    order.push_back(node.right);
  }
  std::reverse(order.begin(), order.end());
  return order;
}

}  // namespace

/// Writes a tree's blend steps. A child that needs more slots goes first, so that log2(leaves) + 1
/// slots are enough.
struct TreeScorer::Blender {
  TreeScorer& scorer;
  const Tree& tree;
  std::size_t tree_index;
  std::vector<std::uint32_t> slots_needed;  // by node; 0 for leaves
  std::vector<std::uint32_t> leaf_number;   // by node

  Blender(TreeScorer& owner, const Tree& blended, std::size_t index)
      : scorer(owner),
        tree(blended),
        tree_index(index),
        slots_needed(tree.size()),
        leaf_number(tree.size()) {
    for (const std::uint32_t n : nodes_children_first(tree)) {
      const TreeNode& node = tree[n];
      if (node.kind == TreeNode::Kind::kLeaf) {
        leaf_number[n] =
            static_cast<std::uint32_t>(scorer.values_.size());  // first_value is taken off later
        scorer.values_.push_back(node.value);
        continue;
      }
      const std::uint32_t left = slots_needed[node.left];
      const std::uint32_t right = slots_needed[node.right];
      slots_needed[n] = left == right ? left + 1 : std::max(left, right);
    }
  }

  /// Steps for the subtree, its rows' leaves into slot `into`; uses that slot and those after it.
  void write(std::uint32_t n, std::uint32_t into, std::uint32_t first_value) {
    const TreeNode& node = tree[n];
    const bool left_first = slots_needed[node.left] >= slots_needed[node.right];
    std::uint32_t slot_of[2] = {into, into};
    std::uint32_t next = into;
    for (const bool left : {left_first, !left_first}) {
      const std::uint32_t child = left ? node.left : node.right;
      if (slots_needed[child] == 0) continue;
      slot_of[left ? 0 : 1] = next;
      write(child, next, first_value);
      ++next;
    }
    scorer.slots_ = std::max<std::size_t>(scorer.slots_, next + 1);
    const RowEncoder::Test test = scorer.encoder_.test(tree_index, n);
    BlendStep step{};
    step.column = test.column;
    step.into = static_cast<std::uint8_t>(into);
    step.left_is_leaf = slots_needed[node.left] == 0;
    step.right_is_leaf = slots_needed[node.right] == 0;
    const auto operand = [&](std::uint32_t child, bool is_leaf, std::uint32_t slot) {
      return static_cast<std::uint8_t>(is_leaf ? leaf_number[child] - first_value : slot);
    };
    step.left = operand(node.left, step.left_is_leaf, slot_of[0]);
    step.right = operand(node.right, step.right_is_leaf, slot_of[1]);
    const std::vector<Range> ranges = ranges_of(scorer.encoder_.sets()[test.left]);
    if (ranges.empty()) {  // nothing goes left: every code is in the range of the right child
      step.first = 0;
      step.width = 255;
      step.left = step.right;
      step.left_is_leaf = step.right_is_leaf;
      scorer.steps_.push_back(step);
      return;
    }
    // More than one range: the first decides for its codes, the others overrule what is right so
    // far. The left leaf must outlive the first step, which may write into its slot.
    if (ranges.size() > 1 && !step.left_is_leaf && step.left == step.into) {
      step.into = static_cast<std::uint8_t>(next);
      scorer.slots_ = std::max<std::size_t>(scorer.slots_, next + 1U);
    }
    const std::uint8_t scratch = step.into;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      step.first = ranges[i].first;
      step.width = ranges[i].width;
      if (i > 0) {
        step.right = scratch;
        step.right_is_leaf = false;
      }
      if (i + 1 == ranges.size()) step.into = static_cast<std::uint8_t>(into);
      scorer.steps_.push_back(step);
    }
  }
};

TreeScorer::TreeScorer(const TreeEnsemble& ensemble, const RowEncoder& encoder)
    : ensemble_(ensemble), encoder_(encoder), sets_(encoder.sets()) {
  sets_.push_back(CodeSet::all());
  for (std::size_t t = 0; t < ensemble.trees().size(); ++t) {
    const Tree& tree = ensemble.trees()[t];
    ScoredTree scored;
    add_walkers(tree, t, scored);
    scored.leaf_count = static_cast<std::uint32_t>((tree.size() + 1) / 2);
    scored.first_value = static_cast<std::uint32_t>(values_.size());
    scored.first_step = static_cast<std::uint32_t>(steps_.size());
    scored.walked = scored.leaf_count > kMostBlendedLeaves;
    if (!scored.walked) {
      Blender blender(*this, tree, t);
      if (tree.size() > 1) blender.write(0, 0, scored.first_value);
      scored.step_count = static_cast<std::uint32_t>(steps_.size()) - scored.first_step;
      values_.resize(scored.first_value +
                     (scored.leaf_count <= kFewValues ? kFewValues : kManyValues));
    }
    trees_.push_back(scored);
  }
}

void TreeScorer::add_walkers(const Tree& tree, std::size_t index, ScoredTree& scored) {
  scored.root = static_cast<std::uint32_t>(walkers_.size());
  const auto every_code = static_cast<std::uint32_t>(sets_.size() - 1);
  struct Open {
    std::uint32_t node;
    std::uint32_t at;
    std::uint32_t depth;
  };
  std::vector<Open> open{{0, scored.root, 0}};
  walkers_.emplace_back();
  walker_values_.emplace_back();
  for (std::size_t i = 0; i < open.size(); ++i) {
    const Open now = open[i];
    const TreeNode& node = tree[now.node];
    scored.depth = std::max(scored.depth, now.depth);
    if (node.kind == TreeNode::Kind::kLeaf) {
      walkers_[now.at] = {now.at, 0, every_code};
      walker_values_[now.at] = node.value;
      continue;
    }
    const RowEncoder::Test test = encoder_.test(index, now.node);
    const auto child = static_cast<std::uint32_t>(walkers_.size());
    walkers_[now.at] = {child, test.column, test.left};
    walkers_.resize(walkers_.size() + 2);
    walker_values_.resize(walkers_.size());
    open.push_back({node.left, child, now.depth + 1});
    open.push_back({node.right, child + 1, now.depth + 1});
  }
}

void TreeScorer::walk_rows(const ScoredTree& tree, const std::uint8_t* codes, std::size_t stride,
                           std::size_t rows, double* sums) const {
  static_assert(kRowStep % kWalks == 0);
  for (std::size_t r = 0; r < rows; r += kWalks) {
    std::array<std::uint32_t, kWalks> at;
    at.fill(tree.root);
    for (std::uint32_t step = 0; step < tree.depth; ++step) {
      for (std::size_t w = 0; w < kWalks; ++w) {
        const Walker& node = walkers_[at[w]];
        const bool left = sets_[node.set].contains(codes[node.column * stride + r + w]);
        at[w] = node.child + (left ? 0U : 1U);
      }
    }
    for (std::size_t w = 0; w < kWalks; ++w) sums[r + w] += walker_values_[at[w]];
  }
}

void TreeScorer::score_row(const std::uint8_t* codes, double* out) const {
  const std::size_t outputs = ensemble_.outputs();
  std::copy(ensemble_.baseline().begin(), ensemble_.baseline().end(), out);
  std::size_t output = 0;
  for (std::size_t first = 0; first < trees_.size(); first += kWalks) {
    const std::size_t count = std::min(kWalks, trees_.size() - first);
    std::array<std::uint32_t, kWalks> at;
    std::uint32_t depth = 0;
    for (std::size_t w = 0; w < kWalks; ++w) {
      const ScoredTree& tree = trees_[first + std::min(w, count - 1)];
      at[w] = tree.root;
      depth = std::max(depth, tree.depth);
    }
    for (std::uint32_t step = 0; step < depth; ++step) {
      for (std::size_t w = 0; w < kWalks; ++w) {
        const Walker& node = walkers_[at[w]];
        const bool left = sets_[node.set].contains(codes[node.column]);
        at[w] = node.child + (left ? 0U : 1U);
      }
    }
    for (std::size_t w = 0; w < count; ++w) {
      out[output] += walker_values_[at[w]];
      if (++output == outputs) output = 0;
    }
  }
}

bool TreeScorer::score(const RowEncoder::Rows& rows, std::size_t begin, std::size_t count,
                       double* out, const Kernels& kernels) const {
  const std::size_t outputs = ensemble_.outputs();
  BlockMemory& memory = BlockMemory::of_this_thread();
  std::uint8_t* codes = memory.bytes(0, encoder_.columns() * kBlockRows);
  std::uint8_t* slots = memory.bytes(1, slots_ * kBlockRows);
  double* sums = memory.doubles(0, outputs * kBlockRows);
  for (std::size_t done = 0; done < count; done += kBlockRows) {
    const std::size_t block = std::min(kBlockRows, count - done);
    const std::size_t padded = (block + kRowStep - 1) / kRowStep * kRowStep;
    if (!encoder_.encode(rows, begin + done, block, codes, kBlockRows, kernels)) return false;
    for (std::size_t c = 0; block < padded && c < encoder_.columns(); ++c) {
      std::fill(codes + c * kBlockRows + block, codes + c * kBlockRows + padded, std::uint8_t{0});
    }
    for (std::size_t k = 0; k < outputs; ++k) {
      std::fill_n(sums + k * kBlockRows, padded, ensemble_.baseline()[k]);
    }
    std::size_t output = 0;
    for (const ScoredTree& tree : trees_) {
      double* into = sums + output * kBlockRows;
      if (++output == outputs) output = 0;
      if (tree.walked) {
        walk_rows(tree, codes, kBlockRows, padded, into);
        continue;
      }
      if (tree.step_count == 0) {
        for (std::size_t r = 0; r < padded; ++r) into[r] += values_[tree.first_value];
        continue;
      }
      kernels.exit_leaves(&steps_[tree.first_step], tree.step_count, codes, kBlockRows, padded,
                          slots, kBlockRows);
      kernels.add_leaf_values(slots, &values_[tree.first_value], tree.leaf_count, padded, into);
    }
    double* block_out = out + done * outputs;
    if (outputs == 1) {
      std::copy(sums, sums + block, block_out);
      continue;
    }
    for (std::size_t k = 0; k < outputs; ++k) {
      for (std::size_t r = 0; r < block; ++r) block_out[r * outputs + k] = sums[k * kBlockRows + r];
    }
  }
  return true;
}

}  // namespace clairscore
