#include "synth/rules.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace clairscore::synth {
namespace {

using Kind = ProfileColumn::Kind;

constexpr Cell kNoEmployment = 365243;     // what the file has for "not employed", in days
constexpr Cell kWorkingAge = 5840;         // 16 years of 365 days, before the first employer
constexpr double kAgeToRetirement = 0.85;  // correlation of the normal scores
constexpr double kLongestLoan = 45;        // annuities a credit takes, at most and at least
constexpr double kShortestLoan = 8;
constexpr std::size_t kMaxCorrelated = 63;
constexpr double kScoreLimit = 8;  // normal scores beyond do not occur
constexpr double kScoreCellsPerUnit = 64;
constexpr std::size_t kScoreCells = 1024;

// Amounts in Home Credit's files come in multiples: the currency was scaled by 4.5.
struct AmountStep {
  std::string_view column;
  double step;
};
constexpr std::array<AmountStep, 4> kAmountSteps{{{"AMT_INCOME_TOTAL", 4500},
                                                  {"AMT_CREDIT", 4.5},
                                                  {"AMT_ANNUITY", 4.5},
                                                  {"AMT_GOODS_PRICE", 4500}}};

// Who of registered, lives, works is apart from the others; then which of the columns
// registered≠lives, registered≠works, lives≠works say so.
constexpr std::array<std::array<bool, 3>, 5> kPatterns{{{false, false, false},  // nobody
                                                        {true, true, false},    // registered
                                                        {false, true, true},    // works
                                                        {true, false, true},    // lives
                                                        {true, true, true}}};   // all

double to_units(double value, int decimals) {
  for (int i = 0; i < decimals; ++i) value *= 10;
  return value;
}

Cell to_cell(double units) {
  return static_cast<Cell>(units < 0 ? units - 0.5 : units + 0.5);
}

/// The nearest multiple of step, at least one step. value and step > 0.
Cell to_step(Cell value, Cell step) {
  return std::max((value + step / 2) / step, Cell{1}) * step;
}

/// Two independent standard normal scores, by the polar method (G. Marsaglia, T. Bray, 1964).
std::pair<double, double> draw_normal_pair(Random& random) {
  double x = 0;
  double y = 0;
  double s = 0;
  do {
    x = 2 * random.uniform() - 1;
    y = 2 * random.uniform() - 1;
    s = x * x + y * y;
  } while (s >= 1 || s == 0);
  const double scale = std::sqrt(-2 * portable::log(s) / s);
  return {x * scale, y * scale};
}

/// Draws a category with some left out.
AliasTable table_without(const Layout& layout, std::size_t column, std::span<const Cell> left_out) {
  std::vector<double> weights = layout[column].frequencies;
  for (const Cell cell : left_out) weights[static_cast<std::size_t>(cell)] = 0;
  return AliasTable(weights);
}

AliasTable table_of(const Layout& layout, std::size_t column) {
  return table_without(layout, column, {});
}

double frequency(const Layout& layout, std::size_t column, Cell cell) {
  return layout[column].frequencies[static_cast<std::size_t>(cell)];
}

/// Position of a correlated figure.
Result<std::size_t> position(const Profile& profile, std::string_view name) {
  ASSIGN_OR_RETURN(const std::size_t column, profile.column(name));
  const auto found = std::ranges::find(profile.correlated, column);
  if (found == profile.correlated.end()) {
    return fail(ErrorCode::kInput, std::string(name) + " is not among the correlated columns",
                "profile, rank_correlation");
  }
  return static_cast<std::size_t>(found - profile.correlated.begin());
}

}  // namespace

