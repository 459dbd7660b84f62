#include "base/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace clairscore {

namespace {

/// Seconds since the epoch at which the machine began to count its ticks.
double boot_seconds() {
  std::ifstream in("/proc/stat");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return 0;
}

}  // namespace

ProcessFigures read_process_figures() {
  ProcessFigures figures;
  std::ifstream in("/proc/self/stat");
  std::string stat;
  std::getline(in, stat);
  // The second field is the program's name in brackets, which may hold anything.
  const std::size_t after_name = stat.rfind(')');
  if (after_name != std::string::npos) {
    constexpr std::size_t kFirst = 3;  // proc(5)'s number of the first field after the name
    std::istringstream fields(stat.substr(after_name + 1));
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    std::string field;
    for (std::size_t number = kFirst; fields >> field; ++number) {
      if (number == 14 || number == 15) figures.cpu_seconds += std::stod(field) / ticks;
      if (number == 20) figures.threads = std::stoull(field);
      if (number == 22) figures.start_seconds = boot_seconds() + std::stod(field) / ticks;
      if (number == 23) figures.virtual_bytes = std::stoull(field);
      if (number == 24) {
        figures.resident_bytes =
            std::stoull(field) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
      }
    }
  }
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
    static_cast<void>(entry);
    ++figures.open_files;
  }
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) figures.most_files = files.rlim_cur;
  return figures;
}

}  // namespace clairscore
