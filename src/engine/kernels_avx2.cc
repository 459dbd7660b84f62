// Compiled for AVX2 (and not for FMA): a table row is two registers, transposed four rows at a
// time.

#include <immintrin.h>

#include "engine/kernel_loops.h"

namespace clairscore {
namespace {

struct Rows4 {
  __m256d row[4];
};

/// Rows to columns.
inline void transpose(Rows4& m) {
  const __m256d a0 = _mm256_unpacklo_pd(m.row[0], m.row[1]);
  const __m256d a1 = _mm256_unpackhi_pd(m.row[0], m.row[1]);
  const __m256d a2 = _mm256_unpacklo_pd(m.row[2], m.row[3]);
  const __m256d a3 = _mm256_unpackhi_pd(m.row[2], m.row[3]);
  m.row[0] = _mm256_permute2f128_pd(a0, a2, 0x20);
  m.row[1] = _mm256_permute2f128_pd(a1, a3, 0x20);
  m.row[2] = _mm256_permute2f128_pd(a0, a2, 0x31);
  m.row[3] = _mm256_permute2f128_pd(a1, a3, 0x31);
}

/// kVectors times 32 rows, whose indexes stay in registers.
template <std::size_t kVectors>
inline void index_rows(const IndexStep* steps, std::size_t count, std::uint8_t start,
                       const std::uint8_t* codes, std::size_t stride, std::uint8_t* indexes) {
  __m256i index[kVectors];
#pragma GCC unroll 8
  for (std::size_t v = 0; v < kVectors; ++v) {
    index[v] = _mm256_set1_epi8(static_cast<char>(start));
  }
  for (std::size_t s = 0; s < count; ++s) {
    const std::uint8_t* column = codes + steps[s].column * stride;
    const __m256i at_least = _mm256_set1_epi8(static_cast<char>(steps[s].at_least));
    const __m256i weight = _mm256_set1_epi8(static_cast<char>(steps[s].weight));
#pragma GCC unroll 8
    for (std::size_t v = 0; v < kVectors; ++v) {
      const __m256i code = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(column + v * 32));
      const __m256i taken = _mm256_cmpeq_epi8(_mm256_max_epu8(code, at_least), code);
      index[v] = _mm256_add_epi8(index[v], _mm256_and_si256(taken, weight));
    }
  }
#pragma GCC unroll 8
  for (std::size_t v = 0; v < kVectors; ++v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(indexes + v * 32), index[v]);
  }
}

void table_indexes(const IndexStep* steps, std::size_t count, std::uint8_t start,
                   const std::uint8_t* codes, std::size_t stride, std::size_t rows,
                   std::uint8_t* indexes) {
  std::size_t r = 0;
  for (; r + 256 <= rows; r += 256) {
    index_rows<8>(steps, count, start, codes + r, stride, indexes + r);
  }
  for (; r < rows; r += 32) index_rows<1>(steps, count, start, codes + r, stride, indexes + r);
}

template <std::size_t kWidth>
void add_table_rows_of(const TableSum& sum, std::size_t rows) {
  constexpr std::size_t kLow = kWidth < 4 ? kWidth : 4;
  constexpr std::size_t kHigh = kWidth - kLow;
  const std::size_t stride = sum.table_stride;
  for (std::size_t r = 0; r < rows; r += 4) {
    Rows4 low;
    Rows4 high;
    const std::uint8_t* index = sum.indexes[0] + r;
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 4; ++i) {
      const double* row = sum.tables[0] + index[i] * stride;
      low.row[i] = _mm256_loadu_pd(row);
      high.row[i] = _mm256_loadu_pd(row + 4);
    }
    for (std::size_t t = 1; t < sum.count; ++t) {
      index = sum.indexes[t] + r;
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4; ++i) {
        const double* row = sum.tables[t] + index[i] * stride;
        low.row[i] = _mm256_add_pd(low.row[i], _mm256_loadu_pd(row));
        if (kHigh > 0) high.row[i] = _mm256_add_pd(high.row[i], _mm256_loadu_pd(row + 4));
      }
    }
    transpose(low);
#pragma GCC unroll 4
    for (std::size_t c = 0; c < kLow; ++c) {
      double* place = sum.sums[c] + r;
      _mm256_storeu_pd(place, _mm256_add_pd(_mm256_loadu_pd(place), low.row[c]));
    }
    if (kHigh == 0) continue;
    transpose(high);
#pragma GCC unroll 4
    for (std::size_t c = 0; c < kHigh; ++c) {
      double* place = sum.sums[4 + c] + r;
      _mm256_storeu_pd(place, _mm256_add_pd(_mm256_loadu_pd(place), high.row[c]));
    }
  }
}

void add_table_rows(const TableSum& sum, std::size_t rows) {
  switch (sum.width) {
    case 1:
      return add_table_rows_of<1>(sum, rows);
    case 2:
      return add_table_rows_of<2>(sum, rows);
    case 3:
      return add_table_rows_of<3>(sum, rows);
    case 4:
      return add_table_rows_of<4>(sum, rows);
    case 5:
      return add_table_rows_of<5>(sum, rows);
    case 6:
      return add_table_rows_of<6>(sum, rows);
    case 7:
      return add_table_rows_of<7>(sum, rows);
    default:
      return add_table_rows_of<8>(sum, rows);
  }
}

void write_rows(const double* const* columns, std::size_t column_count, std::size_t rows,
                double* out, std::size_t out_stride) {
  const std::size_t whole_rows = rows / 4 * 4;
  std::size_t c = 0;
  for (; c + 4 <= column_count; c += 4) {
    for (std::size_t r = 0; r < whole_rows; r += 4) {
      Rows4 m;
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4; ++i) m.row[i] = _mm256_loadu_pd(columns[c + i] + r);
      transpose(m);
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4; ++i) {
        _mm256_storeu_pd(out + (r + i) * out_stride + c, m.row[i]);
      }
    }
  }
  for (std::size_t r = 0; r < whole_rows; ++r) {
    for (std::size_t rest = c; rest < column_count; ++rest) {
      out[r * out_stride + rest] = columns[rest][r];
    }
  }
  for (std::size_t r = whole_rows; r < rows; ++r) {
    for (std::size_t i = 0; i < column_count; ++i) out[r * out_stride + i] = columns[i][r];
  }
}

}  // namespace

const Kernels kAvx2Kernels = {
    loop_count_below, loop_exit_leaves,    loop_add_leaf_values, table_indexes,
    add_table_rows,   loop_sum_table_rows, write_rows,           loop_deep_tree,
};

}  // namespace clairscore
