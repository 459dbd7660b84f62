#pragma once

// The columns as they are, and an error where a value is one that a library would refuse.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/number_rule.h"
#include "model/transformer.h"

namespace clairscore {

class NumberCheck final : public Transformer {
 public:
  explicit NumberCheck(NumberRule rule) : rule_(rule) {}

  Result<std::vector<OutputColumn>> outputs(
      const std::vector<std::string>& input_names) const override;
  std::optional<std::vector<CellRule>> cell_rules(
      const std::vector<std::string>& input_names) const override;
  Result<Frame> transform(const Frame& input) const override;

 private:
  NumberRule rule_;
};

}  // namespace clairscore
