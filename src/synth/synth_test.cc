#include "synth/synth.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/numbers.h"
#include "base/sha256.h"
#include "synth/profile.h"

namespace clairscore {
namespace {

using synth::home_credit_profile;
using synth::Profile;
using synth::ProfileCategory;
using synth::ProfileColumn;

std::string make(const SynthOptions& options) {
  std::string csv;
  const Result<void> made = synthesize(options, [&](std::string_view text) -> Result<void> {
    csv += text;
    return {};
  });
  EXPECT_TRUE(made) << to_string(made.error());
  return csv;
}

/// The cells of a CSV file by column; no field here holds a quote or a line end.
class Table {
 public:
  explicit Table(const std::string& csv) {
    std::size_t at = 0;
    while (at < csv.size()) {
      const std::size_t end = csv.find('\n', at);
      std::vector<std::string> cells = split(std::string_view(csv).substr(at, end - at));
      if (names_.empty()) {
        names_ = std::move(cells);
        columns_.resize(names_.size());
      } else {
        EXPECT_EQ(cells.size(), names_.size());
        for (std::size_t i = 0; i < cells.size(); ++i) columns_[i].push_back(std::move(cells[i]));
      }
      at = end + 1;
    }
  }

  const std::vector<std::string>& names() const { return names_; }
  std::size_t rows() const { return columns_[0].size(); }
  const std::vector<std::string>& operator[](const std::string& name) const {
    const auto found = std::ranges::find(names_, name);
    EXPECT_NE(found, names_.end()) << name;
    return columns_[static_cast<std::size_t>(found - names_.begin())];
  }
  /// NaN where missing.
  std::vector<double> numbers(const std::string& name) const {
    std::vector<double> out;
    for (const std::string& cell : (*this)[name]) {
      out.push_back(cell.empty() ? std::nan("") : parse_double(cell).value());
    }
    return out;
  }

 private:
  static std::vector<std::string> split(std::string_view line) {
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (const char c : line) {
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    return cells;
  }

  std::vector<std::string> names_;
  std::vector<std::vector<std::string>> columns_;
};

// One sample for all the tests of what it looks like.
class SynthSample : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    sample.emplace(make({.rows = 40000, .seed = 11, .with_target = true, .threads = 2}));
    profile = home_credit_profile().value();
  }
  static void TearDownTestSuite() { sample.reset(); }

  static std::optional<Table> sample;
  static Profile profile;
};
std::optional<Table> SynthSample::sample;
Profile SynthSample::profile;

TEST(Synth, BytesArePinned) {
  EXPECT_EQ(sha256_hex(as_bytes(make({.rows = 1000, .seed = 42}))),
            "e064a6d073d62a8eeb488b9dd8aecec9d064f82b813cf73e68c68c346c245768");
  EXPECT_EQ(sha256_hex(as_bytes(make({.rows = 1000, .seed = 42, .with_target = true}))),
            "3b712cd33455bb1ee759591763cde54a7030c405a12e88fd69ec400f20a19955");
}

TEST(Synth, BytesDoNotDependOnThreads) {
  const std::string one = make({.rows = 7000, .seed = 5, .threads = 1});
  EXPECT_EQ(make({.rows = 7000, .seed = 5, .threads = 4}), one);
  EXPECT_NE(make({.rows = 7000, .seed = 6, .threads = 1}), one);
}

TEST(Synth, FewerRowsAreTheBeginningOfMore) {
  const std::string many = make({.rows = 3000, .seed = 8});
  for (const std::uint64_t rows : {0U, 1U, 1023U, 1024U, 1025U, 2999U}) {
    const std::string few = make({.rows = rows, .seed = 8});
    EXPECT_EQ(many.substr(0, few.size()), few) << rows;
    EXPECT_EQ(std::ranges::count(few, '\n'), static_cast<std::ptrdiff_t>(rows + 1));
  }
}

TEST(Synth, TheTargetIsAColumnMoreAndNothingElse) {
  const Table with(make({.rows = 500, .seed = 3, .with_target = true}));
  const Table without(make({.rows = 500, .seed = 3}));
  ASSERT_EQ(with.names().size(), without.names().size() + 1);
  EXPECT_EQ(with.names()[1], "TARGET");
  for (const std::string& name : without.names()) EXPECT_EQ(with[name], without[name]) << name;
  for (const std::string& value : with["TARGET"]) EXPECT_TRUE(value == "0" || value == "1");
}

TEST(Synth, ColumnsAreThoseOfTheRealFile) {
  const auto path = std::filesystem::path(CLAIRSCORE_SOURCE_DIR) /
                    "tests/fixtures/reference/hub60/application_test.csv";
  const Result<std::string> real = read_text_file(path, 1 << 20);
  ASSERT_TRUE(real) << to_string(real.error());
  EXPECT_EQ(make({.rows = 0}), real->substr(0, real->find('\n') + 1));
}

TEST(Synth, AnErrorOfTheSinkEndsTheWork) {
  for (const std::size_t threads : {1U, 3U}) {
    int calls = 0;
    const SynthOptions options{.rows = 100'000'000, .threads = threads};
    const Result<void> made = synthesize(options, [&](std::string_view) -> Result<void> {
      if (++calls == 4) return fail(ErrorCode::kInternal, "no space left", "out.csv");
      return {};
    });
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().what, "no space left");
    EXPECT_EQ(calls, 4);
  }
}