Result<std::size_t> RuleBook::claim(std::string_view name, Kind kind) {
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

namespace {

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

CountColumn::CountColumn(const Layout& layout, std::size_t index)
    : column(index),
      categories(by_number(layout[index])),
      numbers(in_order(categories, layout[index].numbers)),
      table(in_order(categories, layout[index].frequencies)),
      zero_share(numbers.front() == 0 ? frequency(layout, index, categories.front()) : 0) {}

std::int64_t CountColumn::set(Row& row, double rank, std::int64_t limit) const {
  std::size_t at = table.at(rank);
  while (at > 0 && numbers[at] > limit) --at;
  row.cells[column] = categories[at];
  return numbers[at];
}

// --- amounts, dates, external scores

Result<CorrelatedFigures> CorrelatedFigures::create(RuleBook& book) {
  CorrelatedFigures rule;
  const Profile& profile = book.profile;
  if (profile.correlated.size() > kMaxCorrelated) {
    return fail(ErrorCode::kLimit, "more than 63 correlated columns", "profile, rank_correlation");
  }
  for (const std::size_t column : profile.correlated) {
    book.claim(column);
    RankedColumn& figure = rule.columns_.emplace_back(profile, column);
    // Missing exactly without a car: Household sees to it.
    if (profile.columns[column].name == "OWN_CAR_AGE") figure.missing = 0;
    const ProfileColumn& from = profile.columns[column];
    const auto step = std::ranges::find(kAmountSteps, from.name, &AmountStep::column);
    rule.steps_.push_back(step == kAmountSteps.end()
                              ? 1
                              : std::max(to_cell(to_units(step->step, from.decimals)), Cell{1}));
  }
  rule.log_odds_per_rank_ = profile.log_odds_per_rank;
  rule.factor_ = copula_factor(profile.rank_correlation);
  ASSIGN_OR_RETURN(rule.birth_, position(profile, "DAYS_BIRTH"));
  ASSIGN_OR_RETURN(rule.registration_, position(profile, "DAYS_REGISTRATION"));
  ASSIGN_OR_RETURN(rule.credit_, position(profile, "AMT_CREDIT"));
  ASSIGN_OR_RETURN(rule.annuity_, position(profile, "AMT_ANNUITY"));
  if (profile.columns[rule.columns_[rule.credit_].column].decimals !=
      profile.columns[rule.columns_[rule.annuity_].column].decimals) {
    return fail(ErrorCode::kInput, "AMT_CREDIT and AMT_ANNUITY differ in their decimals",
                "profile");
  }
  return rule;
}

void CorrelatedFigures::draw(Random& random, Row& row) const {
  const std::size_t n = columns_.size();
  std::array<double, kMaxCorrelated + 1> scores;
  for (std::size_t i = 0; i < n; i += 2) {
    const auto [first, second] = draw_normal_pair(random);
    scores[i] = first;
    scores[i + 1] = second;
  }
  for (std::size_t i = 0; i < n; ++i) {
    double z = 0;
    for (std::size_t j = 0; j <= i; ++j) z += factor_[i * n + j] * scores[j];
    row.scores[i] = z;
    row.ranks[i] = normal_.cdf(z);
    const RankedColumn& figure = columns_[i];
    Cell value = kMissing;
    if (figure.missing == 0 || !random.chance(figure.missing)) {
      value = figure.table.at(row.ranks[i]);
      if (steps_[i] > 1) value = to_step(value, steps_[i]);
    }
    row.cells[figure.column] = value;
  }

  // Registered at the address since birth at the earliest.
  const Cell birth = row.cells[columns_[birth_].column];
  Cell& registration = row.cells[columns_[registration_].column];
  if (registration != kMissing && registration < birth) {
    registration = -static_cast<Cell>(random.below(static_cast<std::uint32_t>(-birth)));
  }
  const Cell credit = row.cells[columns_[credit_].column];
  Cell& annuity = row.cells[columns_[annuity_].column];
  if (annuity != kMissing && credit != kMissing) {
    const auto least = to_cell(static_cast<double>(credit) / kLongestLoan);
    const auto most = to_cell(static_cast<double>(credit) / kShortestLoan);
    if (annuity < least || annuity > most) {
      annuity = to_step(std::clamp(annuity, least, most), steps_[annuity_]);
    }
  }
}

double CorrelatedFigures::score_correlation(std::size_t i, std::size_t j) const {
  const std::size_t n = columns_.size();
  double sum = 0;
  for (std::size_t k = 0; k < n; ++k) sum += factor_[i * n + k] * factor_[j * n + k];
  return sum;
}

double CorrelatedFigures::log_odds(const Row& row) const {
  double sum = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Cell cell = row.cells[columns_[i].column];
    if (cell != kMissing && cell != kNoEmployment)
      sum += log_odds_per_rank_[i] * (row.ranks[i] - 0.5);
  }
  return sum;
}

// --- income, employer, occupation

Result<Work> Work::create(RuleBook& book, const CorrelatedFigures& figures) {
  Work rule;
  const Layout& layout = book.layout;
  ASSIGN_OR_RETURN(rule.birth_, position(book.profile, "DAYS_BIRTH"));
  ASSIGN_OR_RETURN(rule.employed_, position(book.profile, "DAYS_EMPLOYED"));
  rule.birth_column_ = book.profile.correlated[rule.birth_];
  rule.employed_column_.emplace_back(book.profile, book.profile.correlated[rule.employed_]);
  ASSIGN_OR_RETURN(rule.income_, book.claim("NAME_INCOME_TYPE", Kind::kCategory));
  ASSIGN_OR_RETURN(rule.organization_, book.claim("ORGANIZATION_TYPE", Kind::kCategory));
  ASSIGN_OR_RETURN(rule.occupation_, book.claim("OCCUPATION_TYPE", Kind::kCategory));
  ASSIGN_OR_RETURN(rule.phone_, book.claim("FLAG_EMP_PHONE", Kind::kCategory));
  ASSIGN_OR_RETURN(rule.no_organization_, layout.category(rule.organization_, "XNA"));
  ASSIGN_OR_RETURN(rule.phone_no_, layout.category(rule.phone_, "0"));
  ASSIGN_OR_RETURN(rule.phone_yes_, layout.category(rule.phone_, "1"));

  std::vector<Cell> idle;
  std::vector<Cell> working;
  const std::vector<std::string>& incomes = layout[rule.income_].texts;
  for (std::size_t i = 0; i < incomes.size(); ++i) {
    const bool retired = incomes[i] == "Pensioner" || incomes[i] == "Unemployed";
    (retired ? idle : working).push_back(static_cast<Cell>(i));
    if (retired) rule.retired_share_ += layout[rule.income_].frequencies[i];
  }
  if (idle.empty() || working.empty()) {
    return fail(ErrorCode::kInput, "no Pensioner, or nobody else", "profile, NAME_INCOME_TYPE");
  }
  rule.income_tables_.push_back(table_without(layout, rule.income_, idle));
  rule.income_tables_.push_back(table_without(layout, rule.income_, working));
  rule.tables_.push_back(table_without(layout, rule.organization_, {{rule.no_organization_}}));
  rule.tables_.push_back(table_of(layout, rule.occupation_));
  // The profile's share counts those without an employer, who have no occupation.
  const double missing = book.profile.columns[rule.occupation_].missing;
  rule.occupation_missing_ =
      std::max(0.0, (missing - rule.retired_share_) / (1 - rule.retired_share_));
  rule.worker_ranks_ =
      ranks_among_workers(kAgeToRetirement * figures.score_correlation(rule.birth_, rule.employed_),
                          rule.retired_share_);
  return rule;
}

std::vector<double> Work::ranks_among_workers(double correlation, double retired_share) {
  const portable::NormalDistribution normal;
  double retirement = -kScoreLimit;  // the score below which one is retired, by bisection
  double step = kScoreLimit;
  for (int i = 0; i < 40; ++i, step /= 2) {
    if (normal.cdf(retirement + step) < retired_share) retirement += step;
  }
  const double spread = std::sqrt(1 - correlation * correlation);
  std::vector<double> ranks{0.0};
  for (std::size_t i = 0; i < kScoreCells; ++i) {
    const double left = static_cast<double>(i) / kScoreCellsPerUnit - kScoreLimit;
    const double right = static_cast<double>(i + 1) / kScoreCellsPerUnit - kScoreLimit;
    const double middle = (left + right) / 2;
    // Share of those at this length of employment who have an employer.
    const double working = normal.cdf((correlation * middle - retirement) / spread);
    ranks.push_back(ranks.back() + working * (normal.cdf(right) - normal.cdf(left)));
  }
  const double total = ranks.back();
  for (double& rank : ranks) rank /= total;
  return ranks;
}

double Work::rank_among_workers(double score) const {
  const double position =
      (std::clamp(score, -kScoreLimit, kScoreLimit) + kScoreLimit) * kScoreCellsPerUnit;
  const std::size_t cell = std::min(static_cast<std::size_t>(position), kScoreCells - 1);
  const double low = worker_ranks_[cell];
  return low + (worker_ranks_[cell + 1] - low) * (position - static_cast<double>(cell));
}

void Work::draw(Random& random, Row& row) const {
  const RankedColumn& employed = employed_column_[0];
  const double score =
      kAgeToRetirement * row.scores[birth_] +
      std::sqrt(1 - kAgeToRetirement * kAgeToRetirement) * draw_normal_pair(random).first;
  row.retired = normal_.cdf(score) < retired_share_;
  row.cells[income_] = income_tables_[row.retired ? 1 : 0].draw(random);
  row.cells[phone_] = row.retired ? phone_no_ : phone_yes_;
  if (row.retired) {
    row.cells[employed.column] = kNoEmployment;
    row.cells[organization_] = no_organization_;
    row.cells[occupation_] = kMissing;
    return;
  }
  row.cells[organization_] = tables_[0].draw(random);
  row.cells[occupation_] =
      random.chance(occupation_missing_) ? kMissing : Cell{tables_[1].draw(random)};
  // The retired are the older ones, so that those who work have shorter times behind them than
  // all would have: their rank among themselves keeps the profile's quantiles.
  row.ranks[employed_] = rank_among_workers(row.scores[employed_]);
  row.cells[employed.column] = employed.table.at(row.ranks[employed_]);
  // Long with the employer for their age, but not longer than they can have worked: the upper half
  // of what is possible.
  const Cell longest = -row.cells[birth_column_] - kWorkingAge;  // in days
  Cell& days = row.cells[employed.column];
  if (days < -longest) {
    days = static_cast<Cell>(random.below(static_cast<std::uint32_t>(longest / 2))) - longest;
  }
}

// --- family and car

Result<Household> Household::create(RuleBook& book) {
  Household rule;
  const Layout& layout = book.layout;
  ASSIGN_OR_RETURN(rule.status_, book.claim("NAME_FAMILY_STATUS", Kind::kCategory));
  ASSIGN_OR_RETURN(rule.children_, book.claim("CNT_CHILDREN", Kind::kCategory));
  ASSIGN_OR_RETURN(rule.members_, book.claim("CNT_FAM_MEMBERS", Kind::kCategory));
  ASSIGN_OR_RETURN(rule.car_, book.claim("FLAG_OWN_CAR", Kind::kCategory));
  ASSIGN_OR_RETURN(rule.car_age_, book.claim("OWN_CAR_AGE", Kind::kNumber));
  ASSIGN_OR_RETURN(rule.car_yes_, layout.category(rule.car_, "Y"));
  ASSIGN_OR_RETURN(rule.no_children_, layout.category(rule.children_, "0"));
  rule.tables_.push_back(table_of(layout, rule.status_));
  rule.tables_.push_back(table_without(layout, rule.children_, {{rule.no_children_}}));
  rule.tables_.push_back(table_of(layout, rule.car_));
  double couples = 0;
  const std::vector<std::string>& statuses = layout[rule.status_].texts;
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    rule.couple_.push_back(statuses[i] == "Married" || statuses[i] == "Civil marriage");
    if (rule.couple_.back()) couples += layout[rule.status_].frequencies[i];
  }
  // A family of one is a single without children; the other childless ones are couples.
  ASSIGN_OR_RETURN(const Cell one, layout.category(rule.members_, "1.0"));
  const double childless = frequency(layout, rule.children_, rule.no_children_);
  const double alone = frequency(layout, rule.members_, one);
  if (couples <= 0 || couples >= 1 || alone > 1 - couples || alone > childless) {
    return fail(ErrorCode::kInput, "family status, children and members contradict each other",
                "profile, CNT_FAM_MEMBERS");
  }
  rule.childless_single_ = alone / (1 - couples);
  rule.childless_couple_ = (childless - alone) / couples;
  rule.child_count_ = layout[rule.children_].numbers;
  book.layout.hold_as_number(rule.members_);
  return rule;
}

