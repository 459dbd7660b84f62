#include "synth/rule_book.h"

#include <algorithm>
#include <numeric>

namespace clairscore::synth {
namespace {

double share_of(const Column& column, Cell category) {
  return column.frequencies[static_cast<std::size_t>(category)];
}

std::vector<Cell> by_number(const Column& column) {
  std::vector<Cell> order(column.numbers.size());
  std::iota(order.begin(), order.end(), Cell{0});
  std::ranges::sort(order, {},
                    [&](Cell cell) { return column.numbers[static_cast<std::size_t>(cell)]; });
  return order;
}

template <typename T>
std::vector<T> in_order(const std::vector<Cell>& order, const std::vector<T>& values) {
  std::vector<T> out;
  out.reserve(order.size());
  for (const Cell cell : order) out.push_back(values[static_cast<std::size_t>(cell)]);
  return out;
}

}  // namespace

Result<std::size_t> RuleBook::claim(std::string_view name, ProfileColumn::Kind kind) {
  ASSIGN_OR_RETURN(const std::size_t index, profile.column(name));
  if (profile.columns[index].kind != kind) {
    return fail(ErrorCode::kInput, "not the kind of column its rule needs",
                "profile, " + std::string(name));
  }
  claim(index);
  return index;
}

RankedColumn::RankedColumn(const Profile& profile, std::size_t index)
    : column(index),
      missing(profile.columns[index].missing),
      table(profile.columns[index].quantiles, profile.columns[index].decimals) {}

Result<std::size_t> RuleBook::correlated(std::string_view name) const {
  ASSIGN_OR_RETURN(const std::size_t column, profile.column(name));
  const auto found = std::ranges::find(profile.correlated, column);
  if (found == profile.correlated.end()) {
    return fail(ErrorCode::kInput, std::string(name) + " is not among the correlated columns",
                "profile, rank_correlation");
  }
  return static_cast<std::size_t>(found - profile.correlated.begin());
}

double RuleBook::frequency(std::size_t column, Cell category) const {
  return share_of(layout[column], category);
}

AliasTable RuleBook::table(std::size_t column, std::span<const Cell> left_out) const {
  std::vector<double> weights = layout[column].frequencies;
  for (const Cell cell : left_out) weights[static_cast<std::size_t>(cell)] = 0;
  return AliasTable(weights);
}

CountColumn::CountColumn(const Layout& layout, std::size_t index)
    : column(index),
      categories(by_number(layout[index])),
      numbers(in_order(categories, layout[index].numbers)),
      table(in_order(categories, layout[index].frequencies)),
      zero_share(numbers.front() == 0 ? share_of(layout[index], categories.front()) : 0) {}

std::int64_t CountColumn::set(Row& row, double rank, std::int64_t limit) const {
  std::size_t at = table.at(rank);
  while (at > 0 && numbers[at] > limit) --at;
  row.cells[column] = categories[at];
  return numbers[at];
}

}  // namespace clairscore::synth
