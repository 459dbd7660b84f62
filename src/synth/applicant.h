#pragma once

// Applicants from a profile, in blocks. Immutable after creation; append_block may run on several
// threads at once.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "synth/layout.h"
#include "synth/profile.h"
#include "synth/rules.h"

namespace clairscore::synth {

/// Rows of a block. Each block is drawn from a random stream of its own.
inline constexpr std::size_t kBlockRows = 1024;

class ApplicantGenerator {
 public:
  /// kNotFound names a column that a rule needs and the profile has not; kInput one that is not as
  /// its rule needs it.
  static Result<ApplicantGenerator> create(const Profile& profile);

  /// The CSV header with its line end.
  std::string header(bool with_target) const { return layout_.header(with_target ? "TARGET" : ""); }

  /// Appends the first `count` rows of a block as CSV text, count <= kBlockRows.
  void append_block(std::uint64_t seed, std::uint64_t block, std::size_t count, bool with_target,
                    std::string& out) const;

 private:
  struct Rules {
    CorrelatedFigures figures;
    Work work;
    Household household;
    Places places;
    Counts counts;
    Building building;
    Independent independent;
  };
  /// What each category of a column adds to the log-odds of default.
  struct CategoryOdds {
    std::size_t column;
    std::vector<double> log_odds;
  };

  ApplicantGenerator(Layout layout, Rules rules, const Profile& profile);
  void draw(Random& random, Row& row) const;
  double log_odds(const Row& row) const;

  Layout layout_;
  Rules rules_;
  std::size_t identifier_ = 0;
  double base_log_odds_ = 0;
  std::vector<CategoryOdds> category_odds_;
};

}  // namespace clairscore::synth
