#pragma once

// How the columns of an applicant depend on each other, one rule a struct. A rule claims its
// columns when it is made; columns nobody claimed are drawn by themselves. synth.h says what holds
// within a row. All are immutable once made, and draw() may run on several threads at once, each
// with its own Random and Row.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "synth/portable_math.h"
#include "synth/random.h"
#include "synth/rule_book.h"
#include "synth/sampler.h"

namespace clairscore::synth {

/// Amounts, dates and external scores: a Gaussian copula with the profile's rank correlations.
class CorrelatedFigures {
 public:
  static Result<CorrelatedFigures> create(RuleBook& book);
  void draw(Random& random, Row& row) const;
  std::size_t size() const { return columns_.size(); }
  /// Correlation of two figures' normal scores, by position.
  double score_correlation(std::size_t i, std::size_t j) const;
  /// What the figures that are present add to the log-odds of default.
  double log_odds(const Row& row) const;

 private:
  std::vector<RankedColumn> columns_;
  std::vector<Cell> steps_;  // values are multiples of these
  std::vector<double> log_odds_per_rank_;
  std::vector<double> factor_;  // lower triangle, row-major
  portable::NormalDistribution normal_;
  std::size_t birth_ = 0;  // positions among the correlated figures
  std::size_t registration_ = 0;
  std::size_t credit_ = 0;
  std::size_t annuity_ = 0;
};

/// Income, employer and occupation. After CorrelatedFigures.
class Work {
 public:
  static Result<Work> create(RuleBook& book, const CorrelatedFigures& figures);
  void draw(Random& random, Row& row) const;

 private:
  /// The rank of a length of employment among those who have an employer, from its normal score
  /// among all: at equal steps of the score from -8 to 8.
  static std::vector<double> ranks_among_workers(double correlation, double retired_share);
  double rank_among_workers(double score) const;

  std::size_t birth_ = 0, employed_ = 0;  // positions among the correlated figures
  std::size_t birth_column_ = 0, income_ = 0, organization_ = 0, occupation_ = 0, phone_ = 0;
  std::vector<RankedColumn> employed_column_;
  double retired_share_ = 0;
  double occupation_missing_ = 0;  // among those with an employer
  std::vector<double> worker_ranks_;
  std::vector<AliasTable> income_tables_;  // with an employer, without
  std::vector<AliasTable> tables_;         // organization, occupation
  Cell no_organization_ = 0, phone_no_ = 0, phone_yes_ = 0;
  portable::NormalDistribution normal_;
};

/// Family and car. After CorrelatedFigures.
class Household {
 public:
  static Result<Household> create(RuleBook& book);
  void draw(Random& random, Row& row) const;

 private:
  std::size_t status_ = 0, children_ = 0, members_ = 0, car_ = 0, car_age_ = 0;
  std::vector<AliasTable> tables_;  // status, children of those who have any, car
  std::vector<bool> couple_;        // by status
  double childless_couple_ = 0, childless_single_ = 0;  // shares of couples, of singles
  Cell no_children_ = 0;
  std::vector<std::int64_t> child_count_;
  Cell car_yes_ = 0;
};

/// Where the applicant is registered, lives and works: a region, and a city in it. After Work.
class Places {
 public:
  static Result<Places> create(RuleBook& book);
  void draw(Random& random, Row& row) const;

 private:
  /// One of region and city.
  struct Level {
    std::array<std::size_t, 3> columns{};        // registered≠lives, registered≠works, lives≠works
    std::array<std::array<Cell, 2>, 3> cells{};  // "0" and "1" of each
    double apart = 0;                            // share of registered≠lives
    std::array<double, 5> patterns{};            // share of each pattern, of those who work
  };
  static Result<Level> create_level(RuleBook& book, std::string_view place);
  static void set(const Level& level, std::size_t pattern, Row& row);

  std::vector<Level> levels_;  // city, region
  std::vector<AliasTable> city_;
};

/// Defaults and acquaintances in the social circle, and the region's two ratings.
class Counts {
 public:
  static Result<Counts> create(RuleBook& book);
  void draw(Random& random, Row& row) const;

 private:
  std::vector<CountColumn> ratings_;  // region, with city
  std::vector<CountColumn> circle_;   // seen in 30 and 60 days, in default in 30 and 60 days
  double circle_missing_ = 0;
};

/// The building: columns ending in _AVG, _MODE, _MEDI. A building known less well lacks more of
/// them, always the same first; average, mode and median of one figure share a rank.
class Building {
 public:
  static Result<Building> create(RuleBook& book);
  void draw(Random& random, Row& row) const;

 private:
  struct Figure {
    double missing = 0;
    std::vector<RankedColumn> columns;
  };
  struct Category {
    double missing = 0;
    std::size_t column = 0;
    AliasTable table;
  };
  std::vector<Figure> figures_;
  std::vector<Category> categories_;
};

/// Everything else, column by column; the credit bureau's counts are missing together.
class Independent {
 public:
  static Result<Independent> create(RuleBook& book);
  void draw(Random& random, Row& row) const;

 private:
  struct Category {
    std::size_t column;
    double missing;
    AliasTable table;
  };
  std::vector<RankedColumn> numbers_;
  std::vector<Category> categories_;
  std::vector<Category> bureau_;
};

}  // namespace clairscore::synth
