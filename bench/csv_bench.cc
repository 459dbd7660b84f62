// How long 48,744 made-up applicants (26 MB of CSV, 121 columns) take from the page cache to the
// rows a model is given. Wall-clock and processor time; quiet machine, please.

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

#include "base/bytes.h"
#include "base/parallel.h"
#include "data/csv.h"
#include "data/dataset.h"
#include "data/recipe.h"
#include "synth/synth.h"

namespace clairscore {
namespace {

template <typename T>
T value_or_exit(Result<T> result) {
  if (result) return std::move(*result);
  std::cerr << to_string(result.error()) << "\n";
  std::exit(1);
}

/// The applicants, written once and removed at the end.
class Applicants {
 public:
  Applicants()
      : path_(std::filesystem::temp_directory_path() /
              ("clairscore-csv-bench-" + std::to_string(::getpid()) + ".csv")),
        recipe_(value_or_exit(Recipe::built_in("home_credit"))) {
    std::string text;
    const auto made = synthesize({.rows = 48'744, .seed = 1, .threads = available_threads()},
                                 [&](std::string_view piece) -> Result<void> {
                                   text += piece;
                                   return {};
                                 });
    if (!made || !write_file_atomically(path_, as_bytes(text))) std::exit(1);
    bytes_ = static_cast<std::int64_t>(text.size());
    // The signature a model of these applicants would have: every prepared column as it comes out.
    CsvOptions options = csv_options(1);
    CsvTable table = value_or_exit(read_csv(path_, options));
    const Frame prepared = value_or_exit(recipe_->apply(table.frame));
    for (const Column& column : prepared.columns()) {
      const bool is_text = column.type() == ColumnType::kText;
      signature_.inputs.push_back(
          {.name = column.name(),
           .type = is_text ? SignatureType::kString : SignatureType::kDouble,
           .required = true});
    }
  }
  Applicants(const Applicants&) = delete;
  Applicants& operator=(const Applicants&) = delete;
  ~Applicants() { std::filesystem::remove(path_); }

  CsvOptions csv_options(std::size_t threads) const {
    CsvOptions options;
    options.decimals = recipe_->decimals();
    options.columns = recipe_->columns();
    options.identifier = recipe_->identifier();
    options.threads = threads;
    return options;
  }
  const std::filesystem::path& path() const { return path_; }
  const Recipe& recipe() const { return *recipe_; }
  const Signature& signature() const { return signature_; }
  std::int64_t bytes() const { return bytes_; }

 private:
  std::filesystem::path path_;
  RecipePtr recipe_;
  Signature signature_;
  std::int64_t bytes_ = 0;
};

const Applicants& applicants() {
  static const Applicants all;
  return all;
}

void read_52_of_121_columns(benchmark::State& state) {
  const CsvOptions options = applicants().csv_options(static_cast<std::size_t>(state.range(0)));
  for (auto run : state) {
    benchmark::DoNotOptimize(value_or_exit(read_csv(applicants().path(), options)));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * applicants().bytes());
}

void read_all_columns(benchmark::State& state) {
  CsvOptions options = applicants().csv_options(static_cast<std::size_t>(state.range(0)));
  options.columns.clear();
  for (auto run : state) {
    benchmark::DoNotOptimize(value_or_exit(read_csv(applicants().path(), options)));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * applicants().bytes());
}

void apply_recipe(benchmark::State& state) {
  const CsvTable table = value_or_exit(read_csv(applicants().path(), applicants().csv_options(1)));
  for (auto run : state) {
    benchmark::DoNotOptimize(value_or_exit(applicants().recipe().apply(table.frame)));
  }
}

void load_dataset(benchmark::State& state) {
  for (auto run : state) {
    benchmark::DoNotOptimize(value_or_exit(
        Dataset::load(applicants().path(), applicants().recipe(), applicants().signature(),
                      OnBadRow::kRefuse, static_cast<std::size_t>(state.range(0)))));
  }
}

BENCHMARK(read_52_of_121_columns)
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(read_all_columns)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(apply_recipe)->Unit(benchmark::kMillisecond);
BENCHMARK(load_dataset)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
}  // namespace clairscore

BENCHMARK_MAIN();
