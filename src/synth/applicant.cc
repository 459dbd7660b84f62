#include "synth/applicant.h"

#include <utility>

#include "synth/portable_math.h"

namespace clairscore::synth {
namespace {

constexpr Cell kFirstIdentifier = 100001;
constexpr Cell kIdentifierSpacing = 7;  // one identifier in so many is taken
// Category columns overlap in what they say about default (income type, employer, occupation, …):
// half of each one's own effect.
constexpr double kCategoryWeight = 0.5;
// Sets the mean of the drawn probabilities to the profile's bad rate, which the logistic function's
// curvature and the missing figures would move.
constexpr double kInterceptShift = -0.105;

double logit(double p) {
  return portable::log(p / (1 - p));
}

}  // namespace

Result<ApplicantGenerator> ApplicantGenerator::create(const Profile& profile) {
  Layout layout(profile);
  RuleBook book(profile, layout);
  ASSIGN_OR_RETURN(CorrelatedFigures figures, CorrelatedFigures::create(book));
  ASSIGN_OR_RETURN(Work work, Work::create(book, figures));
  ASSIGN_OR_RETURN(Household household, Household::create(book));
  ASSIGN_OR_RETURN(Places places, Places::create(book));
  ASSIGN_OR_RETURN(Counts counts, Counts::create(book));
  ASSIGN_OR_RETURN(Building building, Building::create(book));
  ASSIGN_OR_RETURN(Independent independent, Independent::create(book));
  return ApplicantGenerator(
      std::move(layout),
      Rules{std::move(figures), std::move(work), std::move(household), std::move(places),
            std::move(counts), std::move(building), std::move(independent)},
      profile);
}

ApplicantGenerator::ApplicantGenerator(Layout layout, Rules rules, const Profile& profile)
    : layout_(std::move(layout)),
      rules_(std::move(rules)),
      base_log_odds_(logit(profile.bad_rate) + kInterceptShift) {
  for (std::size_t i = 0; i < profile.columns.size(); ++i) {
    if (profile.columns[i].kind == ProfileColumn::Kind::kIdentifier) identifier_ = i;
    if (layout_[i].form != Column::Form::kCategory) continue;
    CategoryOdds& odds = category_odds_.emplace_back(i, std::vector<double>{});
    for (const ProfileCategory& category : profile.columns[i].categories) {
      odds.log_odds.push_back(kCategoryWeight *
                              (logit(category.bad_rate) - logit(profile.bad_rate)));
    }
  }
}

void ApplicantGenerator::draw(Random& random, Row& row) const {
  rules_.figures.draw(random, row);
  rules_.work.draw(random, row);
  rules_.household.draw(random, row);
  rules_.places.draw(random, row);
  rules_.counts.draw(random, row);
  rules_.building.draw(random, row);
  rules_.independent.draw(random, row);
}

double ApplicantGenerator::log_odds(const Row& row) const {
  double sum = base_log_odds_ + rules_.figures.log_odds(row);
  for (const CategoryOdds& odds : category_odds_) {
    const Cell cell = row.cells[odds.column];
    if (cell != kMissing) sum += odds.log_odds[static_cast<std::size_t>(cell)];
  }
  return sum;
}

void ApplicantGenerator::append_block(std::uint64_t seed, std::uint64_t block, std::size_t count,
                                      bool with_target, std::string& out) const {
  Random random(seed, block);
  Row row;
  row.cells.assign(layout_.columns().size(), kMissing);
  row.scores.assign(rules_.figures.size(), 0.0);
  row.ranks.assign(rules_.figures.size(), 0.0);
  std::vector<char> line(layout_.longest_line());
  const auto first = static_cast<Cell>(block * kBlockRows);
  for (std::size_t i = 0; i < count; ++i) {
    draw(random, row);
    row.cells[identifier_] = kFirstIdentifier +
                             (first + static_cast<Cell>(i)) * kIdentifierSpacing +
                             Cell{random.below(kIdentifierSpacing)};
    // Drawn whether it is written or not, so that it changes nothing else.
    const bool bad = random.chance(portable::logistic(log_odds(row)));
    char* end = layout_.write_line(row.cells, with_target ? (bad ? '1' : '0') : '\0', line.data());
    out.append(line.data(), end);
  }
}

}  // namespace clairscore::synth
