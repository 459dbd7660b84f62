#pragma once

// Applicants shaped like Home Credit's application_test.csv, drawn from aggregate figures: no real
// applicant is in them. The same options give the same bytes on every machine and for every number
// of threads, and the first n rows do not depend on how many follow.
//
// What holds for each row: a pensioner or an unemployed applicant has no employer (DAYS_EMPLOYED
// 365243, ORGANIZATION_TYPE XNA, no occupation, FLAG_EMP_PHONE 0) and everybody else has one, since
// after their 16th birthday; OWN_CAR_AGE is missing exactly without a car; CNT_FAM_MEMBERS counts
// applicant, partner and children; the annuity is between a 45th and an 8th of the credit; the
// three places (registered, lived at, worked at) do not contradict each other; social circle,
// credit bureau and building figures are missing together and agree with each other.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/error.h"

namespace clairscore {

struct SynthOptions {
  std::uint64_t rows = 1000;  // at most kMaxSynthRows
  std::uint64_t seed = 1;
  /// Adds the column TARGET (1: payment difficulties) after the identifier; changes nothing else.
  bool with_target = false;
  std::size_t threads = 1;  // at least 1
};

inline constexpr std::uint64_t kMaxSynthRows = 1'000'000'000;

/// Takes the next piece of the file. Called for one piece at a time and in order, but from any of
/// the threads. An error ends the work and is returned by synthesize.
using SynthSink = std::function<Result<void>(std::string_view csv)>;

/// Writes a CSV file: header, then rows; '\n' ends each. Memory is about 1 MB a thread however many
/// rows there are. Errors: kUsage for too many rows, and what the sink returns.
Result<void> synthesize(const SynthOptions& options, const SynthSink& sink);

}  // namespace clairscore
