// What reading a model file, a SHAP file and a hostile pickle costs.

#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "pickle/unpickle.h"
#include "shap/shap_file.h"

namespace clairscore {
namespace {

const std::filesystem::path kReference =
    std::filesystem::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures/reference";

// model.pkl of the original's kind: about 400 kB, 100 trees.
void unpickle_model(benchmark::State& state) {
  auto file = std::make_shared<const MappedFile>(
      MappedFile::open(kReference / "hub/model/model.pkl").value());
  for (auto _ : state) {
    benchmark::DoNotOptimize(pickle::unpickle(file->bytes(), file, "model.pkl"));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(file->bytes().size()));
}
BENCHMARK(unpickle_model)->Unit(benchmark::kMillisecond);

// A pickle of 48,744 rows by 198 features, not compressed: 77 MB.
std::filesystem::path large_shap_file() {
  constexpr std::uint32_t rows = 48'744;
  constexpr std::uint32_t features = 198;
  const auto path = std::filesystem::temp_directory_path() / "clairscore_bench_shap.pkl";
  const std::vector<double> values(std::size_t{rows} * features, 0.25);
  const std::uint32_t bytes = rows * features * sizeof(double);
  std::ofstream file(path, std::ios::binary);
  file << "\x80\x04"
          "cnumpy.core.numeric\n_frombuffer\n(B";
  file.write(reinterpret_cast<const char*>(&bytes), sizeof(bytes));
  file.write(reinterpret_cast<const char*>(values.data()), bytes);
  file << "cnumpy\ndtype\n(Vf8\n\x89\x88tR(I48744\nI198\ntVC\ntR.";
  return path;
}

void open_shap_file(benchmark::State& state) {
  const auto path = large_shap_file();
  for (auto _ : state) benchmark::DoNotOptimize(ShapFile::open(path).value().rows());
  std::filesystem::remove(path);
}
BENCHMARK(open_shap_file)->Unit(benchmark::kMillisecond);

void scan_shap_file(benchmark::State& state) {
  const auto path = large_shap_file();
  const auto file = ShapFile::open(path).value();
  std::vector<double> row(file.features());
  for (auto _ : state) {
    for (std::size_t i = 0; i < file.rows(); ++i) {
      file.read_row(i, row);
      benchmark::DoNotOptimize(row.data());
    }
    file.release();
  }
  std::filesystem::remove(path);
}
BENCHMARK(scan_shap_file)->Unit(benchmark::kMillisecond);

// Ten million values in 20 MB: refused when they are too many.
void refuse_values(benchmark::State& state) {
  std::string hostile;
  for (int i = 0; i < 10'000'000; ++i) hostile += "N0";
  for (auto _ : state) {
    if (pickle::unpickle(as_bytes(hostile), nullptr, "hostile.pkl")) state.SkipWithError("read");
  }
}
BENCHMARK(refuse_values)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace clairscore
