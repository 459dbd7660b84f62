// What scoring and explaining cost, from typed columns in memory, tables and output included.
//
// usage: engine_bench MODEL CSV [--repeat 7] [--threads 2] [--background 5000] [--only NAME]
//                     [--rows N]
//
// --rows: so many rows, those of the file again and again.
// Prints one JSON object a task: rows, and seconds of every repetition, by the clock and by the
// processors (the second is steadier on a machine that others use). bench/peers/ runs it beside
// the peers; a task starts from the prepared inputs (typed columns), as `score` and `explain` do
// after reading.

#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/choose_recipe.h"
#include "data/dataset.h"
#include "mlflow/loaded_model.h"
#include "model/pipeline.h"

namespace {

using clairscore::Frame;
using clairscore::Pipeline;
using clairscore::Result;

struct Options {
  std::string model;
  std::string data;
  std::size_t repeat = 7;
  std::size_t threads = 2;
  std::size_t background = 5000;
  std::string only;
  std::size_t rows = 0;  // 0: those of the file
};

/// Of the clock, and of the processors: the second tells what others took on a shared machine.
struct Seconds {
  double wall;
  double processor;
};

Seconds seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t processor = std::clock();
  work();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
          static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC};
}

class Bench {
 public:
  explicit Bench(Options options) : options_(std::move(options)) {}

  void task(std::string_view name, std::size_t rows, const std::function<void()>& work) const {
    if (!options_.only.empty() && options_.only != name) return;
    std::printf("{\"task\":\"%s\",\"rows\":%zu,\"threads\":%zu,\"seconds\":[",
                std::string(name).c_str(), rows, options_.threads);
    std::vector<Seconds> taken;
    for (std::size_t i = 0; i < options_.repeat; ++i) taken.push_back(seconds_of(work));
    for (std::size_t i = 0; i < taken.size(); ++i) {
      std::printf("%s%.9f", i == 0 ? "" : ",", taken[i].wall);
    }
    std::printf("],\"processor_seconds\":[");
    for (std::size_t i = 0; i < taken.size(); ++i) {
      std::printf("%s%.9f", i == 0 ? "" : ",", taken[i].processor);
    }
    std::printf("]}\n");
    std::fflush(stdout);
  }

  Result<void> run() const;

 private:
  Options options_;
};

/// `count` rows: those of the frame again and again.
Frame repeated(const Frame& frame, std::size_t count) {
  const auto again = [&](const auto& cells) {
    std::vector<std::remove_cvref_t<decltype(cells[0])>> many(count);
    for (std::size_t r = 0; r < count; ++r) many[r] = cells[r % frame.rows()];
    return many;
  };
  std::vector<clairscore::Column> columns;
  for (const clairscore::Column& column : frame.columns()) {
    using clairscore::Column;
    using clairscore::ColumnType;
    if (column.type() == ColumnType::kText) {
      columns.push_back(
          Column::of_text(column.name(), column.shared_dictionary(), again(column.codes())));
    } else if (column.type() == ColumnType::kDouble) {
      columns.push_back(Column::of_doubles(column.name(), again(column.doubles())));
    } else {
      std::vector<double> numbers(frame.rows());
      for (std::size_t r = 0; r < numbers.size(); ++r) numbers[r] = column.number(r);
      columns.push_back(Column::of_doubles(column.name(), again(numbers)));
    }
  }
  return Frame(count, std::move(columns));
}

/// Stops with the error of what was measured.
template <typename T>
T value_of(Result<T> result) {
  if (result) {
    if constexpr (!std::is_void_v<T>)
      return std::move(*result);
    else
      return;
  }
  std::fprintf(stderr, "engine_bench: %s\n", clairscore::to_string(result.error()).c_str());
  std::exit(1);
}

