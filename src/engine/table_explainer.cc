#include "engine/table_explainer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <map>
#include <utility>

#include "base/parallel.h"
#include "engine/block_memory.h"
#include "engine/deep_leaves.h"
#include "engine/leaf_tables.h"

namespace clairscore {

namespace {

constexpr std::uint32_t kUnused = std::numeric_limits<std::uint32_t>::max();
/// Tables beyond this would leave the caches: units are then made smaller.
constexpr std::size_t kMostTableBytes = std::size_t{64} << 20U;
constexpr std::size_t kLeastStates = 32;
constexpr std::size_t kUnitsAtATime = 32;
/// Columns of sums a whole number of pages apart would all want the same places of the caches.
constexpr std::size_t kSumStride = TableExplainer::kBlockRows + 24;

std::size_t table_bytes(const UnitPlan& plan) {
  std::size_t rows = 0;
  for (const UnitPlan::Unit& unit : plan.units) rows += unit.states;
  return rows * kTableRow * sizeof(double);
}

UnitPlan plan_within_cache(const TreeEnsemble& ensemble, const RowEncoder& encoder,
                           bool deep_paths) {
  for (std::size_t states = UnitPlan::kMostStates;; states /= 2) {
    UnitPlan plan = UnitPlan::build(ensemble, encoder, states, deep_paths);
    if (table_bytes(plan) <= kMostTableBytes || states <= kLeastStates) return plan;
  }
}

/// Places of a leaf's features in the rows of its group.
std::array<std::uint8_t, UnitPlan::kMostFeatures> places_of(const UnitPlan& plan,
                                                            const UnitPlan::Group& group,
                                                            const UnitPlan::Leaf& leaf) {
  std::array<std::uint8_t, UnitPlan::kMostFeatures> places{};
  for (std::uint32_t i = 0; i < leaf.feature_count; ++i) {
    const std::uint32_t feature = plan.leaf_features[leaf.first_feature + i].feature;
    const auto end = group.features.begin() + group.feature_count;
    places[i] = static_cast<std::uint8_t>(std::lower_bound(group.features.begin(), end, feature) -
                                          group.features.begin());
  }
  return places;
}

}  // namespace

TableExplainer::TableExplainer(const TreeEnsemble& ensemble, const RowEncoder& encoder,
                               bool deep_paths)
    : ensemble_(&ensemble),
      encoder_(&encoder),
      plan_(std::make_unique<const UnitPlan>(plan_within_cache(ensemble, encoder, deep_paths))) {
  column_of_.assign(ensemble.outputs() * ensemble.features(), kUnused);
  for (std::size_t k = 0; k < ensemble.outputs(); ++k) {
    const auto& used = plan_->used_features[k];
    for (std::uint32_t c = 0; c < used.size(); ++c) {
      column_of_[k * ensemble.features() + used[c]] = c;
    }
  }
  sort_row_steps();
}

void TableExplainer::sort_row_steps() {
  std::vector<std::vector<RowStep>> by_column(encoder_->columns());
  for (std::uint32_t u = 0; u < plan_->units.size(); ++u) {
    const UnitPlan::Unit& unit = plan_->units[u];
    starts_.push_back(unit.start);
    for (std::uint32_t s = unit.first_step; s < unit.first_step + unit.step_count; ++s) {
      const IndexStep& step = plan_->steps[s];
      by_column[step.column].push_back({u, step.at_least, step.weight});
    }
  }
  for (std::vector<RowStep>& steps : by_column) {
    std::sort(steps.begin(), steps.end(), [](const RowStep& a, const RowStep& b) {
      return std::pair(a.at_least, a.unit) < std::pair(b.at_least, b.unit);
    });
    first_row_step_.push_back(row_steps_.size());
    row_steps_.insert(row_steps_.end(), steps.begin(), steps.end());
  }
  first_row_step_.push_back(row_steps_.size());
}

TableExplainer::TableExplainer(TableExplainer&&) noexcept = default;
TableExplainer& TableExplainer::operator=(TableExplainer&&) noexcept = default;
TableExplainer::~TableExplainer() = default;

void TableExplainer::fill_tables(std::size_t threads, const FillLeaf& fill) {
  const UnitPlan& plan = *plan_;
  memory_ = TableMemory(table_bytes(plan) / sizeof(double));
  tables_.clear();
  double* next = memory_.get();
  std::vector<const UnitPlan::Group*> group_of(plan.units.size());
  for (const UnitPlan::Group& group : plan.groups) {
    for (std::uint32_t u = 0; u < group.unit_count; ++u) group_of[group.first_unit + u] = &group;
  }
  for (const UnitPlan::Unit& unit : plan.units) {
    tables_.push_back(next);
    next += unit.states * kTableRow;
  }
  parallel_blocks(
      plan.units.size(), kUnitsAtATime, threads, [&](std::size_t begin, std::size_t end) {
        std::array<std::uint8_t, UnitPlan::kMostStates> patterns;
        alignas(64) std::array<double, (std::size_t{1} << UnitPlan::kMostFeatures) * kTableRow>
            of_leaf;
        for (std::size_t u = begin; u < end; ++u) {
          const UnitPlan::Unit& unit = plan.units[u];
          double* table = memory_.get() + (tables_[u] - memory_.get());
          std::fill_n(table, unit.states * kTableRow, 0.0);
          for (std::uint32_t l = 0; l < unit.leaf_count; ++l) {
            const UnitPlan::Leaf& leaf = plan.leaves[unit.first_leaf + l];
            const auto places = places_of(plan, *group_of[u], leaf);
            std::fill_n(of_leaf.begin(), kTableRow << leaf.feature_count, 0.0);
            fill(u, unit.first_leaf + l, std::span(places).first(leaf.feature_count),
                 of_leaf.data());
            plan.patterns(unit, leaf, patterns);
            for (std::size_t state = 0; state < unit.states; ++state) {
              double* row = table + state * kTableRow;
              const double* added = &of_leaf[patterns[state] * kTableRow];
              for (std::size_t c = 0; c < kTableRow; ++c) row[c] += added[c];
            }
          }
        }
      });
}

TableExplainer TableExplainer::path_dependent(const TreeEnsemble& ensemble,
                                              const RowEncoder& encoder, std::size_t threads) {
  TableExplainer explainer(ensemble, encoder, false);
  const UnitPlan& plan = *explainer.plan_;
  explainer.fill_tables(threads, [&](std::size_t, std::size_t l,
                                     std::span<const std::uint8_t> places, double* table) {
    const UnitPlan::Leaf& leaf = plan.leaves[l];
    fill_path_dependent(
        leaf.value, std::span(plan.leaf_features).subspan(leaf.first_feature, leaf.feature_count),
        places, table);
  });
  explainer.deep_ = DeepLeaves::path_dependent(plan, ensemble, encoder);
  return explainer;
}

std::optional<TableExplainer> TableExplainer::interventional(const TreeEnsemble& ensemble,
                                                             const RowEncoder& encoder,
                                                             const RowEncoder::Rows& background,
                                                             std::size_t threads,
                                                             const Kernels& kernels) {
  TableExplainer explainer(ensemble, encoder, true);
  const UnitPlan& plan = *explainer.plan_;
  const std::size_t rows = background.size();
  const std::size_t stride = (rows + kRowStep - 1) / kRowStep * kRowStep;
  std::vector<std::uint8_t> codes(encoder.columns() * stride);
  if (!encoder.encode(background, 0, rows, codes.data(), stride, kernels)) return std::nullopt;

  const auto one_row = 1 / static_cast<double>(rows);
  // Base values: what the leaves are worth by the share of rows that reach them.
  std::vector<double> leaf_shares(plan.leaves.size());
  std::vector<std::array<double, UnitPlan::kMostStates>> state_rows(plan.units.size());
  parallel_blocks(
      plan.units.size(), kUnitsAtATime, threads, [&](std::size_t begin, std::size_t end) {
        std::vector<std::uint8_t> indexes(stride);
        for (std::size_t u = begin; u < end; ++u) {
          const UnitPlan::Unit& unit = plan.units[u];
          kernels.table_indexes(plan.steps.data() + unit.first_step, unit.step_count, unit.start,
                                codes.data(), stride, stride, indexes.data());
          // Two rows in a row often have the same state: several counters, so that
          // one need not wait for the other.
          std::array<std::array<std::uint32_t, UnitPlan::kMostStates>, 4> counts{};
          for (std::size_t r = 0; r < rows; ++r) ++counts[r % 4][indexes[r]];
          for (std::size_t s = 0; s < UnitPlan::kMostStates; ++s) {
            state_rows[u][s] = static_cast<double>(std::uint64_t{counts[0][s]} + counts[1][s] +
                                                   counts[2][s] + counts[3][s]);
          }
        }
      });
  explainer.fill_tables(threads, [&](std::size_t u, std::size_t l,
                                     std::span<const std::uint8_t> places, double* table) {
    const UnitPlan::Leaf& leaf = plan.leaves[l];
    const UnitPlan::Unit& unit = plan.units[u];
    std::array<std::uint8_t, UnitPlan::kMostStates> patterns;
    std::array<double, std::size_t{1} << UnitPlan::kMostFeatures> shares{};
    plan.patterns(unit, leaf, patterns);
    for (std::size_t s = 0; s < unit.states; ++s) shares[patterns[s]] += state_rows[u][s];
    for (double& share : shares) share *= one_row;
    leaf_shares[l] = shares[(std::size_t{1} << leaf.feature_count) - 1];
    fill_interventional(leaf.value, leaf.feature_count, shares, places, table);
  });
  explainer.deep_ = DeepLeaves::interventional(plan, {codes.data(), stride}, rows);

  explainer.base_values_.assign(ensemble.baseline().begin(), ensemble.baseline().end());
  for (std::size_t t = 0; t < ensemble.trees().size(); ++t) {
    const Tree& tree = ensemble.trees()[t];
    if (tree.size() == 1) explainer.base_values_[t % ensemble.outputs()] += tree[0].value;
  }
  for (const UnitPlan::Unit& unit : plan.units) {
    for (std::uint32_t l = unit.first_leaf; l < unit.first_leaf + unit.leaf_count; ++l) {
      explainer.base_values_[unit.output] += plan.leaves[l].value * leaf_shares[l];
    }
  }
  explainer.deep_->add_base_values(explainer.base_values_);
  return explainer;
}

bool TableExplainer::explain(const RowEncoder::Rows& rows, std::size_t begin, std::size_t count,
                             double* out, const Kernels& kernels) const {
  const UnitPlan& plan = *plan_;
  const std::size_t features = ensemble_->features();
  const std::size_t outputs = ensemble_->outputs();
  std::size_t most_used = 0;
  for (const auto& used : plan.used_features) most_used = std::max(most_used, used.size());
  BlockMemory& memory = BlockMemory::of_this_thread();
  std::uint8_t* codes = memory.bytes(0, encoder_->columns() * kBlockRows);
  std::uint8_t* indexes = memory.bytes(1, UnitPlan::kMostUnitsInGroup * kBlockRows);
  double* sums = memory.doubles(0, (most_used + 1) * kSumStride);
  double* zeros = sums + most_used * kSumStride;
  std::fill_n(zeros, kBlockRows, 0.0);
  std::vector<const double*> columns(features);
  std::array<const std::uint8_t*, UnitPlan::kMostUnitsInGroup> unit_indexes;
  for (std::size_t u = 0; u < unit_indexes.size(); ++u) unit_indexes[u] = indexes + u * kBlockRows;

  for (std::size_t done = 0; done < count; done += kBlockRows) {
    const std::size_t block = std::min(kBlockRows, count - done);
    const std::size_t padded = (block + kRowStep - 1) / kRowStep * kRowStep;
    if (!encoder_->encode(rows, begin + done, block, codes, kBlockRows, kernels)) return false;
    for (std::size_t c = 0; block < padded && c < encoder_->columns(); ++c) {
      std::fill(codes + c * kBlockRows + block, codes + c * kBlockRows + padded, std::uint8_t{0});
    }
    std::size_t group = 0;
    for (std::size_t k = 0; k < outputs; ++k) {
      const std::uint32_t* column_of = &column_of_[k * features];
      for (std::size_t c = 0; c < plan.used_features[k].size(); ++c) {
        std::fill_n(sums + c * kSumStride, padded, 0.0);
      }
      for (; group < plan.groups.size() && plan.groups[group].output == k; ++group) {
        const UnitPlan::Group& g = plan.groups[group];
        std::array<double*, kTableRow> into;
        for (std::size_t i = 0; i < g.feature_count; ++i) {
          into[i] = sums + column_of[g.features[i]] * kSumStride;
        }
        for (std::size_t u = 0; u < g.unit_count; ++u) {
          const UnitPlan::Unit& unit = plan.units[g.first_unit + u];
          kernels.table_indexes(plan.steps.data() + unit.first_step, unit.step_count, unit.start,
                                codes, kBlockRows, padded, indexes + u * kBlockRows);
        }
        kernels.add_table_rows({&tables_[g.first_unit], unit_indexes.data(), g.unit_count,
                                kTableRow, into.data(), g.feature_count},
                               padded);
      }
      deep_->add(k, {codes, kBlockRows}, padded, column_of, sums, kSumStride, kernels);
      for (std::size_t f = 0; f < features; ++f) {
        columns[f] = column_of[f] == kUnused ? zeros : sums + column_of[f] * kSumStride;
      }
      kernels.write_rows(columns.data(), features, block, out + (done * outputs + k) * features,
                         outputs * features);
    }
  }
  return true;
}

void TableExplainer::explain_row(const std::uint8_t* codes, double* out,
                                 const Kernels& kernels) const {
  const UnitPlan& plan = *plan_;
  const std::size_t features = ensemble_->features();
  std::uint8_t* indexes = BlockMemory::of_this_thread().bytes(1, starts_.size());
  std::copy(starts_.begin(), starts_.end(), indexes);
  for (std::size_t column = 0; column + 1 < first_row_step_.size(); ++column) {
    const RowStep* step = row_steps_.data() + first_row_step_[column];
    const RowStep* end = row_steps_.data() + first_row_step_[column + 1];
    for (; step != end && step->at_least <= codes[column]; ++step) {
      indexes[step->unit] = static_cast<std::uint8_t>(indexes[step->unit] + step->weight);
    }
  }
  std::fill_n(out, ensemble_->outputs() * features, 0.0);
  for (const UnitPlan::Group& group : plan.groups) {
    std::array<double, kTableRow> sum;
    const double* first = tables_[group.first_unit] + indexes[group.first_unit] * kTableRow;
    for (std::size_t c = 0; c < kTableRow; ++c) sum[c] = first[c];
    for (std::uint32_t u = group.first_unit + 1; u < group.first_unit + group.unit_count; ++u) {
      const double* row = tables_[u] + indexes[u] * kTableRow;
      for (std::size_t c = 0; c < kTableRow; ++c) sum[c] += row[c];
    }
    double* contributions = out + group.output * features;
    for (std::size_t c = 0; c < group.feature_count; ++c) {
      contributions[group.features[c]] += sum[c];
    }
  }
  if (deep_->empty()) return;
  for (std::size_t k = 0; k < ensemble_->outputs(); ++k) {
    // The columns of a single row are the features themselves.
    deep_->add_row(k, codes, out + k * features, kernels);
  }
}

}  // namespace clairscore