void Household::draw(Random& random, Row& row) const {
  const std::uint32_t status = tables_[0].draw(random);
  const bool couple = couple_[status];
  const bool childless = random.chance(couple ? childless_couple_ : childless_single_);
  const Cell children = childless ? no_children_ : Cell{tables_[1].draw(random)};
  row.cells[status_] = status;
  row.cells[children_] = children;
  row.cells[members_] = child_count_[static_cast<std::size_t>(children)] + (couple ? 2 : 1);
  row.cells[car_] = tables_[2].draw(random);
  if (row.cells[car_] != car_yes_) row.cells[car_age_] = kMissing;
}

// --- places

Result<Places::Level> Places::create_level(RuleBook& book, std::string_view place) {
  Level level;
  const std::string at(place);
  const std::array<std::string, 3> names{"REG_" + at + "_NOT_LIVE_" + at,
                                         "REG_" + at + "_NOT_WORK_" + at,
                                         "LIVE_" + at + "_NOT_WORK_" + at};
  std::array<double, 3> share{};
  for (std::size_t i = 0; i < names.size(); ++i) {
    ASSIGN_OR_RETURN(level.columns[i], book.claim(names[i], Kind::kCategory));
    ASSIGN_OR_RETURN(level.cells[i][0], book.layout.category(level.columns[i], "0"));
    ASSIGN_OR_RETURN(level.cells[i][1], book.layout.category(level.columns[i], "1"));
    share[i] = frequency(book.layout, level.columns[i], level.cells[i][1]);
  }
  level.apart = share[0];
  // Those without an employer work nowhere: the others make up the columns about work.
  ASSIGN_OR_RETURN(const std::size_t phone, book.profile.column("FLAG_EMP_PHONE"));
  ASSIGN_OR_RETURN(const Cell employer, book.layout.category(phone, "1"));
  const double working = frequency(book.layout, phone, employer);
  const double works = share[1] / working;
  const double lives_works = share[2] / working;
  // Three equations for four patterns. Half of the least likely one is given to "all apart".
  const double only_lives = std::max(0.0, (share[0] + lives_works - works) / 2);
  const double all = only_lives;
  level.patterns[1] = std::max(0.0, (share[0] + works - lives_works - all) / 2);
  level.patterns[2] = std::max(0.0, (works + lives_works - share[0] - all) / 2);
  level.patterns[3] = only_lives / 2;
  level.patterns[4] = all;
  level.patterns[0] = 1;
  for (std::size_t i = 1; i < level.patterns.size(); ++i) level.patterns[0] -= level.patterns[i];
  if (level.patterns[0] < 0) {
    return fail(ErrorCode::kInput, "the shares of the three columns contradict each other",
                "profile, " + names[0]);
  }
  return level;
}

