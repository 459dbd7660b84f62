#include "transform/number_check.h"

namespace clairscore {

Result<std::vector<OutputColumn>> NumberCheck::outputs(
    const std::vector<std::string>& input_names) const {
  std::vector<OutputColumn> outputs;
  outputs.reserve(input_names.size());
  for (std::size_t i = 0; i < input_names.size(); ++i) outputs.push_back({input_names[i], {i}});
  return outputs;
}

std::optional<std::vector<CellRule>> NumberCheck::cell_rules(
    const std::vector<std::string>& input_names) const {
  std::vector<CellRule> rules(input_names.size());
  for (std::size_t i = 0; i < rules.size(); ++i) {
    rules[i].input = i;
    rules[i].limits = limits_of(rule_);
  }
  return rules;
}

Result<Frame> NumberCheck::transform(const Frame& input) const {
  for (const Column& column : input.columns()) RETURN_IF_ERROR(check_numbers(column, rule_));
  return input;
}

}  // namespace clairscore
