#pragma once

// What a leaf of up to eight features contributes, for every pattern of features that lead to it.
// Tables have a row of kTableRow doubles a pattern; feature i of the leaf is in column places[i].

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/pair_plan.h"
#include "engine/unit_plan.h"

namespace clairscore {

/// Path-dependent: Shapley's weights as an integral, by quadrature (model/tree_explainer.h).
void fill_path_dependent(double value, std::span<const UnitPlan::LeafFeature> features,
                         std::span<const std::uint8_t> places, double* table);

/// Interactions, path-dependent: half of what a leaf gives each of these pairs of its features
/// (engine/interactions.h), in the pair's place of the row.
void fill_interactions(double value, std::span<const UnitPlan::LeafFeature> features,
                       std::span<const PairPlan::LeafPair> pairs, double* table);

/// Interventional: `shares[q]` is the share of the background whose pattern is q. A pattern p of
/// the explained row meets q only if every feature leads on in one of them; the features in p alone
/// then share value / C, those in q alone lose it, by Shapley's weights of that game.
void fill_interventional(double value, std::size_t feature_count, std::span<const double> shares,
                         std::span<const std::uint8_t> places, double* table);

/// s! t! / (s + t)! / s: what each of s features gets that hold alone, with t others that must not.
double interventional_weight(std::size_t s, std::size_t t);

}  // namespace clairscore
