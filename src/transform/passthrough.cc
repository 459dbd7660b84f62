#include "transform/passthrough.h"

namespace clairscore {

Result<std::vector<OutputColumn>> Passthrough::outputs(
    const std::vector<std::string>& input_names) const {
  std::vector<OutputColumn> outputs;
  outputs.reserve(input_names.size());
  for (std::size_t i = 0; i < input_names.size(); ++i) outputs.push_back({input_names[i], {i}});
  return outputs;
}

std::optional<std::vector<CellRule>> Passthrough::cell_rules(
    const std::vector<std::string>& input_names) const {
  std::vector<CellRule> rules(input_names.size());
  for (std::size_t i = 0; i < rules.size(); ++i) rules[i].input = i;
  return rules;
}

}  // namespace clairscore
