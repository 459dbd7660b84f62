// Compiled for AVX-512 F, BW, VL and DQ: eight rows of eight doubles are transposed in registers.

#include <immintrin.h>

#include "engine/kernel_loops.h"

namespace clairscore {
namespace {

/// Eight values at a time; see loop_count_below().
void count_below(const ThresholdColumn& column, const double* values, std::size_t rows,
                 std::uint8_t* codes) {
  const ThresholdColumn c = column;
  const __m512d origin = _mm512_set1_pd(c.origin);
  const __m512d scale = _mm512_set1_pd(c.scale);
  const __m512d last = _mm512_set1_pd(c.last_bucket);
  const __m512d zero = _mm512_setzero_pd();
  const __m256i byte = _mm256_set1_epi32(0xFF);
  const __m256i one = _mm256_set1_epi32(1);
  std::size_t r = 0;
  for (; r + 8 <= rows; r += 8) {
    const __m512d value = _mm512_loadu_pd(values + r);
    __m256i below = _mm256_setzero_si256();
    if (c.last_bucket == 0) {
      for (std::size_t s = 0; s < c.steps; ++s) {
        const __mmask8 above =
            _mm512_cmp_pd_mask(_mm512_set1_pd(c.thresholds[s]), value, _CMP_LT_OQ);
        below = _mm256_mask_add_epi32(below, above, below, one);
      }
    } else {
      // Of NaN and 0, max gives the second.
      __m512d position = _mm512_mul_pd(_mm512_sub_pd(value, origin), scale);
      position = _mm512_min_pd(_mm512_max_pd(position, zero), last);
      __m256i next = _mm256_and_si256(_mm256_i32gather_epi32(reinterpret_cast<const int*>(c.before),
                                                             _mm512_cvttpd_epi32(position), 1),
                                      byte);
      below = next;
      for (std::size_t s = 0; s < c.steps; ++s) {
        const __m512d threshold = _mm512_i32gather_pd(next, c.thresholds, 8);
        const __mmask8 above = _mm512_cmp_pd_mask(threshold, value, _CMP_LT_OQ);
        below = _mm256_mask_add_epi32(below, above, below, one);
        next = _mm256_add_epi32(next, one);
      }
    }
    below = _mm256_mask_mov_epi32(below, _mm512_cmp_pd_mask(value, value, _CMP_UNORD_Q), byte);
    _mm_storel_epi64(reinterpret_cast<__m128i*>(codes + r), _mm256_cvtepi32_epi8(below));
  }
  loop_count_below(c, values + r, rows - r, codes + r);
}

struct Rows8 {
  __m512d row[8];
};

/// Rows to columns.
inline void transpose(Rows8& m) {
  const __m512d a0 = _mm512_unpacklo_pd(m.row[0], m.row[1]);
  const __m512d a1 = _mm512_unpackhi_pd(m.row[0], m.row[1]);
  const __m512d a2 = _mm512_unpacklo_pd(m.row[2], m.row[3]);
  const __m512d a3 = _mm512_unpackhi_pd(m.row[2], m.row[3]);
  const __m512d a4 = _mm512_unpacklo_pd(m.row[4], m.row[5]);
  const __m512d a5 = _mm512_unpackhi_pd(m.row[4], m.row[5]);
  const __m512d a6 = _mm512_unpacklo_pd(m.row[6], m.row[7]);
  const __m512d a7 = _mm512_unpackhi_pd(m.row[6], m.row[7]);
  // 0x88 takes the even quarters of both, 0xDD the odd ones.
  const __m512d b0 = _mm512_shuffle_f64x2(a0, a2, 0x88);
  const __m512d b1 = _mm512_shuffle_f64x2(a1, a3, 0x88);
  const __m512d b2 = _mm512_shuffle_f64x2(a0, a2, 0xDD);
  const __m512d b3 = _mm512_shuffle_f64x2(a1, a3, 0xDD);
  const __m512d b4 = _mm512_shuffle_f64x2(a4, a6, 0x88);
  const __m512d b5 = _mm512_shuffle_f64x2(a5, a7, 0x88);
  const __m512d b6 = _mm512_shuffle_f64x2(a4, a6, 0xDD);
  const __m512d b7 = _mm512_shuffle_f64x2(a5, a7, 0xDD);
  m.row[0] = _mm512_shuffle_f64x2(b0, b4, 0x88);
  m.row[1] = _mm512_shuffle_f64x2(b1, b5, 0x88);
  m.row[2] = _mm512_shuffle_f64x2(b2, b6, 0x88);
  m.row[3] = _mm512_shuffle_f64x2(b3, b7, 0x88);
  m.row[4] = _mm512_shuffle_f64x2(b0, b4, 0xDD);
  m.row[5] = _mm512_shuffle_f64x2(b1, b5, 0xDD);
  m.row[6] = _mm512_shuffle_f64x2(b2, b6, 0xDD);
  m.row[7] = _mm512_shuffle_f64x2(b3, b7, 0xDD);
}

/// kVectors times 64 rows, whose indexes stay in registers.
template <std::size_t kVectors>
inline void index_rows(const IndexStep* steps, std::size_t count, std::uint8_t start,
                       const std::uint8_t* codes, std::size_t stride, std::uint8_t* indexes) {
  __m512i index[kVectors];
#pragma GCC unroll 8
  for (std::size_t v = 0; v < kVectors; ++v) {
    index[v] = _mm512_set1_epi8(static_cast<char>(start));
  }
  for (std::size_t s = 0; s < count; ++s) {
    const std::uint8_t* column = codes + steps[s].column * stride;
    const __m512i at_least = _mm512_set1_epi8(static_cast<char>(steps[s].at_least));
    const __m512i weight = _mm512_set1_epi8(static_cast<char>(steps[s].weight));
#pragma GCC unroll 8
    for (std::size_t v = 0; v < kVectors; ++v) {
      const __mmask64 taken = _mm512_cmpge_epu8_mask(_mm512_loadu_si512(column + v * 64), at_least);
      index[v] = _mm512_mask_add_epi8(index[v], taken, index[v], weight);
    }
  }
#pragma GCC unroll 8
  for (std::size_t v = 0; v < kVectors; ++v) _mm512_storeu_si512(indexes + v * 64, index[v]);
}

void table_indexes(const IndexStep* steps, std::size_t count, std::uint8_t start,
                   const std::uint8_t* codes, std::size_t stride, std::size_t rows,
                   std::uint8_t* indexes) {
  std::size_t r = 0;
  for (; r + 512 <= rows; r += 512) {
    index_rows<8>(steps, count, start, codes + r, stride, indexes + r);
  }
  for (; r < rows; r += 64) index_rows<1>(steps, count, start, codes + r, stride, indexes + r);
}

template <std::size_t kWidth>
void add_table_rows_of(const TableSum& sum, std::size_t rows) {
  const double* first = sum.tables[0];
  const std::uint8_t* first_index = sum.indexes[0];
  const std::size_t stride = sum.table_stride;
  for (std::size_t r = 0; r < rows; r += 8) {
    Rows8 m;
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 8; ++i) {
      m.row[i] = _mm512_loadu_pd(first + first_index[r + i] * stride);
    }
    for (std::size_t t = 1; t < sum.count; ++t) {
      const double* next = sum.tables[t];
      const std::uint8_t* index = sum.indexes[t] + r;
#pragma GCC unroll 8
      for (std::size_t i = 0; i < 8; ++i) {
        m.row[i] = _mm512_add_pd(m.row[i], _mm512_loadu_pd(next + index[i] * stride));
      }
    }
    transpose(m);
#pragma GCC unroll 8
    for (std::size_t c = 0; c < kWidth; ++c) {
      double* place = sum.sums[c] + r;
      _mm512_storeu_pd(place, _mm512_add_pd(_mm512_loadu_pd(place), m.row[c]));
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

/// A table's row over and over, so that each value is in its place, and others where it is not.
template <std::size_t kWidth>
inline __m512d repeated(const double* row) {
  if (kWidth == 1) return _mm512_set1_pd(*row);
  if (kWidth == 2) return _mm512_broadcast_f64x2(_mm_load_pd(row));
  if (kWidth == 4) return _mm512_broadcast_f64x4(_mm256_load_pd(row));
  return _mm512_load_pd(row);
}

template <std::size_t kWidth, std::size_t kRows>
inline void add_narrow_rows(const RowSum& sum, std::size_t first, std::size_t end, std::size_t r,
                            __m512d* total) {
  for (std::size_t t = first; t < end; ++t) {
    const std::uint8_t* index = sum.indexes[t] + r;
    const double* table = sum.tables[t];
    const __mmask8 mask = sum.masks[t];
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kRows; ++i) {
      total[i] = _mm512_mask_add_pd(total[i], mask, total[i],
                                    repeated<kWidth>(table + std::size_t{index[i]} * kWidth));
    }
  }
}

/// kRows rows of sums in registers.
template <std::size_t kRows>
__attribute__((always_inline)) inline void sum_rows(const RowSum& sum, std::size_t r,
                                                    __mmask8 width) {
  __m512d total[kRows];
  double* out = sum.out + r * sum.out_stride;
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kRows; ++i) {
    total[i] =
        sum.goes_on ? _mm512_maskz_loadu_pd(width, out + i * sum.out_stride) : _mm512_setzero_pd();
  }
  add_narrow_rows<1, kRows>(sum, 0, sum.ends[0], r, total);
  add_narrow_rows<2, kRows>(sum, sum.ends[0], sum.ends[1], r, total);
  add_narrow_rows<4, kRows>(sum, sum.ends[1], sum.ends[2], r, total);
  add_narrow_rows<8, kRows>(sum, sum.ends[2], sum.ends[3], r, total);
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kRows; ++i) {
    _mm512_mask_storeu_pd(out + i * sum.out_stride, width, total[i]);
  }
}

void sum_table_rows(const RowSum& sum, std::size_t rows) {
  const auto width = static_cast<__mmask8>((1U << sum.width) - 1U);
  std::size_t r = 0;
  for (; r + 8 <= rows; r += 8) sum_rows<8>(sum, r, width);
  for (; r < rows; ++r) sum_rows<1>(sum, r, width);
}

/// Up to 32 leaf values stay in four registers.
void add_leaf_values(const std::uint8_t* leaves, const double* values, std::size_t leaf_count,
                     std::size_t rows, double* sums) {
  if (leaf_count > 32) return loop_add_leaf_values(leaves, values, leaf_count, rows, sums);
  const __m512d v0 = _mm512_loadu_pd(values);
  const __m512d v1 = _mm512_loadu_pd(values + 8);
  const __m512d v2 = _mm512_loadu_pd(values + 16);
  const __m512d v3 = _mm512_loadu_pd(values + 24);
  const __m512i sixteen = _mm512_set1_epi64(16);
  for (std::size_t r = 0; r < rows; r += 8) {
    const __m512i leaf =
        _mm512_cvtepu8_epi64(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(leaves + r)));
    const __m512d low = _mm512_permutex2var_pd(v0, leaf, v1);
    const __m512d high = _mm512_permutex2var_pd(v2, leaf, v3);
    const __m512d value = _mm512_mask_blend_pd(_mm512_test_epi64_mask(leaf, sixteen), low, high);
    _mm512_storeu_pd(sums + r, _mm512_add_pd(_mm512_loadu_pd(sums + r), value));
  }
}

void write_rows(const double* const* columns, std::size_t column_count, std::size_t rows,
                double* out, std::size_t out_stride) {
  const std::size_t whole_rows = rows / 8 * 8;
  std::size_t c = 0;
  for (; c + 8 <= column_count; c += 8) {
    for (std::size_t r = 0; r < whole_rows; r += 8) {
      Rows8 m;
#pragma GCC unroll 8
      for (std::size_t i = 0; i < 8; ++i) m.row[i] = _mm512_loadu_pd(columns[c + i] + r);
      transpose(m);
#pragma GCC unroll 8
      for (std::size_t i = 0; i < 8; ++i) {
        _mm512_storeu_pd(out + (r + i) * out_stride + c, m.row[i]);
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

const Kernels kAvx512Kernels = {
    count_below,    loop_exit_leaves, add_leaf_values, table_indexes,
    add_table_rows, sum_table_rows,   write_rows,      loop_deep_tree,
};

}  // namespace clairscore
