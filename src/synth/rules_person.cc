// Family and car, places, counts.

#include <algorithm>
#include <limits>

#include "synth/rules.h"

namespace clairscore::synth {
namespace {

using Kind = ProfileColumn::Kind;

// Who of registered, lives, works is apart from the others; then which of the columns
// registered≠lives, registered≠works, lives≠works say so.
constexpr std::array<std::array<bool, 3>, 5> kPatterns{{{false, false, false},  // nobody
                                                        {true, true, false},    // registered
                                                        {false, true, true},    // works
                                                        {true, false, true},    // lives
                                                        {true, true, true}}};   // all

}  // namespace

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
  rule.tables_.push_back(book.table(rule.status_));
  rule.tables_.push_back(book.table(rule.children_, {{rule.no_children_}}));
  rule.tables_.push_back(book.table(rule.car_));
  double couples = 0;
  const std::vector<std::string>& statuses = layout[rule.status_].texts;
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    rule.couple_.push_back(statuses[i] == "Married" || statuses[i] == "Civil marriage");
    if (rule.couple_.back()) couples += layout[rule.status_].frequencies[i];
  }
  // A family of one is a single without children; the other childless ones are couples.
  ASSIGN_OR_RETURN(const Cell one, layout.category(rule.members_, "1.0"));
  const double childless = book.frequency(rule.children_, rule.no_children_);
  const double alone = book.frequency(rule.members_, one);
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
    share[i] = book.frequency(level.columns[i], level.cells[i][1]);
  }
  level.apart = share[0];
  // Those without an employer work nowhere: the others make up the columns about work.
  ASSIGN_OR_RETURN(const std::size_t phone, book.profile.column("FLAG_EMP_PHONE"));
  ASSIGN_OR_RETURN(const Cell employer, book.layout.category(phone, "1"));
  const double working = book.frequency(phone, employer);
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

}  // namespace clairscore::synth
