#include "engine/pair_plan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "base/parallel.h"

namespace clairscore {

namespace {

using Kind = TreeNode::Kind;
using IndexPair = std::pair<std::uint32_t, std::uint32_t>;

/// Units of a run that a leaf may join, the newest: bounds the work on large ensembles.
constexpr std::size_t kUnitsTried = 8;
constexpr std::size_t kRunsAtATime = 8;
constexpr std::size_t kLeavesAtATime = 256;
/// A leaf joins a unit when its table then grows by no more than this, of a table for the leaf
/// alone: fewer look-ups, for tables that are still near.
constexpr double kMostGrowth = 3;

/// The distinct features of each leaf's path, ascending, leaf by leaf from left to right.
std::vector<std::vector<std::uint32_t>> features_of_leaves(const TreeEnsemble& ensemble) {
  struct Open {
    std::uint32_t node;
    std::size_t depth;
    std::uint32_t arrived_by;
  };
  std::vector<std::vector<std::uint32_t>> leaves;
  std::vector<Open> open;
  std::vector<std::uint32_t> path;
  for (const Tree& tree : ensemble.trees()) {
    open.assign(1, {0, 0, 0});
    while (!open.empty()) {
      const Open now = open.back();
      open.pop_back();
      path.resize(now.depth > 0 ? now.depth - 1 : 0);
      if (now.depth > 0) path.push_back(now.arrived_by);
      const TreeNode& node = tree[now.node];
      if (node.kind != Kind::kLeaf) {
        open.push_back({node.right, now.depth + 1, node.feature});
        open.push_back({node.left, now.depth + 1, node.feature});
        continue;
      }
      std::vector<std::uint32_t>& features = leaves.emplace_back(path);
      std::sort(features.begin(), features.end());
      features.erase(std::unique(features.begin(), features.end()), features.end());
    }
  }
  return leaves;
}

/// Lists of numbers, one after the other.
struct Lists {
  std::vector<std::uint32_t> first{0};
  std::vector<std::uint32_t> items;
  std::span<const std::uint32_t> operator[](std::size_t list) const {
    return {items.data() + first[list], items.data() + first[list + 1]};
  }
  void close() { first.push_back(static_cast<std::uint32_t>(items.size())); }
};

/// The lists turned round: for each item below `count`, the lists it is in.
Lists inverse(const Lists& lists, std::size_t count) {
  Lists turned;
  turned.first.assign(count + 1, 0);
  for (const std::uint32_t item : lists.items) ++turned.first[item + 1];
  for (std::size_t i = 0; i < count; ++i) turned.first[i + 1] += turned.first[i];
  turned.items.resize(lists.items.size());
  std::vector<std::uint32_t> next = turned.first;
  for (std::uint32_t list = 0; list + 1 < lists.first.size(); ++list) {
    for (const std::uint32_t item : lists[list]) turned.items[next[item]++] = list;
  }
  return turned;
}

/// Puts pairs into runs: each begins with the pair that most leaves have, and goes on with the one
/// whose leaves are most nearly those that the run has already.
class RunMaker {
 public:
  RunMaker(const Lists& pairs_of_leaf, std::size_t pairs)
      : pairs_of_leaf_(pairs_of_leaf),
        leaves_of_pair_(inverse(pairs_of_leaf, pairs)),
        placed_(pairs),
        shared_(pairs),
        run_of_leaf_(pairs_of_leaf.first.size() - 1) {}

  std::vector<std::uint32_t> order() {
    std::vector<std::uint32_t> by_leaves(placed_.size());
    for (std::uint32_t p = 0; p < by_leaves.size(); ++p) by_leaves[p] = p;
    std::stable_sort(by_leaves.begin(), by_leaves.end(), [&](std::uint32_t a, std::uint32_t b) {
      return leaves_of_pair_[a].size() > leaves_of_pair_[b].size();
    });
    for (const std::uint32_t seed : by_leaves) {
      if (placed_[seed]) continue;
      if (order_.size() % kTableRow == 0) begin_run();
      place(seed);
      while (order_.size() % kTableRow != 0) {
        const std::uint32_t next = best();
        if (next == placed_.size()) break;  // the next seed goes on with this run
        place(next);
      }
    }
    return std::move(order_);
  }

 private:
  void begin_run() {
    for (const std::uint32_t p : touched_) shared_[p] = 0;
    touched_.clear();
    ++run_;
    leaves_in_run_ = 0;
  }

