#pragma once

// The inner loops of the engine, one set for each family of instructions, chosen when the program
// runs. Every set makes the same additions and multiplications in the same order for a row, without
// fused multiply-add, so that each gives the same bits; tests force each one.
//
// Row counts are multiples of kRowStep: callers fill their blocks up with rows of code 0.
// Everything here is plain data, because the files that implement it are compiled for processors
// that may not be the one that runs: they may share no inline function with the rest of the
// program.

#include <cstddef>
#include <cstdint>

namespace clairscore {

inline constexpr std::size_t kRowStep = 64;
/// Doubles in a table row: one cache line.
inline constexpr std::size_t kTableRow = 8;

/// A node on the way from the leaves to the root: the leaf its rows end in is that of the left
/// child where first <= code <= first + width (around the circle of 256 codes), else the right's.
struct BlendStep {
  std::uint32_t column;
  std::uint8_t first;
  std::uint8_t width;
  std::uint8_t left;  // number of a leaf, or slot of rows' leaves
  std::uint8_t right;
  std::uint8_t into;  // slot
  bool left_is_leaf;
  bool right_is_leaf;
};

/// Adds `weight` (of a circle of 256) to the table index of rows whose code is `at_least` or more.
struct IndexStep {
  std::uint32_t column;
  std::uint8_t at_least;
  std::uint8_t weight;
};

/// Adds rows of tables, chosen by each row's index, to up to eight columns of sums.
struct TableSum {
  const double* const* tables;
  const std::uint8_t* const* indexes;
  std::size_t count;         // of tables; their rows are added up before they meet the sums
  std::size_t table_stride;  // doubles between rows of a table
  double* const* sums;
  std::size_t width;  // of sums, 1 to 8
};

/// Widths of the tables of a RowSum, in doubles: 1, 2, 4 and 8.
inline constexpr std::size_t kRowWidths = 4;

/// Rows of up to eight values, to which rows of tables are added, chosen by each row's indexes, in
/// the order of the tables. A table's row has value v in place v modulo its width; the mask has a
/// bit for each value that it has.
struct RowSum {
  const double* const* tables;  // aligned to their rows
  const std::uint8_t* const* indexes;
  const std::uint8_t* masks;
  std::size_t ends[kRowWidths];  // tables of each width end here; the narrow ones come first
  bool goes_on;                  // to what is there already; else from zero
  double* out;                   // [row * out_stride + value]
  std::size_t out_stride;
  std::size_t width;  // of values, 1 to 8
};

/// An edge of a tree on the way to leaves that no table holds (engine/deep_trees.cc).
struct DeepEdge {
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  std::uint32_t parent;    // the edge above, plus one; 0: none
  std::uint32_t previous;  // the last edge above that tests the same feature, or kNone
  std::uint32_t slot;      // the feature's, among those of the tree
  double cover;            // product of the cover ratios of the feature's tests down to here
  double value;            // of the leaf it ends in, or 0
};

/// Quadrature points that are worked on together.
inline constexpr std::size_t kDeepLanes = 8;

/// A tree of such edges, each after its parent. state[edge * state_stride + row] is 0 where all
/// tests of the edge's feature lead the row on, 1 where its own is the first that does not, 2 where
/// one above did not.
struct DeepTree {
  const DeepEdge* edges;
  std::size_t edge_count;
  std::size_t slot_count;
  const double* points;
  const double* weights;
  std::size_t lane_groups;  // of kDeepLanes points; those added to fill up have weight 0
  const std::uint8_t* states;
  std::size_t state_stride;
  std::size_t rows;
  double* tables;         // edge_count * 6 * kDeepLanes
  double* work;           // (2 * edge_count + 2 + slot_count) * kDeepLanes
  double* contributions;  // [slot * rows + row], overwritten
};

/// A numeric column of codes. Values are cut into buckets of equal width; for each there is the
/// number of thresholds in the buckets before it, and those of its own are compared one by one.
struct ThresholdColumn {
  const double* thresholds;    // ascending, `steps` times +inf after the last
  const std::uint8_t* before;  // by bucket; three more bytes may be read
  double origin;
  double scale;
  double last_bucket;
  std::size_t steps;  // most thresholds of a bucket
};

struct Kernels {
  /// codes[r] = how many thresholds are below values[r]; 255 for NaN. Any number of rows.
  void (*count_below)(const ThresholdColumn& column, const double* values, std::size_t rows,
                      std::uint8_t* codes);
  /// Rows' leaves of one tree, into slot steps[count - 1].into; slots are `slot_stride` bytes
  /// apart.
  void (*exit_leaves)(const BlendStep* steps, std::size_t count, const std::uint8_t* codes,
                      std::size_t stride, std::size_t rows, std::uint8_t* slots,
                      std::size_t slot_stride);
  /// sums[r] += values[leaves[r]]; values holds 32 or, with more leaves, 256 doubles.
  void (*add_leaf_values)(const std::uint8_t* leaves, const double* values, std::size_t leaf_count,
                          std::size_t rows, double* sums);
  void (*table_indexes)(const IndexStep* steps, std::size_t count, std::uint8_t start,
                        const std::uint8_t* codes, std::size_t stride, std::size_t rows,
                        std::uint8_t* indexes);
  void (*add_table_rows)(const TableSum& sum, std::size_t rows);
  /// Any number of rows; their indexes go on up to a multiple of kRowStep.
  void (*sum_table_rows)(const RowSum& sum, std::size_t rows);
  /// out[r * out_stride + c] = columns[c][r]. Any number of rows.
  void (*write_rows)(const double* const* columns, std::size_t column_count, std::size_t rows,
                     double* out, std::size_t out_stride);
  void (*deep_tree)(const DeepTree& tree);
};

enum class InstructionSet : std::uint8_t { kPortable, kAvx2, kAvx512 };

const char* to_string(InstructionSet set);
/// True when the program holds kernels for the set and the processor runs them.
bool available(InstructionSet set);
/// The widest that is available.
InstructionSet best_instruction_set();
/// Needs available(set).
const Kernels& kernels(InstructionSet set);

// One for each file of kernels.
extern const Kernels kPortableKernels;
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;

}  // namespace clairscore