Result<void> Bench::run() const {
  using namespace clairscore;
  // A model loaded anew has no tables yet: what a command pays once.
  ASSIGN_OR_RETURN(const auto model, load_model(options_.model));
  const CsvSource source = csv_source(std::filesystem::path(options_.data));
  ASSIGN_OR_RETURN(const std::vector<std::string> header, source.header());
  ASSIGN_OR_RETURN(const RecipePtr recipe, choose_recipe("", *model, header));
  PrepareOptions prepare;
  prepare.threads = options_.threads;
  ASSIGN_OR_RETURN(const PreparedRows prepared,
                   prepare_rows(source, *recipe, model->signature, prepare));
  const Frame many = options_.rows > 0 ? repeated(prepared.inputs, options_.rows) : Frame();
  const Frame& inputs = options_.rows > 0 ? many : prepared.inputs;
  const std::size_t rows = inputs.rows();
  const std::size_t threads = options_.threads;
  const Pipeline& pipeline = model->pipeline;
  const std::size_t width = pipeline.estimator()->outputs() * pipeline.features().size();
  std::vector<double> scores(rows * pipeline.estimator()->outputs());
  const bool explains = options_.only.empty() || options_.only != "score";
  std::vector<double> values(explains ? rows * width : width);
  const RowRange all{0, rows};

  task("score", rows, [&] { value_of(pipeline.raw_scores(inputs, all, threads, scores)); });
  const auto fresh = [&] {
    return value_of(
        Pipeline::build(pipeline.input_names(), pipeline.steps(), pipeline.estimator()));
  };
  task("score, engine built", rows,
       [&] { value_of(fresh().raw_scores(inputs, all, threads, scores)); });
  task("shap", rows, [&] { value_of(fresh().explain(inputs, all, threads, values)); });
  value_of(pipeline.explain(inputs, {0, 1}, 1, values));
  task("shap, tables there", rows,
       [&] { value_of(pipeline.explain(inputs, all, threads, values)); });
  task("shap, tables only", rows, [&] { fresh().path_dependent(threads); });
  const std::size_t background_rows = std::min(options_.background, rows);
  const Frame background = inputs.slice(0, background_rows);
  task("interventional", rows, [&] {
    const Pipeline anew = fresh();
    const auto explainer = value_of(anew.interventional(background, threads));
    value_of(explainer.explain(inputs, all, threads, values));
  });
  task("interventional, tables only", rows, [&] {
    const Pipeline anew = fresh();
    value_of(anew.interventional(background, threads));
  });
  {
    // All rows' interactions would be half a gigabyte: as a caller that writes them, in groups.
    constexpr std::size_t kGroup = 8192;
    std::vector<double> group(kGroup * pipeline.interacting().size() *
                              pipeline.estimator()->outputs());
    task("interactions", rows, [&] {
      const Pipeline anew = fresh();
      const auto explainer = value_of(anew.interactions(threads));
      for (std::size_t first = 0; first < rows; first += kGroup) {
        value_of(
            explainer.explain(inputs, {first, std::min(kGroup, rows - first)}, threads, group));
      }
    });
  }
  task("interactions, tables only", rows, [&] {
    const Pipeline anew = fresh();
    value_of(anew.interactions(threads));
  });
  constexpr std::size_t kSingles = 2000;
  const std::size_t singles = std::min(kSingles, rows);
  task("one row, score", singles, [&] {
    for (std::size_t r = 0; r < singles; ++r) {
      value_of(pipeline.raw_scores(inputs, {r, 1}, 1, std::span(scores).first(1)));
    }
  });
  task("one row, shap", singles, [&] {
    for (std::size_t r = 0; r < singles; ++r) {
      value_of(pipeline.explain(inputs, {r, 1}, 1, std::span(values).first(width)));
    }
  });
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool has_value = i + 1 < argc;
    if (word == "--repeat" && has_value) {
      options.repeat = std::stoul(argv[++i]);
    } else if (word == "--threads" && has_value) {
      options.threads = std::stoul(argv[++i]);
    } else if (word == "--background" && has_value) {
      options.background = std::stoul(argv[++i]);
    } else if (word == "--rows" && has_value) {
      options.rows = std::stoul(argv[++i]);
    } else if (word == "--only" && has_value) {
      options.only = argv[++i];
    } else {
      words.push_back(word);
    }
  }
  if (words.size() != 2) {
    std::fputs(
        "usage: engine_bench MODEL CSV [--repeat 7] [--threads 2] [--background 5000]"
        " [--only NAME] [--rows N]\n",
        stderr);
    return 2;
  }
  options.model = words[0];
  options.data = words[1];
  value_of(Bench(options).run());
  return 0;
}
