#pragma once

// Working memory of one thread for a block of rows, kept from block to block: asking the system for
// half a megabyte a block would cost as much as the block.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace clairscore {

class BlockMemory {
 public:
  static BlockMemory& of_this_thread() {
    thread_local BlockMemory memory;
    return memory;
  }

  /// At least `size` bytes or doubles, aligned for vectors; a slot's former contents are lost when
  /// it grows.
  std::uint8_t* bytes(std::size_t slot, std::size_t size) {
    return static_cast<std::uint8_t*>(memory(bytes_[slot], size));
  }
  double* doubles(std::size_t slot, std::size_t size) {
    return static_cast<double*>(memory(doubles_[slot], size * sizeof(double)));
  }

 private:
  static constexpr std::align_val_t kAlignment{64};
  static constexpr std::size_t kSlots = 4;
  struct Free {
    void operator()(void* memory) const { ::operator delete(memory, kAlignment); }
  };
  struct Slot {
    std::unique_ptr<void, Free> memory;
    std::size_t size = 0;
  };

  static void* memory(Slot& slot, std::size_t size) {
    if (slot.size < size) {
      slot.memory.reset(::operator new(size, kAlignment));
      slot.size = size;
    }
    return slot.memory.get();
  }

  std::array<Slot, kSlots> bytes_;
  std::array<Slot, kSlots> doubles_;
};

}  // namespace clairscore
