#pragma once

// The one place where a row meets the tests of an ensemble: for scoring, for SHAP values and for
// their background.
//
// A row becomes one byte a column. A numeric column has the sorted distinct thresholds that the
// trees compare it with; its code is the number of them below the value, found in fp64, so that
// `x <= threshold[k]` is `code <= k` exactly, and NaN is 255. More than 254 thresholds make several
// columns, each counting its share. A column of categories has a code for each class of categories
// that no test tells apart (missing and unknown ones are categories like others), and serves all
// features made of it: an input that one-hot encoding spreads over sixty features is one byte. So
// every test is a set of codes of one column, whatever it was in the tree, and mostly a range.
//
// Immutable after construction; safe from any number of threads.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/code_set.h"
#include "engine/kernels.h"
#include "frame/column.h"
#include "model/cell_rule.h"
#include "model/tree_ensemble.h"

namespace clairscore {

/// Rows in codes, column by column: column c of row r is codes[c * stride + r].
struct CodeBlock {
  const std::uint8_t* codes = nullptr;
  std::size_t stride = 0;
};

class RowEncoder {
 public:
  /// Where an inner node sends the rows: left, those whose code of `column` is in set `left`.
  struct Test {
    std::uint32_t column;
    std::uint32_t left;  // index into sets()
  };

  /// For rows given as the inputs that the rules of the ensemble's features refer to. Nothing when
  /// that needs more codes than a byte has (more than 256 classes of categories for one feature).
  static std::optional<RowEncoder> build(const TreeEnsemble& ensemble,
                                         std::span<const CellRule> rules);
  /// For rows given as the ensemble's features.
  static std::optional<RowEncoder> build(const TreeEnsemble& ensemble);

  /// Code columns.
  std::size_t columns() const { return columns_.size(); }
  /// Codes of a column are below this, or 255.
  std::size_t codes(std::size_t column) const { return columns_[column].codes; }
  /// The test of an inner node.
  Test test(std::size_t tree, std::size_t node) const { return tests_[first_test_[tree] + node]; }
  const std::vector<CodeSet>& sets() const { return sets_; }

  /// Input columns of a call, looked at once: the distinct texts of large ones are translated here.
  class Rows {
   public:
    std::size_t size() const { return size_; }

   private:
    friend class RowEncoder;
    struct Input {
      const Column* column = nullptr;
      const double* numbers = nullptr;  // instead of a column
      /// Class of each distinct text and of a missing cell, kRefusedClass for an error; empty:
      /// looked up cell by cell.
      std::vector<std::uint16_t> translated;
    };
    std::vector<Input> inputs_;  // by source
    std::size_t size_ = 0;
  };

  /// Nothing when a column has a type that the rules have no answer for (text among numbers).
  /// `columns` are the inputs by position and outlive the result.
  std::optional<Rows> open(std::span<const Column* const> columns, std::size_t rows) const;
  /// Numeric inputs as plain arrays.
  Rows open(std::span<const double* const> columns, std::size_t rows) const;

  /// The codes of rows [begin, begin + count): out[column * stride + i]. False when a cell is one
  /// that the rules refuse; the transformers then say which.
  bool encode(const Rows& rows, std::size_t begin, std::size_t count, std::uint8_t* out,
              std::size_t stride, const Kernels& kernels) const;

 private:
  /// What is read from one input column.
  struct Source {
    std::size_t input = 0;
    double weight = 1;
    bool weighted = false;
    NumberLimits limits;
    std::function<double(double)> number;  // see CellRule
    const CellCategories* categories = nullptr;
    bool unknown_is_error = false;
    /// A number is what it is in the input.
    bool plain() const { return !weighted && !number; }
    /// Native categories: the value cut to 8 bits, as the trees do it.
    bool native = false;
    std::uint32_t first_column = 0;
    std::uint32_t column_count = 0;
    /// By category code, the unknown one last; by native value, the missing one last.
    std::vector<std::uint8_t> classes;
  };
  /// A byte column; numeric ones count thresholds through buckets of the value.
  struct CodeColumn {
    std::size_t codes = 1;
    /// See ThresholdColumn.
    std::vector<double> thresholds;
    std::vector<std::uint8_t> before;
    double origin = 0;
    double scale = 0;
    double last_bucket = 0;
    std::size_t steps = 0;

    void cut_into(std::size_t buckets);
    std::size_t bucket(double value) const;
  };
  struct Builder;

  static CodeColumn counting_column(std::span<const double> thresholds);
  std::uint16_t class_of(const Source& source, std::int32_t category) const;
  bool encode_categories(const Source& source, const Rows::Input& input, std::size_t begin,
                         std::size_t count, std::uint8_t* out) const;
  void encode_numbers(const Source& source, const double* values, std::size_t count,
                      std::uint8_t* out, std::size_t stride, const Kernels& kernels) const;

  std::vector<Source> sources_;
  std::vector<CodeColumn> columns_;
  std::vector<CodeSet> sets_;
  std::vector<Test> tests_;  // by tree, then node; of leaves unused
  std::vector<std::size_t> first_test_;
};

}  // namespace clairscore
