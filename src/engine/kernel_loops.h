#pragma once

// Kernels as plain loops that a compiler makes vectors of. Included by each file of kernels, which
// compiles them for its own instructions; hence the anonymous namespace, and no library function.

#include "engine/kernels.h"

namespace clairscore {
namespace {

/// Rows that loop_sum_table_rows() works on together; indexes go on up to a multiple of them.
constexpr std::size_t kSumRows = 16;

// The bucket of a value does not fall when the value grows (subtraction and multiplication by a
// positive number do not, rounded or not), so thresholds in earlier buckets are below every value
// of this one, and those in later buckets above: only the bucket's own have to be compared. NaN,
// and what infinite scales make of 0, lands in bucket 0.
inline void loop_count_below(const ThresholdColumn& column, const double* __restrict values,
                             std::size_t rows, std::uint8_t* __restrict codes) {
  const ThresholdColumn c = column;
  for (std::size_t r = 0; r < rows; ++r) {
    const double value = values[r];
    double position = (value - c.origin) * c.scale;
    position = position > 0 ? position : 0;
    position = position < c.last_bucket ? position : c.last_bucket;
    const std::size_t first = c.before[static_cast<int>(position)];
    std::size_t below = first;
    for (std::size_t s = 0; s < c.steps; ++s) below += c.thresholds[first + s] < value ? 1U : 0U;
    codes[r] = static_cast<std::uint8_t>(value == value ? below : 255U);
  }
}

struct SlotRows {
  const std::uint8_t* rows;
  std::uint8_t operator[](std::size_t r) const { return rows[r]; }
};

struct LeafNumber {
  std::uint8_t number;
  std::uint8_t operator[](std::size_t) const { return number; }
};

template <typename Left, typename Right>
inline void blend(const BlendStep& step, const std::uint8_t* __restrict codes, std::size_t rows,
                  Left left, Right right, std::uint8_t* into) {
  const std::uint8_t first = step.first;
  const std::uint8_t width = step.width;
#if !defined(__clang__)
#pragma GCC ivdep
#endif
  for (std::size_t r = 0; r < rows; ++r) {
    // Both sides are read and one is masked out: a choice between reads stays a branch.
    const auto place = static_cast<std::uint8_t>(codes[r] - first);
    const std::uint8_t from_left = place <= width ? std::uint8_t{0xFF} : std::uint8_t{0};
    const std::uint8_t left_leaf = left[r];
    const std::uint8_t right_leaf = right[r];
    into[r] = static_cast<std::uint8_t>((left_leaf & from_left) |
                                        (right_leaf & static_cast<std::uint8_t>(~from_left)));
  }
}

inline void loop_exit_leaves(const BlendStep* steps, std::size_t count, const std::uint8_t* codes,
                             std::size_t stride, std::size_t rows, std::uint8_t* slots,
                             std::size_t slot_stride) {
  for (std::size_t s = 0; s < count; ++s) {
    const BlendStep step = steps[s];
    const std::uint8_t* column = codes + step.column * stride;
    std::uint8_t* into = slots + step.into * slot_stride;
    const SlotRows left{slots + step.left * slot_stride};
    const SlotRows right{slots + step.right * slot_stride};
    const LeafNumber left_leaf{step.left};
    const LeafNumber right_leaf{step.right};
    if (step.left_is_leaf && step.right_is_leaf) {
      blend(step, column, rows, left_leaf, right_leaf, into);
    } else if (step.left_is_leaf) {
      blend(step, column, rows, left_leaf, right, into);
    } else if (step.right_is_leaf) {
      blend(step, column, rows, left, right_leaf, into);
    } else {
      blend(step, column, rows, left, right, into);
    }
  }
}

inline void loop_add_leaf_values(const std::uint8_t* __restrict leaves,
                                 const double* __restrict values, std::size_t /*leaf_count*/,
                                 std::size_t rows, double* __restrict sums) {
  for (std::size_t r = 0; r < rows; ++r) sums[r] += values[leaves[r]];
}

template <std::size_t kWidth>
inline void add_narrow_rows(const RowSum& sum, std::size_t first, std::size_t end, std::size_t r,
                            double* total) {
  for (std::size_t t = first; t < end; ++t) {
    std::uint8_t places[kTableRow];
    std::size_t count = 0;
    for (std::uint8_t v = 0; v < kTableRow; ++v) {
      if (((sum.masks[t] >> v) & 1U) != 0) places[count++] = v;
    }
    for (std::size_t i = 0; i < kSumRows; ++i) {
      const double* row = sum.tables[t] + std::size_t{sum.indexes[t][r + i]} * kWidth;
      for (std::size_t p = 0; p < count; ++p) {
        total[i * kTableRow + places[p]] += row[places[p] % kWidth];
      }
    }
  }
}

inline void loop_sum_table_rows(const RowSum& sum, std::size_t rows) {
  for (std::size_t r = 0; r < rows; r += kSumRows) {
    double total[kSumRows * kTableRow];
    const std::size_t some = rows - r < kSumRows ? rows - r : kSumRows;
    for (std::size_t i = 0; i < kSumRows * kTableRow; ++i) total[i] = 0;
    double* out = sum.out + r * sum.out_stride;
    for (std::size_t i = 0; sum.goes_on && i < some; ++i) {
      for (std::size_t v = 0; v < sum.width; ++v) {
        total[i * kTableRow + v] = out[i * sum.out_stride + v];
      }
    }
    add_narrow_rows<1>(sum, 0, sum.ends[0], r, total);
    add_narrow_rows<2>(sum, sum.ends[0], sum.ends[1], r, total);
    add_narrow_rows<4>(sum, sum.ends[1], sum.ends[2], r, total);
    add_narrow_rows<8>(sum, sum.ends[2], sum.ends[3], r, total);
    for (std::size_t i = 0; i < some; ++i) {
      for (std::size_t v = 0; v < sum.width; ++v) {
        out[i * sum.out_stride + v] = total[i * kTableRow + v];
      }
    }
  }
}

inline void loop_write_rows(const double* const* columns, std::size_t column_count,
                            std::size_t rows, double* out, std::size_t out_stride) {
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < column_count; ++c) out[r * out_stride + c] = columns[c][r];
  }
}