Result<Places> Places::create(RuleBook& book) {
  Places rule;
  for (const std::string_view place : {"CITY", "REGION"}) {
    ASSIGN_OR_RETURN(Level level, create_level(book, place));
    rule.levels_.push_back(level);
  }
  rule.city_.emplace_back(rule.levels_[0].patterns);
  return rule;
}

void Places::set(const Level& level, std::size_t pattern, Row& row) {
  for (std::size_t i = 0; i < level.columns.size(); ++i) {
    row.cells[level.columns[i]] = level.cells[i][kPatterns[pattern][i] ? 1 : 0];
  }
}

void Places::draw(Random& random, Row& row) const {
  const Level& city = levels_[0];
  const Level& region = levels_[1];
  if (row.retired) {
    const bool city_apart = random.chance(city.apart);
    const bool region_apart = city_apart && random.chance(region.apart / city.apart);
    set(city, 0, row);
    set(region, 0, row);
    row.cells[city.columns[0]] = city.cells[0][city_apart ? 1 : 0];
    row.cells[region.columns[0]] = region.cells[0][region_apart ? 1 : 0];
    return;
  }
  // Another region is another city too.
  const std::size_t pattern = city_[0].draw(random);
  set(city, pattern, row);
  const bool other_region =
      pattern > 0 && random.chance(region.patterns[pattern] / city.patterns[pattern]);
  set(region, other_region ? pattern : 0, row);
}

