// For any processor. Two loops are written with the compiler's own vectors of 16 bytes, which every
// processor of today has, since as plain loops they go through memory at every step.

#include "engine/kernel_loops.h"

namespace clairscore {
namespace {

using Bytes16 = std::uint8_t __attribute__((vector_size(16), aligned(1), may_alias));
using Doubles2 = double __attribute__((vector_size(16), aligned(8), may_alias));

Bytes16 all_of(std::uint8_t byte) {
  return Bytes16{} + byte;
}

void table_indexes(const IndexStep* steps, std::size_t count, std::uint8_t start,
                   const std::uint8_t* codes, std::size_t stride, std::size_t rows,
                   std::uint8_t* indexes) {
  constexpr std::size_t kVectors = kRowStep / sizeof(Bytes16);
  for (std::size_t r = 0; r < rows; r += kRowStep) {
    Bytes16 index[kVectors];
    for (Bytes16& vector : index) vector = all_of(start);
    for (std::size_t s = 0; s < count; ++s) {
      const auto* code = reinterpret_cast<const Bytes16*>(codes + steps[s].column * stride + r);
      const Bytes16 at_least = all_of(steps[s].at_least);
      const Bytes16 weight = all_of(steps[s].weight);
#pragma GCC unroll 4
      for (std::size_t v = 0; v < kVectors; ++v) {
        index[v] += reinterpret_cast<Bytes16>(code[v] >= at_least) & weight;
      }
    }
    auto* out = reinterpret_cast<Bytes16*>(indexes + r);
    for (std::size_t v = 0; v < kVectors; ++v) out[v] = index[v];
  }
}

/// Two rows at a time, turned into columns two by two.
void add_table_rows(const TableSum& sum, std::size_t rows) {
  constexpr std::size_t kVectors = kTableRow / 2;
  const std::size_t stride = sum.table_stride;
  for (std::size_t r = 0; r < rows; r += 2) {
    Doubles2 upper[kVectors];
    Doubles2 lower[kVectors];
    const auto row_of = [&](std::size_t table, std::size_t row) {
      return reinterpret_cast<const Doubles2*>(sum.tables[table] +
                                               sum.indexes[table][row] * stride);
    };
    const Doubles2* first = row_of(0, r);
    const Doubles2* second = row_of(0, r + 1);
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) {
      upper[v] = first[v];
      lower[v] = second[v];
    }
    for (std::size_t t = 1; t < sum.count; ++t) {
      first = row_of(t, r);
      second = row_of(t, r + 1);
#pragma GCC unroll 4
      for (std::size_t v = 0; v < kVectors; ++v) {
        upper[v] += first[v];
        lower[v] += second[v];
      }
    }
    // Constant places, so that the rows stay in registers whatever the width.
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) {
      if (2 * v < sum.width) {
        auto* place = reinterpret_cast<Doubles2*>(sum.sums[2 * v] + r);
        *place += __builtin_shufflevector(upper[v], lower[v], 0, 2);
      }
      if (2 * v + 1 < sum.width) {
        auto* place = reinterpret_cast<Doubles2*>(sum.sums[2 * v + 1] + r);
        *place += __builtin_shufflevector(upper[v], lower[v], 1, 3);
      }
    }
  }
}

}  // namespace

const Kernels kPortableKernels = {
    loop_count_below, loop_exit_leaves,    loop_add_leaf_values, table_indexes,
    add_table_rows,   loop_sum_table_rows, loop_write_rows,      loop_deep_tree,
};

}  // namespace clairscore