  void place(std::uint32_t pair) {
    placed_[pair] = true;
    order_.push_back(pair);
    for (const std::uint32_t leaf : leaves_of_pair_[pair]) {
      if (run_of_leaf_[leaf] == run_) continue;
      run_of_leaf_[leaf] = run_;
      ++leaves_in_run_;
      for (const std::uint32_t p : pairs_of_leaf_[leaf]) {
        if (!placed_[p] && shared_[p]++ == 0) touched_.push_back(p);
      }
    }
  }

  std::uint32_t best() const {
    auto found = static_cast<std::uint32_t>(placed_.size());
    std::size_t most = 0;
    std::size_t of = 1;
    for (const std::uint32_t p : touched_) {
      if (placed_[p]) continue;
      // Leaves in both, as a share of those in either; fractions compared without dividing.
      const std::size_t in_both = shared_[p];
      const std::size_t in_either = leaves_in_run_ + leaves_of_pair_[p].size() - in_both;
      const std::size_t here = in_both * of;
      const std::size_t there = most * in_either;
      if (here > there || (here == there && p < found)) {
        found = p;
        most = in_both;
        of = in_either;
      }
    }
    return found;
  }

  const Lists& pairs_of_leaf_;
  Lists leaves_of_pair_;
  std::vector<bool> placed_;
  std::vector<std::uint32_t> order_;
  // Of the run that is being made.
  std::vector<std::uint32_t> shared_;  // leaves of a pair that the run has
  std::vector<std::uint32_t> touched_;
  std::vector<std::uint32_t> run_of_leaf_;
  std::uint32_t run_ = 0;
  std::size_t leaves_in_run_ = 0;
};

/// The codes of one column, parted by the tests of some leaves.
struct Partition {
  std::uint32_t column;
  std::vector<CodeSet> classes;

  void part(const CodeSet& by) {
    for (std::size_t c = 0, before = classes.size(); c < before; ++c) {
      const CodeSet inside = classes[c] & by;
      const CodeSet outside = classes[c] & ~by;
      if (inside.empty() || outside.empty()) continue;
      classes[c] = inside;
      classes.push_back(outside);
    }
  }
};

/// The least power of two modulo which the places differ.
std::size_t row_width(std::uint8_t places) {
  const auto apart = [&](unsigned width) {
    unsigned folded = 0;
    for (unsigned p = 0; p < kTableRow; ++p) {
      const unsigned bit = (places >> p & 1U) << (p % width);
      if ((folded & bit) != 0) return false;
      folded |= bit;
    }
    return true;
  };
  unsigned width = 1;
  while (!apart(width)) width *= 2;
  return width;
}

/// A unit that more leaves may join.
struct OpenUnit {
  std::vector<Partition> columns;
  std::size_t states = 1;
  std::uint8_t places = 0;
  std::vector<PairPlan::UnitLeaf> leaves;
};

class UnitMaker {
 public:
  explicit UnitMaker(const RowEncoder& encoder) : encoder_(encoder) {}

  /// The states of a leaf by itself.
  std::size_t states_of(const UnitPlan::DeepLeaf& leaf) { return states_with(leaf, {}, scratch_); }

  /// `alone`: states_of(leaf), at most kMostStates.
  void add(const UnitPlan::DeepLeaf& leaf, std::size_t alone, const PairPlan::UnitLeaf& entry) {
    const double alone_size = size_of(alone, entry.places);
    std::size_t best = units_.size();
    double least_growth = kMostGrowth * alone_size;
    const std::size_t tried = std::min(units_.size(), kUnitsTried);
    for (std::size_t u = units_.size(); u-- > units_.size() - tried;) {
      const std::size_t states = states_with(leaf, units_[u].columns, scratch_);
      if (states > PairPlan::kMostStates) continue;
      const OpenUnit& unit = units_[u];
      const auto places = static_cast<std::uint8_t>(unit.places | entry.places);
      const double growth = size_of(states, places) - size_of(unit.states, unit.places);
      if (growth >= least_growth) continue;
      least_growth = growth;
      best = u;
      if (growth <= 0) break;
    }
    if (best == units_.size()) units_.emplace_back();
    OpenUnit& unit = units_[best];
    unit.states = states_with(leaf, unit.columns, unit.columns);
    unit.places |= entry.places;
    unit.leaves.push_back(entry);
  }

  std::vector<PairPlan::Unit> finish() {
    std::vector<PairPlan::Unit> made;
    made.reserve(units_.size());
    for (OpenUnit& open : units_) made.push_back(finished(open));
    units_.clear();
    std::stable_sort(
        made.begin(), made.end(),
        [](const PairPlan::Unit& a, const PairPlan::Unit& b) { return a.row_width < b.row_width; });
    return made;
  }

