#include "synth/profile.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>

extern "C" {
extern const char clairscore_home_credit_profile_begin[];  // NOLINT(readability-identifier-naming)
extern const char clairscore_home_credit_profile_end[];    // NOLINT(readability-identifier-naming)
}

namespace clairscore::synth {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxColumns = 4096;
constexpr int kMaxDecimals = 15;  // scaled values stay below 2^63

tl::unexpected<Error> refuse(std::string what, std::string_view where) {
  return fail(ErrorCode::kInput, std::move(what), "profile, " + std::string(where));
}

/// A finite number.
bool read_number(dom::element parent, const char* key, double& out) {
  return parent[key].get(out) == simdjson::SUCCESS && std::isfinite(out);
}

bool read_share(dom::element parent, const char* key, double& out) {
  return read_number(parent, key, out) && out >= 0 && out <= 1;
}

Result<void> read_number_column(dom::element json, ProfileColumn& column) {
  std::int64_t decimals = 0;
  dom::array quantiles;
  if (!read_share(json, "missing", column.missing) ||
      json["integer"].get(column.integer) != simdjson::SUCCESS ||
      json["decimals"].get(decimals) != simdjson::SUCCESS || decimals < 0 ||
      decimals > kMaxDecimals || json["quantiles"].get(quantiles) != simdjson::SUCCESS) {
    return refuse("missing, integer, decimals or quantiles is not what it should be", column.name);
  }
  column.decimals = static_cast<int>(decimals);
  for (const dom::element element : quantiles) {
    double value = 0;
    if (element.get(value) != simdjson::SUCCESS || !std::isfinite(value)) {
      return refuse("a quantile is not a number", column.name);
    }
    column.quantiles.push_back(value);
  }
  if (column.quantiles.size() < 2 || !std::ranges::is_sorted(column.quantiles)) {
    return refuse("quantiles are fewer than two or not in order", column.name);
  }
  double limit = 4e18;
  for (int i = 0; i < column.decimals; ++i) limit /= 10;
  if (column.quantiles.back() > limit || column.quantiles.front() < -limit) {
    return refuse("quantiles too large for their decimals", column.name);
  }
  return {};
}

Result<void> read_category_column(dom::element json, ProfileColumn& column) {
  dom::object frequencies;
  if (!read_share(json, "missing", column.missing) ||
      json["frequency"].get(frequencies) != simdjson::SUCCESS) {
    return refuse("missing or frequency is not what it should be", column.name);
  }
  double total = 0;
  for (const dom::key_value_pair member : frequencies) {
    ProfileCategory category;
    category.value = std::string(member.key);
    dom::object rates;
    double rate = 0;
    double frequency = 0;
    if (member.value.get(frequency) != simdjson::SUCCESS || frequency < 0 ||
        json["bad_rate"].get(rates) != simdjson::SUCCESS ||
        rates.at_key(member.key).get(rate) != simdjson::SUCCESS || rate <= 0 || rate >= 1) {
      return refuse("frequency or bad_rate of \"" + category.value + "\" is not a share",
                    column.name);
    }
    category.frequency = frequency;
    category.bad_rate = rate;
    total += frequency;
    column.categories.push_back(std::move(category));
  }
  if (!(total > 0)) return refuse("no category", column.name);
  for (ProfileCategory& category : column.categories) category.frequency /= total;
  return {};
}

Result<ProfileColumn> read_column(dom::element json) {
  ProfileColumn column;
  std::string_view name;
  std::string_view kind;
  if (json["name"].get(name) != simdjson::SUCCESS || json["kind"].get(kind) != simdjson::SUCCESS) {
    return refuse("a column without name or kind", "columns");
  }
  column.name = std::string(name);
  if (kind == "id") {
    column.kind = ProfileColumn::Kind::kIdentifier;
  } else if (kind == "number") {
    column.kind = ProfileColumn::Kind::kNumber;
    RETURN_IF_ERROR(read_number_column(json, column));
  } else if (kind == "category") {
    column.kind = ProfileColumn::Kind::kCategory;
    RETURN_IF_ERROR(read_category_column(json, column));
  } else {
    return refuse("kind is none of id, number, category", name);
  }
  return column;
}

Result<void> read_correlation(dom::element json, Profile& profile) {
  dom::array names;
  dom::array matrix;
  if (json["rank_correlation"]["columns"].get(names) != simdjson::SUCCESS ||
      json["rank_correlation"]["matrix"].get(matrix) != simdjson::SUCCESS) {
    return refuse("no columns or no matrix", "rank_correlation");
  }
  for (const dom::element element : names) {
    std::string_view name;
    if (element.get(name) != simdjson::SUCCESS) return refuse("not a name", "rank_correlation");
    ASSIGN_OR_RETURN(const std::size_t index, profile.column(name));
    if (profile.columns[index].kind != ProfileColumn::Kind::kNumber) {
      return refuse("not a number column", name);
    }
    double log_odds = 0;
    dom::object slopes;
    if (json["log_odds_per_rank"].get(slopes) != simdjson::SUCCESS ||
        slopes.at_key(name).get(log_odds) != simdjson::SUCCESS || !std::isfinite(log_odds)) {
      return refuse("no log_odds_per_rank", name);
    }
    profile.correlated.push_back(index);
    profile.log_odds_per_rank.push_back(log_odds);
  }
  for (const dom::element line : matrix) {
    dom::array cells;
    std::vector<double>& row = profile.rank_correlation.emplace_back();
    if (line.get(cells) != simdjson::SUCCESS) return refuse("not a row", "rank_correlation");
    for (const dom::element cell : cells) {
      double value = 0;
      if (cell.get(value) != simdjson::SUCCESS || value < -1 || value > 1) {
        return refuse("a correlation is not in [-1, 1]", "rank_correlation");
      }
      row.push_back(value);
    }
    if (row.size() != profile.correlated.size()) {
      return refuse("the matrix is not square", "rank_correlation");
    }
  }
  if (profile.rank_correlation.size() != profile.correlated.size()) {
    return refuse("the matrix is not square", "rank_correlation");
  }
  return {};
}

}  // namespace

