#pragma once

// Doubles that are looked up all over: in large pages, since with small ones the addresses alone
// would fill the processor's tables. Uninitialised.

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

namespace clairscore {

class TableMemory {
 public:
  TableMemory() = default;
  explicit TableMemory(std::size_t doubles) {
    const std::size_t bytes = std::max<std::size_t>(doubles * sizeof(double), 1);
    memory_.reset(static_cast<double*>(::operator new(bytes, kHugePage)));
    ::madvise(memory_.get(), bytes, MADV_HUGEPAGE);
  }
  double* get() const { return memory_.get(); }

 private:
  static constexpr std::align_val_t kHugePage{std::size_t{2} << 20U};
  struct Free {
    void operator()(double* memory) const { ::operator delete(memory, kHugePage); }
  };
  std::unique_ptr<double[], Free> memory_;
};

}  // namespace clairscore