 private:
  static double size_of(std::size_t states, std::uint8_t places) {
    return static_cast<double>(states * row_width(places));
  }

  /// The states of a unit that has these columns and this leaf; `after` are its columns then.
  std::size_t states_with(const UnitPlan::DeepLeaf& leaf, const std::vector<Partition>& before,
                          std::vector<Partition>& after) const {
    if (&after != &before) after = before;
    for (const UnitPlan::DeepTest& test : leaf.tests) {
      auto column = std::find_if(after.begin(), after.end(), [&](const Partition& partition) {
        return partition.column == test.column;
      });
      if (column == after.end()) {
        CodeSet codes;
        codes.insert_range(0, encoder_.codes(test.column) - 1);
        codes.insert(CodeSet::kCodes - 1);
        after.push_back({test.column, {codes}});
        column = after.end() - 1;
      }
      column->part(test.leads_on);
    }
    std::size_t states = 1;
    for (const Partition& column : after) {
      states *= column.classes.size();
      if (states > PairPlan::kMostStates) break;
    }
    return states;
  }

  PairPlan::Unit finished(OpenUnit& open) const {
    PairPlan::Unit unit;
    unit.leaves = std::move(open.leaves);
    unit.places = open.places;
    unit.row_width = static_cast<std::uint8_t>(row_width(open.places));
    for (const Partition& column : open.columns) {
      const auto stride = static_cast<std::uint32_t>(unit.states);
      const auto states = static_cast<std::uint32_t>(column.classes.size());
      unit.parts.push_back(
          {column.column, states, stride, static_cast<std::uint32_t>(unit.examples.size())});
      std::array<std::uint8_t, CodeSet::kCodes> state_of{};
      const std::size_t codes = encoder_.codes(column.column);
      for (std::uint32_t s = 0; s < states; ++s) {
        std::size_t example = 0;
        for (std::size_t code = 0; code < CodeSet::kCodes; ++code) {
          if (!column.classes[s].contains(code)) continue;
          example = code;
          state_of[code] = static_cast<std::uint8_t>(s);
        }
        unit.examples.push_back(static_cast<std::uint8_t>(example));
      }
      // Codes that do not occur continue their neighbours' state: no step for them.
      for (std::size_t code = codes; code + 1 < CodeSet::kCodes; ++code) {
        state_of[code] = state_of[codes - 1];
      }
      unit.start = static_cast<std::uint8_t>(unit.start + state_of[0] * stride);
      for (std::size_t code = 1; code < CodeSet::kCodes; ++code) {
        const int change = state_of[code] - state_of[code - 1];
        if (change == 0) continue;
        unit.steps.push_back(
            {column.column, static_cast<std::uint8_t>(code),
             static_cast<std::uint8_t>(static_cast<std::uint32_t>(change) * stride)});
      }
      unit.states *= states;
    }
    return unit;
  }