/// Eight lanes, as the compiler's own vector: it does not make one of these loops by itself.
using DeepVector =
    double __attribute__((vector_size(kDeepLanes * sizeof(double)), aligned(8), may_alias));

inline DeepVector& lanes_of(double* lanes) {
  return *reinterpret_cast<DeepVector*>(lanes);
}
inline const DeepVector& lanes_of(const double* lanes) {
  return *reinterpret_cast<const DeepVector*>(lanes);
}

/// What an edge in a state makes of the product of factors above it, and the difference of what its
/// feature's share of a leaf is from what it was above (engine/deep_trees.cc), lane by lane.
inline void deep_edge_table(const DeepTree& tree, std::size_t e, unsigned state,
                            const double* points, const double* weights, double* ratios,
                            double* shares) {
  const DeepEdge& edge = tree.edges[e];
  const double present = state == 0 ? 1 : 0;
  const double present_above = state == 2 ? 0 : 1;
  const bool first = edge.previous == DeepEdge::kNone;
  const double cover_above = first ? 1 : tree.edges[edge.previous].cover;
  for (std::size_t l = 0; l < kDeepLanes; ++l) {
    const double t = points[l];
    const double factor = t * present + (1 - t) * edge.cover;
    const double above = t * present_above + (1 - t) * cover_above;
    const double share = weights[l] * (present - edge.cover) / factor;
    const double share_above = weights[l] * (present_above - cover_above) / above;
    ratios[l] = first ? factor : factor / above;
    shares[l] = first ? share : share - share_above;
  }
}

inline void loop_deep_tree(const DeepTree& of) {
  const DeepTree tree = of;  // a copy: what is stored through vectors cannot change it
  constexpr std::size_t kStates = 3;
  constexpr std::size_t kEdgeTable = 2 * kStates * kDeepLanes;
  double* products = tree.work;
  double* sums = products + (tree.edge_count + 1) * kDeepLanes;
  double* slots = sums + (tree.edge_count + 1) * kDeepLanes;
  for (std::size_t i = 0; i < tree.slot_count * tree.rows; ++i) tree.contributions[i] = 0;
  for (std::size_t l = 0; l < kDeepLanes; ++l) products[l] = 1;
  for (std::size_t group = 0; group < tree.lane_groups; ++group) {
    const double* points = tree.points + group * kDeepLanes;
    const double* weights = tree.weights + group * kDeepLanes;
    for (std::size_t e = 0; e < tree.edge_count; ++e) {
      double* table = tree.tables + e * kEdgeTable;
      for (unsigned s = 0; s < kStates; ++s) {
        // A single row needs one state of each edge.
        if (tree.rows == 1 && tree.states[e * tree.state_stride] != s) continue;
        deep_edge_table(tree, e, s, points, weights, table + s * kDeepLanes,
                        table + (kStates + s) * kDeepLanes);
      }
    }
    for (std::size_t r = 0; r < tree.rows; ++r) {
      const std::uint8_t* states = tree.states + r;
      for (std::size_t e = 0; e < tree.edge_count; ++e) {
        const DeepEdge& edge = tree.edges[e];
        const double* ratio =
            tree.tables + e * kEdgeTable + states[e * tree.state_stride] * kDeepLanes;
        const DeepVector product = lanes_of(products + edge.parent * kDeepLanes) * lanes_of(ratio);
        lanes_of(products + (e + 1) * kDeepLanes) = product;
        lanes_of(sums + (e + 1) * kDeepLanes) = product * edge.value;
      }
      for (std::size_t s = 0; s < tree.slot_count; ++s)
        lanes_of(slots + s * kDeepLanes) = DeepVector{};
      for (std::size_t e = tree.edge_count; e-- > 0;) {
        const DeepEdge& edge = tree.edges[e];
        const double* share =
            tree.tables + e * kEdgeTable + (kStates + states[e * tree.state_stride]) * kDeepLanes;
        const DeepVector sum = lanes_of(sums + (e + 1) * kDeepLanes);
        lanes_of(slots + edge.slot * kDeepLanes) += sum * lanes_of(share);
        lanes_of(sums + edge.parent * kDeepLanes) += sum;
      }
      for (std::size_t s = 0; s < tree.slot_count; ++s) {
        const double* lanes = slots + s * kDeepLanes;
        tree.contributions[s * tree.rows + r] += ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
                                                 ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
      }
    }
  }
}

}  // namespace
}  // namespace clairscore
