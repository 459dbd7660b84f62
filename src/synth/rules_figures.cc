// Amounts, dates and external scores; employer and occupation.

#include <algorithm>
#include <cmath>
#include <utility>

#include "synth/rules.h"

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

}  // namespace

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
  ASSIGN_OR_RETURN(rule.birth_, book.correlated("DAYS_BIRTH"));
  ASSIGN_OR_RETURN(rule.registration_, book.correlated("DAYS_REGISTRATION"));
  ASSIGN_OR_RETURN(rule.credit_, book.correlated("AMT_CREDIT"));
  ASSIGN_OR_RETURN(rule.annuity_, book.correlated("AMT_ANNUITY"));
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
  ASSIGN_OR_RETURN(rule.birth_, book.correlated("DAYS_BIRTH"));
  ASSIGN_OR_RETURN(rule.employed_, book.correlated("DAYS_EMPLOYED"));
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
  rule.income_tables_.push_back(book.table(rule.income_, idle));
  rule.income_tables_.push_back(book.table(rule.income_, working));
  rule.tables_.push_back(book.table(rule.organization_, {{rule.no_organization_}}));
  rule.tables_.push_back(book.table(rule.occupation_));
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

}  // namespace clairscore::synth
