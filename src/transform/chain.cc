#include "transform/chain.h"

#include <set>
#include <utility>

namespace clairscore {

Result<std::vector<OutputColumn>> Chain::outputs(
    const std::vector<std::string>& input_names) const {
  std::vector<OutputColumn> columns;
  columns.reserve(input_names.size());
  for (std::size_t i = 0; i < input_names.size(); ++i) columns.push_back({input_names[i], {i}});
  for (const Step& step : steps_) {
    std::vector<std::string> names;
    names.reserve(columns.size());
    for (const OutputColumn& column : columns) names.push_back(column.name);
    ASSIGN_OR_RETURN(std::vector<OutputColumn> next, step.transformer->outputs(names));
    for (OutputColumn& output : next) {
      std::set<std::size_t> sources;
      for (const std::size_t i : output.inputs) {
        sources.insert(columns[i].inputs.begin(), columns[i].inputs.end());
      }
      output.inputs.assign(sources.begin(), sources.end());
    }
    columns = std::move(next);
  }
  return columns;
}

std::optional<std::vector<CellRule>> Chain::cell_rules(
    const std::vector<std::string>& input_names) const {
  std::vector<const Transformer*> steps;
  for (const Step& step : steps_) steps.push_back(step.transformer.get());
  return cell_rules_of_steps(steps, input_names);
}

Result<Frame> Chain::transform(const Frame& input) const {
  if (steps_.empty()) return input;
  ASSIGN_OR_RETURN(Frame current, steps_.front().transformer->transform(input));
  for (std::size_t i = 1; i < steps_.size(); ++i) {
    ASSIGN_OR_RETURN(current, steps_[i].transformer->transform(current));
  }
  return current;
}

}  // namespace clairscore