// --- counts

Result<Counts> Counts::create(RuleBook& book) {
  Counts rule;
  for (const std::string_view name : {"REGION_RATING_CLIENT", "REGION_RATING_CLIENT_W_CITY"}) {
    ASSIGN_OR_RETURN(const std::size_t column, book.claim(name, Kind::kCategory));
    rule.ratings_.emplace_back(book.layout, column);
  }
  for (const std::string_view name : {"OBS_30_CNT_SOCIAL_CIRCLE", "OBS_60_CNT_SOCIAL_CIRCLE",
                                      "DEF_30_CNT_SOCIAL_CIRCLE", "DEF_60_CNT_SOCIAL_CIRCLE"}) {
    ASSIGN_OR_RETURN(const std::size_t column, book.claim(name, Kind::kCategory));
    const CountColumn& count = rule.circle_.emplace_back(book.layout, column);
    if (count.numbers.front() != 0 || count.zero_share >= 1) {
      return fail(ErrorCode::kInput, "0 is not one of several counts",
                  "profile, " + std::string(name));
    }
    rule.circle_missing_ = book.profile.columns[column].missing;
  }
  return rule;
}

void Counts::draw(Random& random, Row& row) const {
  constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();
  const double rating = random.uniform();
  for (const CountColumn& column : ratings_) column.set(row, rating, no_limit);

  if (random.chance(circle_missing_)) {
    for (const CountColumn& column : circle_) row.cells[column.column] = kMissing;
    return;
  }
  const CountColumn& seen30 = circle_[0];
  const CountColumn& seen60 = circle_[1];
  const CountColumn& default30 = circle_[2];
  const CountColumn& default60 = circle_[3];
  const double rank = random.uniform();
  const std::int64_t seen_in_30 = seen30.set(row, rank, no_limit);
  const std::int64_t seen_in_60 = seen60.set(row, rank, seen_in_30);
  // Of those with anybody in their circle, the share that makes the whole right; how many, by how
  // many there are.
  const auto some = [](const CountColumn& column) { return 1 - column.zero_share; };
  const double event = random.uniform() * some(seen30);
  const double size = (rank - seen30.zero_share) / some(seen30);
  const auto rank_of = [&](const CountColumn& column) {
    return seen_in_30 > 0 && event < some(column) ? column.zero_share + some(column) * size : 0.0;
  };
  const std::int64_t default_in_30 = default30.set(row, rank_of(default30), seen_in_30);
  default60.set(row, rank_of(default60), std::min(default_in_30, seen_in_60));
}

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
      rule.categories_.push_back({column.missing, i, table_of(book.layout, i)});
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
      (bureau ? rule.bureau_ : rule.categories_)
          .push_back({i, column.missing, table_of(book.layout, i)});
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
