#include "model/cell_rule.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace clairscore {

namespace {

/// A category's number meets a later step. False where that refuses a known category: no rule says
/// so.
bool apply_to_categories(const CellRule& step, CellRule& rule) {
  if (step.weight || step.categories != nullptr) return false;
  const auto size = static_cast<std::int32_t>(rule.categories->size());
  for (std::int32_t code = 0; code < size; ++code) {
    if (step.limits.refuse(rule.value(code))) return false;
  }
  if (!rule.unknown_is_error)
    rule.unknown_is_error = step.limits.refuse(rule.value(kUnknownCategory));
  if (step.number) {
    rule.value = [value = rule.value, number = step.number](std::int32_t code) {
      return number(value(code));
    };
  }
  return true;
}

}  // namespace

bool NumberLimits::refuse(double number) const {
  return (missing && std::isnan(number)) || (most && std::fabs(number) >= *most);
}

NumberLimits NumberLimits::operator|(const NumberLimits& other) const {
  NumberLimits both{missing || other.missing, most ? most : other.most};
  if (most && other.most) both.most = std::min(*most, *other.most);
  return both;
}

std::optional<std::vector<CellRule>> compose(const std::vector<CellRule>& before,
                                             std::vector<CellRule> rules) {
  for (CellRule& rule : rules) {
    const CellRule& source = before[rule.input];
    if (rule.passes()) {
      rule = source;
    } else if (source.passes()) {
      rule.input = source.input;
    } else if (source.only_checks() && rule.categories == nullptr) {
      rule.input = source.input;
      rule.limits = rule.limits | source.limits;
    } else if (source.categories != nullptr) {
      CellRule applied = source;
      if (!apply_to_categories(rule, applied)) return std::nullopt;
      rule = std::move(applied);
    } else {
      return std::nullopt;
    }
  }
  // A step may refuse a cell of a column that a later step drops: the rules would not.
  for (const CellRule& source : before) {
    const auto same = [&](const CellRule& rule) {
      return rule.input == source.input && rule.categories == source.categories &&
             (rule.limits | source.limits) == rule.limits;
    };
    if (!source.passes() && std::none_of(rules.begin(), rules.end(), same)) return std::nullopt;
  }
  return rules;
}

}  // namespace clairscore