TEST(Synth, AnExceptionOfTheSinkIsPassedOn) {
  int calls = 0;
  const auto sink = [&](std::string_view) -> Result<void> {
    if (++calls == 3) throw std::bad_alloc();
    return {};
  };
  EXPECT_THROW((void)synthesize({.rows = 100'000'000, .threads = 3}, sink), std::bad_alloc);
}

TEST(Synth, TooManyRowsAreRefused) {
  const auto sink = [](std::string_view) -> Result<void> { return {}; };
  const Result<void> made = synthesize({.rows = kMaxSynthRows + 1}, sink);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kUsage);
}

TEST_F(SynthSample, IdentifiersAscend) {
  const std::vector<double> ids = sample->numbers("SK_ID_CURR");
  EXPECT_TRUE(std::ranges::is_sorted(ids, std::less_equal<>{}) &&
              std::ranges::adjacent_find(ids) == ids.end());
  EXPECT_GE(ids.front(), 100001);
}

TEST_F(SynthSample, EmployerAndOccupationAgree) {
  const Table& t = *sample;
  const std::vector<double> employed = t.numbers("DAYS_EMPLOYED");
  const std::vector<double> birth = t.numbers("DAYS_BIRTH");
  std::size_t retired = 0;
  for (std::size_t i = 0; i < t.rows(); ++i) {
    const std::string& income = t["NAME_INCOME_TYPE"][i];
    if (income == "Pensioner" || income == "Unemployed") {
      ++retired;
      ASSERT_EQ(employed[i], 365243);
      ASSERT_EQ(t["ORGANIZATION_TYPE"][i], "XNA");
      ASSERT_EQ(t["OCCUPATION_TYPE"][i], "");
      ASSERT_EQ(t["FLAG_EMP_PHONE"][i], "0");
      for (const char* work : {"REG_CITY_NOT_WORK_CITY", "LIVE_CITY_NOT_WORK_CITY",
                               "REG_REGION_NOT_WORK_REGION", "LIVE_REGION_NOT_WORK_REGION"}) {
        ASSERT_EQ(t[work][i], "0");
      }
    } else {
      ASSERT_LT(employed[i], 0);
      ASSERT_GE(employed[i] - birth[i], 16 * 365);  // not before the 16th birthday
      ASSERT_NE(t["ORGANIZATION_TYPE"][i], "XNA");
      ASSERT_EQ(t["FLAG_EMP_PHONE"][i], "1");
    }
  }
  EXPECT_GT(retired, 0U);
  EXPECT_LT(retired, t.rows());
}

TEST_F(SynthSample, PensionersAreOld) {
  const Table& t = *sample;
  const std::vector<double> birth = t.numbers("DAYS_BIRTH");
  std::vector<double> pensioners;
  for (std::size_t i = 0; i < t.rows(); ++i) {
    if (t["NAME_INCOME_TYPE"][i] == "Pensioner") pensioners.push_back(-birth[i] / 365.25);
  }
  std::ranges::sort(pensioners);
  EXPECT_GT(pensioners[pensioners.size() / 2], 55);
  EXPECT_GT(pensioners[pensioners.size() / 20], 45);
}

TEST_F(SynthSample, FamilyAndCarAgree) {
  const Table& t = *sample;
  const std::vector<double> members = t.numbers("CNT_FAM_MEMBERS");
  const std::vector<double> children = t.numbers("CNT_CHILDREN");
  for (std::size_t i = 0; i < t.rows(); ++i) {
    const std::string& status = t["NAME_FAMILY_STATUS"][i];
    const int couple = status == "Married" || status == "Civil marriage" ? 1 : 0;
    ASSERT_EQ(members[i], children[i] + 1 + couple);
    ASSERT_EQ(t["OWN_CAR_AGE"][i].empty(), t["FLAG_OWN_CAR"][i] == "N");
  }
}