Result<std::size_t> Profile::column(std::string_view name) const {
  const auto found = std::ranges::find(columns, name, &ProfileColumn::name);
  if (found == columns.end()) {
    return fail(ErrorCode::kNotFound, "no column " + std::string(name), "profile");
  }
  return static_cast<std::size_t>(found - columns.begin());
}

Result<Profile> parse_profile(std::string_view json) {
  dom::parser parser;
  dom::element document;
  if (const auto error = parser.parse(json.data(), json.size()).get(document)) {
    return refuse(simdjson::error_message(error), "JSON");
  }
  Profile profile;
  dom::array columns;
  if (!read_share(document, "bad_rate", profile.bad_rate) || profile.bad_rate == 0 ||
      profile.bad_rate == 1 || document["columns"].get(columns) != simdjson::SUCCESS) {
    return refuse("no bad_rate or no columns", "JSON");
  }
  for (const dom::element element : columns) {
    if (profile.columns.size() == kMaxColumns) return refuse("more than 4096 columns", "columns");
    ASSIGN_OR_RETURN(ProfileColumn column, read_column(element));
    if (profile.column(column.name)) return refuse("a column appears twice", column.name);
    profile.columns.push_back(std::move(column));
  }
  RETURN_IF_ERROR(read_correlation(document, profile));
  return profile;
}

Result<Profile> home_credit_profile() {
  return parse_profile({clairscore_home_credit_profile_begin,
                        static_cast<std::size_t>(clairscore_home_credit_profile_end -
                                                 clairscore_home_credit_profile_begin)});
}

}  // namespace clairscore::synth
