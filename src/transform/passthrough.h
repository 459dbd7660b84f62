#pragma once

// The columns as they are.

#include "model/transformer.h"

namespace clairscore {

class Passthrough final : public Transformer {
 public:
  Result<std::vector<OutputColumn>> outputs(
      const std::vector<std::string>& input_names) const override;
  std::optional<std::vector<CellRule>> cell_rules(
      const std::vector<std::string>& input_names) const override;
  Result<Frame> transform(const Frame& input) const override { return input; }
};

}  // namespace clairscore