TEST_F(SynthSample, AmountsAreLoans) {
  const Table& t = *sample;
  const std::vector<double> credit = t.numbers("AMT_CREDIT");
  const std::vector<double> annuity = t.numbers("AMT_ANNUITY");
  const std::vector<double> birth = t.numbers("DAYS_BIRTH");
  const std::vector<double> registration = t.numbers("DAYS_REGISTRATION");
  for (std::size_t i = 0; i < t.rows(); ++i) {
    ASSERT_GE(annuity[i], credit[i] / 45 - 4.5);
    ASSERT_LE(annuity[i], credit[i] / 8 + 4.5);
    ASSERT_GE(registration[i], birth[i]);
    ASSERT_LE(registration[i], 0);
  }
}

TEST_F(SynthSample, PlacesDoNotContradictEachOther) {
  const Table& t = *sample;
  const auto named = [](std::string name, std::string_view place) {
    for (std::size_t at = name.find('#'); at != std::string::npos; at = name.find('#')) {
      name.replace(at, 1, place);
    }
    return name;
  };
  for (const std::string_view place : {"REGION", "CITY"}) {
    const auto& lives = t[named("REG_#_NOT_LIVE_#", place)];
    const auto& works = t[named("REG_#_NOT_WORK_#", place)];
    const auto& lives_works = t[named("LIVE_#_NOT_WORK_#", place)];
    for (std::size_t i = 0; i < t.rows(); ++i) {
      if (t["FLAG_EMP_PHONE"][i] == "0") continue;  // works nowhere
      const int apart = (lives[i] == "1") + (works[i] == "1") + (lives_works[i] == "1");
      ASSERT_NE(apart, 1) << place << " of row " << i;
    }
  }
  for (const std::string pair : {"REG_#_NOT_LIVE_#", "REG_#_NOT_WORK_#", "LIVE_#_NOT_WORK_#"}) {
    const auto& region = t[named(pair, "REGION")];
    const auto& city = t[named(pair, "CITY")];
    for (std::size_t i = 0; i < t.rows(); ++i) {
      ASSERT_TRUE(region[i] == "0" || city[i] == "1") << named(pair, "REGION");
    }
  }
}

TEST_F(SynthSample, CountsAgree) {
  const Table& t = *sample;
  const std::vector<double> seen30 = t.numbers("OBS_30_CNT_SOCIAL_CIRCLE");
  const std::vector<double> seen60 = t.numbers("OBS_60_CNT_SOCIAL_CIRCLE");
  const std::vector<double> default30 = t.numbers("DEF_30_CNT_SOCIAL_CIRCLE");
  const std::vector<double> default60 = t.numbers("DEF_60_CNT_SOCIAL_CIRCLE");
  std::size_t missing = 0;
  for (std::size_t i = 0; i < t.rows(); ++i) {
    if (std::isnan(seen30[i])) {
      ++missing;
      ASSERT_TRUE(std::isnan(seen60[i]) && std::isnan(default30[i]) && std::isnan(default60[i]));
      continue;
    }
    ASSERT_LE(seen60[i], seen30[i]);
    ASSERT_LE(default30[i], seen30[i]);
    ASSERT_LE(default60[i], default30[i]);
    ASSERT_LE(default60[i], seen60[i]);
    const bool asked = !t["AMT_REQ_CREDIT_BUREAU_HOUR"][i].empty();
    for (const char* period : {"DAY", "WEEK", "MON", "QRT", "YEAR"}) {
      ASSERT_EQ(!t["AMT_REQ_CREDIT_BUREAU_" + std::string(period)][i].empty(), asked);
    }
  }
  EXPECT_GT(missing, 0U);
}

TEST_F(SynthSample, BuildingFiguresAreMissingTogether) {
  const Table& t = *sample;
  for (std::size_t i = 0; i < t.rows(); ++i) {
    const bool flats = !t["APARTMENTS_AVG"][i].empty();
    ASSERT_EQ(!t["APARTMENTS_MODE"][i].empty(), flats);
    ASSERT_EQ(!t["APARTMENTS_MEDI"][i].empty(), flats);
    // Common areas are known less often: where they are, the flats are too.
    ASSERT_TRUE(t["COMMONAREA_AVG"][i].empty() || flats);
  }
}

TEST_F(SynthSample, MissingSharesAreThoseOfTheProfile) {
  for (const ProfileColumn& column : profile.columns) {
    const auto& cells = (*sample)[column.name];
    const double share =
        static_cast<double>(std::ranges::count(cells, "")) / static_cast<double>(cells.size());
    EXPECT_NEAR(share, column.missing, 0.008) << column.name;
  }
}

