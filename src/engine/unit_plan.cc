#include "engine/unit_plan.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

namespace clairscore {

namespace {

using Kind = TreeNode::Kind;

/// Sets of one column that a unit may tell apart: bits of a word.
constexpr std::size_t kMostSets = 64;
/// Groups that a unit is compared with, the newest: bounds the work on large ensembles.
constexpr std::size_t kGroupsTried = 512;

/// Features are listed more than once up to here.
constexpr std::size_t kMostUnsorted = std::size_t{1} << 16U;

void sort_distinct(std::vector<std::uint32_t>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

/// A test on the way to a node.
struct PathTest {
  std::uint32_t feature;
  std::uint32_t column;
  CodeSet leads_on;
  double ratio;  // of covers
};
using Path = std::vector<PathTest>;

/// The sets of one column that matter to a unit, and the states they make of its codes.
struct ColumnStates {
  struct Inside {
    std::uint32_t feature;
    std::uint32_t left;  // index of the encoder's sets
  };
  struct OnPath {
    std::uint32_t feature;
    CodeSet leads_on;
  };
  std::uint32_t column;
  std::vector<OnPath> on_path;
  std::vector<Inside> inside;
  std::uint32_t states = 1;
  std::array<std::uint8_t, CodeSet::kCodes> state_of{};
  std::vector<std::uint8_t> example;  // a code of each state
};

class Planner {
 public:
  Planner(const TreeEnsemble& ensemble, const RowEncoder& encoder, std::size_t most_states,
          bool deep_paths)
      : ensemble_(ensemble),
        encoder_(encoder),
        most_states_(most_states),
        deep_paths_(deep_paths) {}

  UnitPlan run() {
    plan_.output_count = ensemble_.outputs();
    plan_.used_features.resize(plan_.output_count);
    for (tree_index_ = 0; tree_index_ < ensemble_.trees().size(); ++tree_index_) {
      tree_ = &ensemble_.trees()[tree_index_];
      output_ = static_cast<std::uint32_t>(tree_index_ % ensemble_.outputs());
      plan_tree();
    }
    make_groups();
    list_used_features();
    return std::move(plan_);
  }

 private:
  struct Visit {
    std::uint32_t node;
    std::size_t depth;
    PathTest arrived_by;
  };

  PathTest test_towards(std::uint32_t n, bool left) const {
    const TreeNode& node = (*tree_)[n];
    const RowEncoder::Test test = encoder_.test(tree_index_, n);
    const CodeSet& set = encoder_.sets()[test.left];
    const double ratio = (*tree_)[left ? node.left : node.right].cover / node.cover;
    return {node.feature, test.column, left ? set : ~set, ratio};
  }

  /// Calls visit(node, path) from the root down, left before right; children where it says true.
  template <typename VisitNode>
  void descend(std::uint32_t from, Path path, VisitNode visit) {
    const std::size_t above = path.size();
    std::vector<Visit> open{{from, 0, {}}};
    while (!open.empty()) {
      const Visit now = open.back();
      open.pop_back();
      if (now.depth > 0) {
        path.resize(above + now.depth - 1);
        path.push_back(now.arrived_by);
      } else {
        path.resize(above);
      }
      const TreeNode& node = (*tree_)[now.node];
      if (!visit(now.node, path) || node.kind == Kind::kLeaf) continue;
      open.push_back({node.right, now.depth + 1, test_towards(now.node, false)});
      open.push_back({node.left, now.depth + 1, test_towards(now.node, true)});
    }
  }

  void plan_tree() {
    if (tree_->size() == 1) return;  // the same for every row
    descend(0, {}, [&](std::uint32_t n, const Path& path) {
      if (add_unit(n, path)) return false;
      if ((*tree_)[n].kind == Kind::kLeaf) add_deep_leaf(n, path);
      return true;
    });
  }

  ColumnStates& states_of(std::uint32_t column) {
    for (ColumnStates& states : columns_) {
      if (states.column == column) return states;
    }
    columns_.emplace_back().column = column;
    return columns_.back();
  }

  bool note_feature(std::uint32_t feature) {
    const auto end = features_.begin() + static_cast<std::ptrdiff_t>(feature_count_);
    const auto place = std::lower_bound(features_.begin(), end, feature);
    if (place != end && *place == feature) return true;
    if (feature_count_ == UnitPlan::kMostFeatures) return false;
    std::move_backward(place, end, end + 1);
    *place = feature;
    ++feature_count_;
    return true;
  }

  /// Collects features and columns of the subtree; false when it has too many for a unit.
  bool collect(std::uint32_t root, const Path& path) {
    columns_.clear();
    feature_count_ = 0;
    for (const PathTest& test : path) {
      if (!note_feature(test.feature)) return false;
      auto& on_path = states_of(test.column).on_path;
      const auto same = std::find_if(on_path.begin(), on_path.end(), [&](const auto& entry) {
        return entry.feature == test.feature;
      });
      if (same == on_path.end()) {
        on_path.push_back({test.feature, test.leads_on});
      } else {
        same->leads_on = same->leads_on & test.leads_on;
      }
    }
    open_.assign(1, root);
    while (!open_.empty()) {
      const std::uint32_t n = open_.back();
      open_.pop_back();
      const TreeNode& node = (*tree_)[n];
      if (node.kind == Kind::kLeaf) continue;
      if (!note_feature(node.feature)) return false;
      const RowEncoder::Test test = encoder_.test(tree_index_, n);
      ColumnStates& states = states_of(test.column);
      const bool known = std::any_of(
          states.inside.begin(), states.inside.end(), [&](const ColumnStates::Inside& inside) {
            return inside.feature == node.feature && inside.left == test.left;
          });
      if (!known) states.inside.push_back({node.feature, test.left});
      open_.push_back(node.left);
      open_.push_back(node.right);
    }
    return true;
  }

  /// Finds the states of a column; false when they are too many.
  bool find_states(ColumnStates& states) {
    if (states.on_path.size() + states.inside.size() > kMostSets) return false;
    std::array<std::uint64_t, CodeSet::kCodes> signature{};
    const std::size_t codes = encoder_.codes(states.column);
    const auto each_code = [&](const auto& body) {
      for (std::size_t code = 0; code < codes; ++code) body(code);
      if (codes < CodeSet::kCodes) body(CodeSet::kCodes - 1);  // missing
    };
    std::size_t bit = 0;
    for (const auto& [feature, left] : states.inside) {
      CodeSet set = encoder_.sets()[left];
      // Off the path, a feature's tests inside do not matter any more.
      for (const auto& on_path : states.on_path) {
        if (on_path.feature == feature) set = set & on_path.leads_on;
      }
      each_code(
          [&](std::size_t code) { signature[code] |= std::uint64_t{set.contains(code)} << bit; });
      ++bit;
    }
    for (const auto& on_path : states.on_path) {
      each_code([&](std::size_t code) {
        signature[code] |= std::uint64_t{on_path.leads_on.contains(code)} << bit;
      });
      ++bit;
    }
    std::vector<std::uint64_t> found;
    states.example.clear();
    bool fits = true;
    each_code([&](std::size_t code) {
      const auto known = std::find(found.begin(), found.end(), signature[code]);
      states.state_of[code] = static_cast<std::uint8_t>(known - found.begin());
      if (known != found.end()) return;
      fits = fits && found.size() < UnitPlan::kMostStates;
      if (!fits) return;
      found.push_back(signature[code]);
      states.example.push_back(static_cast<std::uint8_t>(code));
    });
    states.states = static_cast<std::uint32_t>(found.size());
    // Codes that do not occur continue their neighbours' state: no step for them.
    for (std::size_t code = codes; code + 1 < CodeSet::kCodes; ++code) {
      states.state_of[code] = states.state_of[codes - 1];
    }
    return fits;
  }

  bool add_unit(std::uint32_t root, const Path& path) {
    if (most_states_ == 0 || !collect(root, path)) return false;
    std::size_t joint = 1;
    const bool lone = (*tree_)[root].kind == Kind::kLeaf;
    const std::size_t most = lone ? UnitPlan::kMostStates : most_states_;
    for (ColumnStates& states : columns_) {
      if (!find_states(states)) return false;
      joint *= states.states;
      if (joint > most) return false;
    }
    UnitPlan::Unit unit{};
    unit.output = output_;
    unit.states = static_cast<std::uint32_t>(joint);
    unit.feature_count = static_cast<std::uint8_t>(feature_count_);
    unit.features = features_;
    unit.first_part = static_cast<std::uint32_t>(plan_.parts.size());
    unit.part_count = static_cast<std::uint32_t>(columns_.size());
    unit.first_step = static_cast<std::uint32_t>(plan_.steps.size());
    std::uint32_t stride = 1;
    for (const ColumnStates& states : columns_) {
      plan_.parts.push_back({states.column, states.states, stride});
      unit.start = static_cast<std::uint8_t>(unit.start + states.state_of[0] * stride);
      for (std::size_t code = 1; code < CodeSet::kCodes; ++code) {
        const int change = states.state_of[code] - states.state_of[code - 1];
        if (change == 0) continue;
        plan_.steps.push_back(
            {states.column, static_cast<std::uint8_t>(code),
             static_cast<std::uint8_t>(static_cast<std::uint32_t>(change) * stride)});
      }
      stride *= states.states;
    }
    unit.step_count = static_cast<std::uint32_t>(plan_.steps.size()) - unit.first_step;
    unit.first_leaf = static_cast<std::uint32_t>(plan_.leaves.size());
    descend(root, path, [&](std::uint32_t n, const Path& to_node) {
      if ((*tree_)[n].kind == Kind::kLeaf) add_leaf((*tree_)[n].value, to_node);
      return true;
    });
    unit.leaf_count = static_cast<std::uint32_t>(plan_.leaves.size()) - unit.first_leaf;
    plan_.units.push_back(unit);
    return true;
  }

  /// The features of a path in the order they first appear, with the product of their ratios.
  static std::vector<UnitPlan::LeafFeature> features_of(const Path& path) {
    std::vector<UnitPlan::LeafFeature> features;
    for (const PathTest& test : path) {
      const auto known = std::find_if(features.begin(), features.end(), [&](const auto& entry) {
        return entry.feature == test.feature;
      });
      if (known == features.end()) {
        features.push_back({test.feature, test.ratio});
      } else {
        known->cover *= test.ratio;
      }
    }
    return features;
  }

  static std::uint32_t slot_of(const std::vector<UnitPlan::LeafFeature>& features,
                               std::uint32_t feature) {
    const auto at = std::find_if(features.begin(), features.end(),
                                 [&](const auto& entry) { return entry.feature == feature; });
    return static_cast<std::uint32_t>(at - features.begin());
  }

  void add_leaf(double value, const Path& path) {
    const auto features = features_of(path);
    UnitPlan::Leaf leaf{};
    leaf.value = value;
    leaf.first_feature = static_cast<std::uint32_t>(plan_.leaf_features.size());
    leaf.feature_count = static_cast<std::uint32_t>(features.size());
    leaf.first_failure = static_cast<std::uint32_t>(plan_.failures.size());
    plan_.leaf_features.insert(plan_.leaf_features.end(), features.begin(), features.end());
    for (const ColumnStates& states : columns_) {
      const std::size_t first = plan_.failures.size();
      plan_.failures.resize(first + states.states);
      for (const PathTest& test : path) {
        if (test.column != states.column) continue;
        const auto bit = static_cast<std::uint8_t>(1U << slot_of(features, test.feature));
        for (std::size_t s = 0; s < states.states; ++s) {
          if (!test.leads_on.contains(states.example[s])) plan_.failures[first + s] |= bit;
        }
      }
    }
    plan_.leaves.push_back(leaf);
  }

  void add_deep_leaf(std::uint32_t n, const Path& path) {
    const auto features = features_of(path);
    UnitPlan::DeepLeaf leaf{(*tree_)[n].value,
                            output_,
                            static_cast<std::uint32_t>(tree_index_),
                            n,
                            static_cast<std::uint32_t>(features.size()),
                            {},
                            {}};
    auto& used = plan_.used_features[output_];
    for (const auto& entry : features) used.push_back(entry.feature);
    if (used.size() > kMostUnsorted) sort_distinct(used);
    if (!deep_paths_) {
      plan_.deep_leaves.push_back(std::move(leaf));
      return;
    }
    leaf.features = features;
    for (const PathTest& test : path) {
      const std::uint32_t slot = slot_of(leaf.features, test.feature);
      const auto known = std::find_if(leaf.tests.begin(), leaf.tests.end(), [&](const auto& entry) {
        return entry.slot == slot && entry.column == test.column;
      });
      if (known == leaf.tests.end()) {
        leaf.tests.push_back({slot, test.column, test.leads_on});
      } else {
        known->leads_on = known->leads_on & test.leads_on;
      }
    }
    plan_.deep_leaves.push_back(std::move(leaf));
  }

  // ---- Groups ----

  void make_groups() {
    std::vector<std::uint32_t> all;
    for (const UnitPlan::Unit& unit : plan_.units) {
      all.insert(all.end(), unit.features.begin(), unit.features.begin() + unit.feature_count);
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    const std::size_t words = (all.size() + 63) / 64;
    std::vector<std::uint64_t> group_bits;  // [group][word]
    std::vector<std::uint32_t> group_output;
    std::vector<std::size_t> group_size;
    std::vector<std::vector<std::uint32_t>> members;
    std::vector<std::uint64_t> bits(words);
    for (std::uint32_t u = 0; u < plan_.units.size(); ++u) {
      const UnitPlan::Unit& unit = plan_.units[u];
      std::fill(bits.begin(), bits.end(), 0);
      for (std::size_t i = 0; i < unit.feature_count; ++i) {
        const auto at = static_cast<std::size_t>(
            std::lower_bound(all.begin(), all.end(), unit.features[i]) - all.begin());
        bits[at / 64] |= std::uint64_t{1} << (at % 64);
      }
      // The group that grows least; among those, the first.
      std::size_t best = members.size();
      std::size_t best_growth = UnitPlan::kMostFeatures + 1;
      const std::size_t tried = std::min(members.size(), kGroupsTried);
      for (std::size_t g = members.size() - tried; g < members.size() && best_growth > 0; ++g) {
        if (group_output[g] != unit.output || members[g].size() == UnitPlan::kMostUnitsInGroup) {
          continue;
        }
        std::size_t growth = 0;
        for (std::size_t w = 0; w < words; ++w) {
          growth += static_cast<std::size_t>(std::popcount(bits[w] & ~group_bits[g * words + w]));
        }
        if (group_size[g] + growth > UnitPlan::kMostFeatures) continue;
        if (growth < best_growth) {
          best_growth = growth;
          best = g;
        }
      }
      if (best == members.size()) {
        members.emplace_back();
        group_output.push_back(unit.output);
        group_size.push_back(0);
        group_bits.resize(group_bits.size() + words);
      }
      members[best].push_back(u);
      group_size[best] += best_growth <= UnitPlan::kMostFeatures ? best_growth : unit.feature_count;
      for (std::size_t w = 0; w < words; ++w) group_bits[best * words + w] |= bits[w];
    }
    // Output by output, and each group followed by one that shares many features with it, so that
    // their sums are still in the nearest cache. Units are in the order of their groups.
    std::vector<std::uint32_t> order(members.size());
    for (std::uint32_t g = 0; g < order.size(); ++g) order[g] = g;
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::pair(group_output[a], a) < std::pair(group_output[b], b);
    });
    for (std::size_t i = 1; i < order.size(); ++i) {
      const std::uint32_t before = order[i - 1];
      std::size_t best = i;
      int most_shared = -1;
      for (std::size_t j = i; j < std::min(order.size(), i + kGroupsTried); ++j) {
        if (group_output[order[j]] != group_output[order[i]]) break;
        int shared = 0;
        for (std::size_t w = 0; w < words; ++w) {
          shared +=
              std::popcount(group_bits[before * words + w] & group_bits[order[j] * words + w]);
        }
        if (shared > most_shared) {
          most_shared = shared;
          best = j;
        }
      }
      std::swap(order[i], order[best]);
    }
    std::vector<UnitPlan::Unit> units;
    units.reserve(plan_.units.size());
    for (const std::uint32_t g : order) {
      UnitPlan::Group group{};
      group.output = group_output[g];
      group.first_unit = static_cast<std::uint32_t>(units.size());
      group.unit_count = static_cast<std::uint32_t>(members[g].size());
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (((group_bits[g * words + i / 64] >> (i % 64)) & 1U) != 0) {
          group.features[group.feature_count++] = all[i];
        }
      }
      for (const std::uint32_t u : members[g]) units.push_back(plan_.units[u]);
      plan_.groups.push_back(group);
    }
    plan_.units = std::move(units);
  }

