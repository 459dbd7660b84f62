#pragma once

// Transformers one after the other, as one: a pipeline used as a step of another.

#include <string>
#include <vector>

#include "model/transformer.h"

namespace clairscore {

class Chain final : public Transformer {
 public:
  struct Step {
    std::string name;
    TransformerPtr transformer;
  };
  explicit Chain(std::vector<Step> steps) : steps_(std::move(steps)) {}

  Result<std::vector<OutputColumn>> outputs(
      const std::vector<std::string>& input_names) const override;
  std::optional<std::vector<CellRule>> cell_rules(
      const std::vector<std::string>& input_names) const override;
  Result<Frame> transform(const Frame& input) const override;

 private:
  std::vector<Step> steps_;
};

}  // namespace clairscore
