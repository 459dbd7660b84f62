#pragma once

// Transformers of numbers: each column by a function of its own, a linear map of all columns, some
// of the columns, products of columns, rows divided by their norm, several transformers side by
// side.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/number_rule.h"
#include "model/transformer.h"

namespace clairscore {

/// Each column by its own function. Names stay.
class Columnwise final : public Transformer {
 public:
  using Function = std::function<double(double)>;
  /// One function a column; a null one leaves its column as it is, whatever it holds.
  Columnwise(std::vector<Function> functions, NumberRule rule)
      : functions_(std::move(functions)), rule_(rule) {}
  /// The same function for as many columns as come.
  Columnwise(Function all, NumberRule rule) : all_(std::move(all)), rule_(rule) {}
  Result<std::vector<OutputColumn>> outputs(
      const std::vector<std::string>& input_names) const override;
  std::optional<std::vector<CellRule>> cell_rules(
      const std::vector<std::string>& input_names) const override;
  Result<Frame> transform(const Frame& input) const override;

 private:
  std::vector<Function> functions_;
  Function all_;
  NumberRule rule_;
};

/// Some columns, in an order.
class ColumnSubset final : public Transformer {
 public:
  /// Errors kInput: a position out of range, or twice.
  static Result<TransformerPtr> build(std::vector<std::size_t> columns, std::size_t count);
  Result<std::vector<OutputColumn>> outputs(
      const std::vector<std::string>& input_names) const override;
  Result<Frame> transform(const Frame& input) const override;

 private:
  ColumnSubset(std::vector<std::size_t> columns, std::size_t count)
      : columns_(std::move(columns)), count_(count) {}
  std::vector<std::size_t> columns_;
  std::size_t count_;
};

/// out_k = (sum over i of (x_i - mean_i) weight_ki) / scale_k.
class LinearMap final : public Transformer {
 public:
  struct Parts {
    std::string prefix;  // output columns are PREFIX0, PREFIX1, …
    std::vector<double> mean;
    std::vector<double> weights;  // [output * mean.size() + input]
    std::vector<double> scale;    // one an output
  };
  /// Errors kInput: sizes that do not fit.
  static Result<TransformerPtr> build(Parts parts);
  Result<std::vector<OutputColumn>> outputs(
      const std::vector<std::string>& input_names) const override;
  Result<Frame> transform(const Frame& input) const override;

 private:
  explicit LinearMap(Parts parts) : parts_(std::move(parts)) {}
  Parts parts_;
};

/// Products of powers of columns.
class Products final : public Transformer {
 public:
  /// For each output its factors: input columns, ascending, as often as they are a factor.
  Products(std::vector<std::vector<std::size_t>> factors, std::size_t columns)
      : factors_(std::move(factors)), columns_(columns) {}
  Result<std::vector<OutputColumn>> outputs(
      const std::vector<std::string>& input_names) const override;
  Result<Frame> transform(const Frame& input) const override;

 private:
  std::vector<std::vector<std::size_t>> factors_;
  std::size_t columns_;
};

/// Rows divided by their norm; a row of zeros stays.
class RowNormalizer final : public Transformer {
 public:
  enum class Norm { kL1, kL2, kMax };
  RowNormalizer(Norm norm, std::size_t columns) : norm_(norm), columns_(columns) {}
  Result<std::vector<OutputColumn>> outputs(
      const std::vector<std::string>& input_names) const override;
  Result<Frame> transform(const Frame& input) const override;

 private:
  Norm norm_;
  std::size_t columns_;
};

/// Several transformers of the same columns, their outputs side by side.
class Union final : public Transformer {
 public:
  struct Part {
    std::string name;  // for messages
    TransformerPtr transformer;
    std::string prefix;  // before the name of each output column
    double weight = 1;
  };
  explicit Union(std::vector<Part> parts) : parts_(std::move(parts)) {}
  Result<std::vector<OutputColumn>> outputs(
      const std::vector<std::string>& input_names) const override;
  Result<Frame> transform(const Frame& input) const override;

 private:
  std::vector<Part> parts_;
};

}  // namespace clairscore