  const RowEncoder& encoder_;
  std::vector<OpenUnit> units_;
  std::vector<Partition> scratch_;
};

std::uint32_t position_of(const std::vector<IndexPair>& sorted, IndexPair pair) {
  return static_cast<std::uint32_t>(std::lower_bound(sorted.begin(), sorted.end(), pair) -
                                    sorted.begin());
}

}  // namespace

FeaturePairs interacting_features(const TreeEnsemble& ensemble) {
  const auto leaves = features_of_leaves(ensemble);
  std::vector<IndexPair> pairs;
  for (const auto& features : leaves) {
    for (std::size_t i = 0; i < features.size(); ++i) {
      for (std::size_t j = i + 1; j < features.size(); ++j) {
        pairs.emplace_back(features[i], features[j]);
      }
    }
    // Now and then, so that what stays is not much more than the distinct ones.
    if (pairs.size() > 2 * ensemble.features() * ensemble.features() + 4096) {
      std::sort(pairs.begin(), pairs.end());
      pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    }
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  Lists pairs_of_leaf;
  for (const auto& features : leaves) {
    // Leaves without a table do not care.
    if (features.size() > UnitPlan::kMostFeatures) continue;
    for (std::size_t i = 0; i < features.size(); ++i) {
      for (std::size_t j = i + 1; j < features.size(); ++j) {
        pairs_of_leaf.items.push_back(position_of(pairs, {features[i], features[j]}));
      }
    }
    pairs_of_leaf.close();
  }
  FeaturePairs ordered;
  ordered.reserve(pairs.size());
  for (const std::uint32_t p : RunMaker(pairs_of_leaf, pairs.size()).order()) {
    ordered.emplace_back(pairs[p].first, pairs[p].second);
  }
  return ordered;
}

PairPlan PairPlan::build(const TreeEnsemble& ensemble, const RowEncoder& encoder,
                         const FeaturePairs& pairs, std::size_t threads) {
  PairPlan plan;
  plan.leaves = UnitPlan::build(ensemble, encoder, 0, true).deep_leaves;
  plan.runs = (pairs.size() + kTableRow - 1) / kTableRow;
  std::vector<IndexPair> sorted(pairs.begin(), pairs.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::uint32_t> value_of(sorted.size());  // by position among the sorted ones
  for (std::uint32_t v = 0; v < pairs.size(); ++v) {
    value_of[position_of(sorted, IndexPair(pairs[v]))] = v;
  }
  std::vector<std::size_t> alone(plan.leaves.size());
  parallel_blocks(plan.leaves.size(), kLeavesAtATime, threads,
                  [&](std::size_t begin, std::size_t end) {
                    UnitMaker maker(encoder);
                    for (std::size_t l = begin; l < end; ++l) {
                      if (plan.leaves[l].features.size() <= UnitPlan::kMostFeatures) {
                        alone[l] = maker.states_of(plan.leaves[l]);
                      }
                    }
                  });
  // Every leaf with the pairs it has of a run, run by run.
  std::vector<std::vector<UnitLeaf>> of_run(ensemble.outputs() * plan.runs);
  for (std::uint32_t l = 0; l < plan.leaves.size(); ++l) {
    const UnitPlan::DeepLeaf& leaf = plan.leaves[l];
    const std::size_t count = leaf.features.size();
    if (count < 2) continue;
    if (count > UnitPlan::kMostFeatures || alone[l] > kMostStates) {
      plan.deep.push_back(l);
      continue;
    }
    const auto first = static_cast<std::ptrdiff_t>(plan.pairs.size());
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = i + 1; j < count; ++j) {
        const auto [a, b] = std::minmax(leaf.features[i].feature, leaf.features[j].feature);
        const std::uint32_t value = value_of[position_of(sorted, {a, b})];
        plan.pairs.push_back({static_cast<std::uint32_t>(value / kTableRow),
                              static_cast<std::uint8_t>(value % kTableRow),
                              static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(j)});
      }
    }
    std::sort(plan.pairs.begin() + first, plan.pairs.end(),
              [](const LeafPair& a, const LeafPair& b) {
                return std::pair(a.run, a.place) < std::pair(b.run, b.place);
              });
    for (auto p = static_cast<std::uint32_t>(first); p < plan.pairs.size();) {
      std::uint32_t end = p;
      while (end < plan.pairs.size() && plan.pairs[end].run == plan.pairs[p].run) ++end;
      std::uint8_t places = 0;
      for (std::uint32_t q = p; q < end; ++q) {
        places = static_cast<std::uint8_t>(places | (1U << plan.pairs[q].place));
      }
      of_run[leaf.output * plan.runs + plan.pairs[p].run].push_back({l, p, end - p, places});
      p = end;
    }
  }
  plan.units.resize(of_run.size());
  parallel_blocks(of_run.size(), kRunsAtATime, threads, [&](std::size_t begin, std::size_t end) {
    UnitMaker maker(encoder);
    for (std::size_t r = begin; r < end; ++r) {
      for (const UnitLeaf& entry : of_run[r]) {
        maker.add(plan.leaves[entry.leaf], alone[entry.leaf], entry);
      }
      plan.units[r] = maker.finish();
    }
  });
  return plan;
}

void PairPlan::patterns(const Unit& unit, const UnitPlan::DeepLeaf& leaf,
                        std::span<std::uint8_t> by_state) {
  std::size_t filled = 1;
  by_state[0] = static_cast<std::uint8_t>((1U << leaf.features.size()) - 1U);
  for (const Part& part : unit.parts) {
    // Backwards, so that state 0 is still there for the others.
    for (std::uint32_t s = part.states; s-- > 0;) {
      std::uint8_t kept = 0xFF;
      for (const UnitPlan::DeepTest& test : leaf.tests) {
        if (test.column != part.column) continue;
        if (!test.leads_on.contains(unit.examples[part.first_example + s])) {
          kept = static_cast<std::uint8_t>(kept & ~(1U << test.slot));
        }
      }
      for (std::size_t i = 0; i < filled; ++i) by_state[s * filled + i] = by_state[i] & kept;
    }
    filled *= part.states;
  }
}

}  // namespace clairscore
