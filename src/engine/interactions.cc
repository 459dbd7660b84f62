#include "engine/interactions.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/parallel.h"
#include "engine/block_memory.h"
#include "engine/leaf_tables.h"

namespace clairscore {

namespace {

constexpr std::size_t kRunsAtATime = 8;
/// Units whose indexes are worked out together: a run with more goes on with what it has.
constexpr std::size_t kUnitsTogether = 16;

/// Doubles of a unit's table, so that the next one begins with a line of the caches.
std::size_t padded(const PairPlan::Unit& unit) {
  return (unit.states * unit.row_width + kTableRow - 1) / kTableRow * kTableRow;
}

DeepPairs deep_pairs(const PairPlan& plan, const FeaturePairs& pairs) {
  DeepPairs deep;
  if (plan.deep.empty()) return deep;
  std::map<std::pair<std::size_t, std::size_t>, std::uint32_t> value_of;
  for (std::uint32_t v = 0; v < pairs.size(); ++v) value_of[pairs[v]] = v;
  for (const std::uint32_t l : plan.deep) {
    const UnitPlan::DeepLeaf& leaf = plan.leaves[l];
    std::vector<std::uint32_t> values;
    for (std::size_t i = 0; i < leaf.features.size(); ++i) {
      for (std::size_t j = i + 1; j < leaf.features.size(); ++j) {
        const auto [a, b] = std::minmax(leaf.features[i].feature, leaf.features[j].feature);
        values.push_back(value_of.at({a, b}));
      }
    }
    deep.add_leaf(leaf, std::move(values));
  }
  return deep;
}

}  // namespace

InteractionExplainer::InteractionExplainer(const TreeEnsemble& ensemble, const RowEncoder& encoder,
                                           std::size_t threads)
    : ensemble_(&ensemble), encoder_(&encoder), pairs_(interacting_features(ensemble)) {
  const PairPlan plan = PairPlan::build(ensemble, encoder, pairs_, threads);
  fill_tables(plan, threads);
  deep_ = deep_pairs(plan, pairs_);
}

void InteractionExplainer::fill_tables(const PairPlan& plan, std::size_t threads) {
  std::size_t values = 0;
  for (const auto& units : plan.units) {
    for (const PairPlan::Unit& unit : units) values += padded(unit);
  }
  memory_ = TableMemory(values);
  double* table = memory_.get();
  for (const auto& units : plan.units) {
    runs_.push_back(
        {static_cast<std::uint32_t>(units_.size()), static_cast<std::uint32_t>(units.size())});
    for (const PairPlan::Unit& unit : units) {
      units_.push_back({static_cast<std::uint32_t>(steps_.size()),
                        static_cast<std::uint32_t>(unit.steps.size()), unit.start, unit.places,
                        unit.row_width, table});
      steps_.insert(steps_.end(), unit.steps.begin(), unit.steps.end());
      table += padded(unit);
    }
  }
  parallel_blocks(runs_.size(), kRunsAtATime, threads, [&](std::size_t begin, std::size_t end) {
    std::array<std::uint8_t, PairPlan::kMostStates> patterns;
    alignas(64) std::array<double, (std::size_t{1} << UnitPlan::kMostFeatures) * kTableRow> of_leaf;
    for (std::size_t run = begin; run < end; ++run) {
      for (std::size_t u = 0; u < runs_[run].unit_count; ++u) {
        const PairPlan::Unit& unit = plan.units[run][u];
        const double* rows = units_[runs_[run].first_unit + u].table;
        double* row = memory_.get() + (rows - memory_.get());
        std::fill_n(row, unit.states * unit.row_width, 0.0);
        std::array<std::size_t, kTableRow> place_of{};
        std::size_t width = 0;
        for (std::size_t v = 0; v < kTableRow; ++v) {
          if (((unit.places >> v) & 1U) != 0) place_of[width++] = v;
        }
        for (const PairPlan::UnitLeaf& entry : unit.leaves) {
          const UnitPlan::DeepLeaf& leaf = plan.leaves[entry.leaf];
          std::fill_n(of_leaf.begin(), kTableRow << leaf.features.size(), 0.0);
          fill_interactions(leaf.value, leaf.features,
                            std::span(plan.pairs).subspan(entry.first_pair, entry.pair_count),
                            of_leaf.data());
          PairPlan::patterns(unit, leaf, patterns);
          for (std::size_t state = 0; state < unit.states; ++state) {
            const double* added = &of_leaf[patterns[state] * kTableRow];
            double* sums = row + state * unit.row_width;
            for (std::size_t v = 0; v < width; ++v) {
              sums[place_of[v] % unit.row_width] += added[place_of[v]];
            }
          }
        }
      }
    }
  });
}

void InteractionExplainer::add_run(const Run& run, const std::uint8_t* codes, std::size_t rows,
                                   double* out, std::size_t out_stride, std::size_t width,
                                   const Kernels& kernels) const {
  const std::size_t rounded = (rows + kRowStep - 1) / kRowStep * kRowStep;
  std::uint8_t* indexes = BlockMemory::of_this_thread().bytes(1, kUnitsTogether * kBlockRows);
  std::array<const double*, kUnitsTogether> tables;
  std::array<const std::uint8_t*, kUnitsTogether> unit_indexes;
  std::array<std::uint8_t, kUnitsTogether> masks;
  for (std::size_t first = 0; first < run.unit_count; first += kUnitsTogether) {
    const std::size_t count = std::min(kUnitsTogether, run.unit_count - first);
    RowSum sum{tables.data(), unit_indexes.data(), masks.data(), {}, first > 0,
               out,           out_stride,          width};
    for (std::size_t u = 0; u < count; ++u) {
      const Unit& unit = units_[run.first_unit + first + u];
      masks[u] = unit.places;
      for (std::size_t w = 0; w < kRowWidths; ++w) sum.ends[w] += unit.row_width <= (1U << w);
      kernels.table_indexes(steps_.data() + unit.first_step, unit.step_count, unit.start, codes,
                            kBlockRows, rounded, indexes + u * kBlockRows);
      tables[u] = unit.table;
      unit_indexes[u] = indexes + u * kBlockRows;
    }
    kernels.sum_table_rows(sum, rows);
  }
}

bool InteractionExplainer::explain(const RowEncoder::Rows& rows, std::size_t begin,
                                   std::size_t count, double* out, const Kernels& kernels) const {
  const std::size_t outputs = ensemble_->outputs();
  const std::size_t width = pairs_.size();
  const std::size_t runs = (width + kTableRow - 1) / kTableRow;
  std::uint8_t* codes = BlockMemory::of_this_thread().bytes(0, encoder_->columns() * kBlockRows);
  for (std::size_t done = 0; done < count; done += kBlockRows) {
    const std::size_t block = std::min(kBlockRows, count - done);
    const std::size_t padded = (block + kRowStep - 1) / kRowStep * kRowStep;
    if (!encoder_->encode(rows, begin + done, block, codes, kBlockRows, kernels)) return false;
    for (std::size_t c = 0; block < padded && c < encoder_->columns(); ++c) {
      std::fill(codes + c * kBlockRows + block, codes + c * kBlockRows + padded, std::uint8_t{0});
    }
    for (std::size_t k = 0; k < outputs; ++k) {
      double* values = out + (done * outputs + k) * width;
      const std::size_t stride = outputs * width;
      for (std::size_t run = 0; run < runs; ++run) {
        const std::size_t first = run * kTableRow;
        const std::size_t run_width = std::min(kTableRow, width - first);
        if (runs_[k * runs + run].unit_count == 0) {
          for (std::size_t r = 0; r < block; ++r) {
            std::fill_n(values + r * stride + first, run_width, 0.0);
          }
          continue;
        }
        add_run(runs_[k * runs + run], codes, block, values + first, stride, run_width, kernels);
      }
      deep_.add(k, {codes, kBlockRows}, block, values, stride);
    }
  }
  return true;
}

}  // namespace clairscore