  void list_used_features() {
    for (const UnitPlan::Group& group : plan_.groups) {
      auto& used = plan_.used_features[group.output];
      used.insert(used.end(), group.features.begin(), group.features.begin() + group.feature_count);
    }
    for (auto& used : plan_.used_features) sort_distinct(used);
  }

  const TreeEnsemble& ensemble_;
  const RowEncoder& encoder_;
  std::size_t most_states_;
  bool deep_paths_;
  UnitPlan plan_;
  const Tree* tree_ = nullptr;
  std::size_t tree_index_ = 0;
  std::uint32_t output_ = 0;
  // Of the subtree that is being tried.
  std::vector<ColumnStates> columns_;
  std::array<std::uint32_t, UnitPlan::kMostFeatures> features_{};
  std::size_t feature_count_ = 0;
  std::vector<std::uint32_t> open_;
};

}  // namespace

UnitPlan UnitPlan::build(const TreeEnsemble& ensemble, const RowEncoder& encoder,
                         std::size_t most_states, bool deep_paths) {
  return Planner(ensemble, encoder, most_states, deep_paths).run();
}

void UnitPlan::patterns(const Unit& unit, const Leaf& leaf,
                        std::span<std::uint8_t> by_state) const {
  std::size_t filled = 1;
  by_state[0] = static_cast<std::uint8_t>((1U << leaf.feature_count) - 1U);
  const std::uint8_t* failure = &failures[leaf.first_failure];
  for (std::uint32_t p = 0; p < unit.part_count; ++p) {
    const std::uint32_t states = parts[unit.first_part + p].states;
    // Backwards, so that state 0 is still there for the others.
    for (std::uint32_t s = states; s-- > 0;) {
      const auto kept = static_cast<std::uint8_t>(~failure[s]);
      for (std::size_t i = 0; i < filled; ++i) by_state[s * filled + i] = by_state[i] & kept;
    }
    filled *= states;
    failure += states;
  }
}

}  // namespace clairscore
