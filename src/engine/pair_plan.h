#pragma once

// How the pairs of features that trees test together are gathered, so that a row's interaction
// values are sums of a few table rows.
//
// What a leaf gives to its pairs depends on the codes of the columns that its path tests
// (unit_plan.h). Pairs stand in runs of eight that many leaves have in common; a run's values are
// then eight doubles that go where they belong in one store, and are kept in registers until all
// its units have been added. A unit of a run is a set of leaves, of any trees, whose tests have at
// most 256 joint states: its table holds for each of them what these leaves give the run's pairs.
// That leaves of several trees share a unit is what makes a run cheap: they ask much the same.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernels.h"
#include "engine/row_encoder.h"
#include "engine/unit_plan.h"
#include "model/row_engine.h"
#include "model/tree_ensemble.h"

namespace clairscore {

/// The pairs that a path of some tree tests both of, in runs of kTableRow that share leaves.
FeaturePairs interacting_features(const TreeEnsemble& ensemble);

struct PairPlan {
  static constexpr std::size_t kMostStates = 256;

  /// A pair of a leaf's features, by their places in it.
  struct LeafPair {
    std::uint32_t run;
    std::uint8_t place;  // in the run
    std::uint8_t first;
    std::uint8_t second;
  };
  /// Leaves of one unit, and the pairs of each that are in the unit's run.
  struct UnitLeaf {
    std::uint32_t leaf;
    std::uint32_t first_pair;
    std::uint32_t pair_count;
    std::uint8_t places;  // a bit for each of these pairs
  };
  /// One column's part of a joint state, which is the sum of stride * state over a unit's parts.
  struct Part {
    std::uint32_t column;
    std::uint32_t states;
    std::uint32_t stride;
    std::uint32_t first_example;  // in `examples`: a code of each state
  };
  struct Unit {
    std::vector<IndexStep> steps;
    std::vector<Part> parts;
    std::vector<std::uint8_t> examples;
    std::vector<UnitLeaf> leaves;
    std::uint8_t start = 0;
    std::uint8_t places = 0;     // of the run that its leaves have pairs in, a bit each
    std::uint8_t row_width = 1;  // 1, 2, 4 or 8: the least that keeps places apart
    std::size_t states = 1;
  };

  std::vector<UnitPlan::DeepLeaf> leaves;  // of all trees
  std::vector<LeafPair> pairs;             // of leaf l from first_pair[l] on, by run
  std::vector<std::vector<Unit>> units;    // [output * runs + run], the narrow ones first
  std::size_t runs = 0;
  /// Leaves that no table holds: too many features, or too many states by themselves.
  std::vector<std::uint32_t> deep;

  /// `pairs` as interacting_features().
  static PairPlan build(const TreeEnsemble& ensemble, const RowEncoder& encoder,
                        const FeaturePairs& pairs, std::size_t threads);

  /// For each joint state of the unit, the features of a leaf of it that lead to the leaf.
  static void patterns(const Unit& unit, const UnitPlan::DeepLeaf& leaf,
                       std::span<std::uint8_t> by_state);
};

}  // namespace clairscore
