#include "model/transformer.h"

#include <utility>

namespace clairscore {

std::optional<std::vector<CellRule>> cell_rules_of_steps(
    const std::vector<const Transformer*>& steps, std::vector<std::string> input_names) {
  std::vector<CellRule> rules(input_names.size());
  for (std::size_t i = 0; i < rules.size(); ++i) rules[i].input = i;
  for (const Transformer* step : steps) {
    auto own = step->cell_rules(input_names);
    auto outputs = step->outputs(input_names);
    if (!own || !outputs) return std::nullopt;
    auto composed = compose(rules, std::move(*own));
    if (!composed) return std::nullopt;
    rules = std::move(*composed);
    input_names.clear();
    for (OutputColumn& output : *outputs) input_names.push_back(std::move(output.name));
  }
  return rules;
}

}  // namespace clairscore
