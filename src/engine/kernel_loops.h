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

inline void loop_deep_leaf(const DeepLeaf& leaf) {
  const std::size_t rows = leaf.rows;
  double* factors = leaf.work;
  double* before = leaf.work + leaf.slots * rows;
  double* after = before + (leaf.slots + 1) * rows;
  for (std::size_t i = 0; i < leaf.slots * rows; ++i) leaf.contributions[i] = 0;
  for (std::size_t q = 0; q < leaf.point_count; ++q) {
    const double t = leaf.points[q];
    for (std::size_t r = 0; r < rows; ++r) {
      before[r] = leaf.weights[q];
      after[r] = 1;
    }
    for (std::size_t s = 0; s < leaf.slots; ++s) {
      const double absent = (1 - t) * leaf.covers[s];
      const double* __restrict present = leaf.present + s * rows;
      double* __restrict factor = factors + s * rows;
      const double* __restrict product = before + s * rows;
      double* __restrict next = before + (s + 1) * rows;
      for (std::size_t r = 0; r < rows; ++r) {
        factor[r] = t * present[r] + absent;
        next[r] = product[r] * factor[r];
      }
    }
    for (std::size_t s = leaf.slots; s-- > 0;) {
      const double* __restrict factor = factors + s * rows;
      const double* __restrict product = before + s * rows;
      double* __restrict integral = leaf.contributions + s * rows;
      double* __restrict rest = after;
      for (std::size_t r = 0; r < rows; ++r) {
        integral[r] += product[r] * rest[r];
        rest[r] *= factor[r];
      }
    }
  }
  for (std::size_t s = 0; s < leaf.slots; ++s) {
    const double* __restrict present = leaf.present + s * rows;
    double* __restrict contribution = leaf.contributions + s * rows;
    const double cover = leaf.covers[s];
    const double value = leaf.value;
    for (std::size_t r = 0; r < rows; ++r) {
      contribution[r] = value * (present[r] - cover) * contribution[r];
    }
  }
}

}  // namespace
}  // namespace clairscore
