#pragma once

// Categories that a model knows by the hash of their text, as CatBoost's one-hot features do.
//
// A text is hashed as it stands, a whole number as its decimal text (a boolean as 1 or 0): so the
// library did in training. Two categories of one hash are one to the model. What the library
// refuses is an error here too: a missing category, a number that is not whole.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "boosters/booster.h"
#include "model/transformer.h"

namespace clairscore {

/// Finds the code of a category's hash among those that tests name; all others are unknown.
class HashedCategories final : public CellCategories {
 public:
  explicit HashedCategories(CategoryCodes codes) : codes_(std::move(codes)) {}
  std::size_t size() const override { return codes_.size(); }
  std::int32_t of_missing() const override { return kRefused; }
  std::int32_t of_text(std::string_view text) const override;
  std::int32_t of_number(double number) const override;

 private:
  CategoryCodes codes_;  // by the hash's 32 bits
};

/// Puts codes in the place of categories, NaN where no test names one. Columns without categories
/// pass. Names stay.
class HashedEncoder final : public Transformer {
 public:
  explicit HashedEncoder(std::vector<std::optional<HashedCategories>> columns)
      : columns_(std::move(columns)) {}
  Result<std::vector<OutputColumn>> outputs(
      const std::vector<std::string>& input_names) const override;
  std::optional<std::vector<CellRule>> cell_rules(
      const std::vector<std::string>& input_names) const override;
  Result<Frame> transform(const Frame& input) const override;

 private:
  std::vector<std::optional<HashedCategories>> columns_;
};

}  // namespace clairscore