TEST_F(SynthSample, FrequenciesAreThoseOfTheProfile) {
  for (const ProfileColumn& column : profile.columns) {
    if (column.kind != ProfileColumn::Kind::kCategory) continue;
    std::map<std::string, double> seen;
    double present = 0;
    for (const std::string& cell : (*sample)[column.name]) {
      if (!cell.empty()) ++seen[cell], ++present;
    }
    // Family members follow from the family; the rest is drawn as the profile says.
    const double tolerance = column.name == "CNT_FAM_MEMBERS" ? 0.018 : 0.01;
    for (const ProfileCategory& category : column.categories) {
      EXPECT_NEAR(seen[category.value] / present, category.frequency, tolerance)
          << column.name << " " << category.value;
      seen.erase(category.value);
    }
    for (const auto& [value, count] : seen) {
      EXPECT_LT(count / present, 0.002) << column.name << " has " << value;
    }
  }
}

TEST_F(SynthSample, QuantilesAreThoseOfTheProfile) {
  for (const ProfileColumn& column : profile.columns) {
    if (column.kind != ProfileColumn::Kind::kNumber) continue;
    std::vector<double> values;
    for (const double x : sample->numbers(column.name)) {
      if (!std::isnan(x) && x != 365243) values.push_back(x);
    }
    std::ranges::sort(values);
    EXPECT_GE(values.front(), column.quantiles.front() - 1e-9) << column.name;
    // Incomes and prices come in steps of 4,500.
    const bool amount = column.name.starts_with("AMT_");
    EXPECT_LE(values.back(), column.quantiles.back() + (amount ? 2250 : 1e-9)) << column.name;
    // The probability of each quantile must lie between the shares below it and up to it. The time
    // with an employer gives way to age.
    const double tolerance = column.name == "DAYS_EMPLOYED" ? 0.015 : 0.012;
    const double slack = amount ? 2250 : 1e-9;
    const auto n = static_cast<double>(values.size());
    for (std::size_t q = 1; q + 1 < column.quantiles.size(); ++q) {
      const double p = static_cast<double>(q) / static_cast<double>(column.quantiles.size() - 1);
      const auto below = std::ranges::lower_bound(values, column.quantiles[q] - slack);
      const auto up_to = std::ranges::upper_bound(values, column.quantiles[q] + slack);
      EXPECT_LE(static_cast<double>(below - values.begin()) / n, p + tolerance)
          << column.name << " at " << p;
      EXPECT_GE(static_cast<double>(up_to - values.begin()) / n, p - tolerance)
          << column.name << " at " << p;
    }
  }
}

/// Ranks from 0, ties sharing their mean.
std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> out(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last + 1 < order.size() && values[order[last + 1]] == values[order[first]]) ++last;
    for (std::size_t i = first; i <= last; ++i)
      out[order[i]] = static_cast<double>(first + last) / 2;
    first = last + 1;
  }
  return out;
}

double spearman(const std::vector<double>& left, const std::vector<double>& right) {
  std::vector<double> x;
  std::vector<double> y;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!std::isnan(left[i]) && !std::isnan(right[i])) x.push_back(left[i]), y.push_back(right[i]);
  }
  x = ranks(x);
  y = ranks(y);
  const double mean = static_cast<double>(x.size() - 1) / 2;
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) * (x[i] - mean);
    yy += (y[i] - mean) * (y[i] - mean);
  }
  return xy / std::sqrt(xx * yy);
}

TEST_F(SynthSample, RankCorrelationsAreThoseOfTheProfile) {
  std::vector<std::vector<double>> values;
  for (const std::size_t column : profile.correlated) {
    values.push_back(sample->numbers(profile.columns[column].name));
    for (double& x : values.back()) {
      if (x == 365243) x = std::nan("");
    }
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_NEAR(spearman(values[i], values[j]), profile.rank_correlation[i][j], 0.035)
          << profile.columns[profile.correlated[i]].name << " and "
          << profile.columns[profile.correlated[j]].name;
    }
  }
}

TEST_F(SynthSample, DefaultIsAsFrequentAsInTheProfileAndFollowsTheScores) {
  const std::vector<double> target = sample->numbers("TARGET");
  const double bad = std::accumulate(target.begin(), target.end(), 0.0);
  EXPECT_NEAR(bad / static_cast<double>(target.size()), profile.bad_rate, 0.004);
  EXPECT_LT(spearman(target, sample->numbers("EXT_SOURCE_3")), -0.1);
  EXPECT_LT(spearman(target, sample->numbers("EXT_SOURCE_2")), -0.08);
}

}  // namespace
}  // namespace clairscore
