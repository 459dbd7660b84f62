#pragma once

// Kernels as plain loops that a compiler makes vectors of. Included by each file of kernels, which
// compiles them for its own instructions; hence the anonymous namespace, and no library function.

#include "engine/kernels.h"

namespace clairscore {
namespace {

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
#pragma GCC ivdep
  for (std::size_t r = 0; r < rows; ++r) {
    const bool goes_left = static_cast<std::uint8_t>(codes[r] - step.first) <= step.width;
    into[r] = goes_left ? left[r] : right[r];
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

inline void loop_table_indexes(const IndexStep* steps, std::size_t count, std::uint8_t start,
                               const std::uint8_t* codes, std::size_t stride, std::size_t rows,
                               std::uint8_t* __restrict indexes) {
  for (std::size_t r = 0; r < rows; ++r) indexes[r] = start;
  for (std::size_t s = 0; s < count; ++s) {
    const std::uint8_t* __restrict column = codes + steps[s].column * stride;
    const std::uint8_t at_least = steps[s].at_least;
    const std::uint8_t weight = steps[s].weight;
    for (std::size_t r = 0; r < rows; ++r) {
      // As bytes throughout: wider in between, and g++ 12 makes no vectors of it.
      const std::uint8_t added = column[r] >= at_least ? weight : std::uint8_t{0};
      indexes[r] = static_cast<std::uint8_t>(indexes[r] + added);
    }
  }
}

inline void loop_add_table_rows(const TableSum& sum, std::size_t rows) {
  for (std::size_t r = 0; r < rows; ++r) {
    double row[kTableRow];
    const double* first = sum.tables[0] + sum.indexes[0][r] * sum.table_stride;
    for (std::size_t c = 0; c < kTableRow; ++c) row[c] = first[c];
    for (std::size_t t = 1; t < sum.count; ++t) {
      const double* next = sum.tables[t] + sum.indexes[t][r] * sum.table_stride;
      for (std::size_t c = 0; c < kTableRow; ++c) row[c] += next[c];
    }
    for (std::size_t c = 0; c < sum.width; ++c) sum.sums[c][r] += row[c];
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
