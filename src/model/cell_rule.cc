#include "model/cell_rule.h"

#include <algorithm>

namespace clairscore {

std::optional<std::vector<CellRule>> compose(const std::vector<CellRule>& before,
                                             std::vector<CellRule> rules) {
  for (CellRule& rule : rules) {
    const CellRule& source = before[rule.input];
    if (rule.passes()) {
      rule = source;
    } else if (source.passes()) {
      rule.input = source.input;
    } else {
      return std::nullopt;
    }
  }
  // A step may refuse a cell of a column that a later step drops: the rules would not.
  for (const CellRule& source : before) {
    const auto same = [&](const CellRule& rule) {
      return rule.input == source.input && rule.categories == source.categories;
    };
    if (!source.passes() && std::none_of(rules.begin(), rules.end(), same)) return std::nullopt;
  }
  return rules;
}

}  // namespace clairscore
