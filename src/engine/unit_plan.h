#pragma once

// How the leaves of an ensemble are gathered into units, each explained by one look into a table.
//
// A leaf gives a feature a contribution that depends on which features of its path lead the row
// towards it (model/tree_explainer.h), so on nothing but the codes of the columns tested there, and
// of a column on nothing but which of its tests hold. Along a column the tests cut the codes into a
// few runs, its states: two tests on one feature make three, not four. A unit is a subtree whose
// tests (those on the path to it and those inside) have at most 256 joint states and at most eight
// features: a table then holds, for each joint state, the sum of what all its leaves give each
// feature. A subtree with more is cut into its children; a leaf by itself that has more stays
// without a table ("deep") and is integrated row by row.
//
// Units whose features fit into eight together share sums (a group), so that a row's results are
// added up before they are written anywhere.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernels.h"
#include "engine/row_encoder.h"
#include "model/tree_ensemble.h"

namespace clairscore {

struct UnitPlan {
  static constexpr std::size_t kMostFeatures = 8;
  static constexpr std::size_t kMostStates = 256;
  static constexpr std::size_t kMostUnitsInGroup = 8;

  /// One column's part of a joint state, which is the sum of stride * state over a unit's parts.
  struct Part {
    std::uint32_t column;
    std::uint32_t states;
    std::uint32_t stride;
  };
  /// What a leaf asks of a feature.
  struct LeafFeature {
    std::uint32_t feature;
    double cover;  // product of the cover ratios of its tests
  };
  struct Leaf {
    double value;
    std::uint32_t first_feature;
    std::uint32_t feature_count;
    /// For each part of the unit and each of its states, a byte: the features (a bit each, in the
    /// leaf's order) that the state leads away from the leaf.
    std::uint32_t first_failure;
  };
  struct Unit {
    std::uint32_t first_step;
    std::uint32_t step_count;
    std::uint8_t start;
    std::uint32_t states;
    std::uint32_t first_part;
    std::uint32_t part_count;
    std::uint32_t first_leaf;
    std::uint32_t leaf_count;
    std::uint32_t output;
    std::uint8_t feature_count;
    std::array<std::uint32_t, kMostFeatures> features;  // ascending
  };
  struct Group {
    std::uint32_t output;
    std::uint32_t first_unit;  // units are in the order of their groups
    std::uint32_t unit_count;
    std::uint8_t feature_count;
    std::array<std::uint32_t, kMostFeatures> features;  // ascending
  };
  /// A test of a deep leaf: the row is led on where its code is in the set.
  struct DeepTest {
    std::uint32_t slot;  // of the leaf's features
    std::uint32_t column;
    CodeSet leads_on;
  };
  struct DeepLeaf {
    double value;
    std::uint32_t output;
    std::uint32_t tree;
    std::uint32_t node;
    std::uint32_t feature_count;
    /// Empty unless asked for: large forests have hundreds of thousands of such leaves.
    std::vector<LeafFeature> features;
    std::vector<DeepTest> tests;
  };

  std::vector<Part> parts;
  std::vector<LeafFeature> leaf_features;
  std::vector<std::uint8_t> failures;
  std::vector<Leaf> leaves;
  std::vector<IndexStep> steps;
  std::vector<Unit> units;
  std::vector<Group> groups;
  std::vector<DeepLeaf> deep_leaves;

  std::size_t output_count = 1;
  /// Features that some unit or deep leaf contributes to, ascending, by output.
  std::vector<std::vector<std::uint32_t>> used_features;

  /// most_states: of a unit of several leaves; 0: no units, every leaf is listed as a deep one.
  /// deep_paths: whether deep leaves have their features and tests.
  static UnitPlan build(const TreeEnsemble& ensemble, const RowEncoder& encoder,
                        std::size_t most_states, bool deep_paths);

  /// For each joint state of the unit, the features of a leaf of it that lead to the leaf.
  void patterns(const Unit& unit, const Leaf& leaf, std::span<std::uint8_t> by_state) const;
};

}  // namespace clairscore
