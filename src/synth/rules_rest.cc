// The building, and the columns without a rule.

#include <map>

#include "synth/rules.h"

namespace clairscore::synth {
namespace {

using Kind = ProfileColumn::Kind;

}  // namespace

// --- building

Result<Building> Building::create(RuleBook& book) {
  Building rule;
  std::map<std::string, std::size_t, std::less<>> figure_of;  // by name without its ending
  for (std::size_t i = 0; i < book.profile.columns.size(); ++i) {
    const ProfileColumn& column = book.profile.columns[i];
    const std::size_t cut = column.name.rfind('_');
    const std::string ending = cut == std::string::npos ? "" : column.name.substr(cut);
    if (ending != "_AVG" && ending != "_MODE" && ending != "_MEDI") continue;
    book.claim(i);
    if (column.kind == Kind::kCategory) {
      rule.categories_.push_back({column.missing, i, book.table(i)});
      continue;
    }
    const auto [known, added] = figure_of.emplace(column.name.substr(0, cut), rule.figures_.size());
    if (added) rule.figures_.push_back({column.missing, {}});
    rule.figures_[known->second].columns.emplace_back(book.profile, i);
  }
  return rule;
}

void Building::draw(Random& random, Row& row) const {
  const double known = random.uniform();
  for (const Figure& figure : figures_) {
    const bool missing = known < figure.missing;
    const double rank = missing ? 0 : random.uniform();
    for (const RankedColumn& column : figure.columns) {
      row.cells[column.column] = missing ? kMissing : column.table.at(rank);
    }
  }
  for (const Category& category : categories_) {
    row.cells[category.column] =
        known < category.missing ? kMissing : Cell{category.table.draw(random)};
  }
}

// --- everything else

Result<Independent> Independent::create(RuleBook& book) {
  Independent rule;
  for (std::size_t i = 0; i < book.profile.columns.size(); ++i) {
    const ProfileColumn& column = book.profile.columns[i];
    if (book.claimed(i)) continue;
    book.claim(i);
    if (column.kind == Kind::kNumber) {
      rule.numbers_.emplace_back(book.profile, i);
    } else if (column.kind == Kind::kCategory) {
      const bool bureau = column.name.starts_with("AMT_REQ_CREDIT_BUREAU_");
      (bureau ? rule.bureau_ : rule.categories_).push_back({i, column.missing, book.table(i)});
    }
  }
  return rule;
}

void Independent::draw(Random& random, Row& row) const {
  for (const RankedColumn& number : numbers_) {
    const double rank = random.uniform();
    const bool missing = number.missing > 0 && random.chance(number.missing);
    row.cells[number.column] = missing ? kMissing : number.table.at(rank);
  }
  for (const Category& category : categories_) {
    const Cell cell = category.table.draw(random);
    const bool missing = category.missing > 0 && random.chance(category.missing);
    row.cells[category.column] = missing ? kMissing : cell;
  }
  const double asked = random.uniform();
  for (const Category& category : bureau_) {
    row.cells[category.column] =
        asked < category.missing ? kMissing : Cell{category.table.draw(random)};
  }
}

}  // namespace clairscore::synth
