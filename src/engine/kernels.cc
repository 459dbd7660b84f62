#include "engine/kernels.h"

namespace clairscore {

const char* to_string(InstructionSet set) {
  switch (set) {
    case InstructionSet::kPortable:
      return "portable";
    case InstructionSet::kAvx2:
      return "AVX2";
    case InstructionSet::kAvx512:
      return "AVX-512";
  }
  return "unknown";
}

#if defined(__x86_64__)

bool available(InstructionSet set) {
  switch (set) {
    case InstructionSet::kPortable:
      return true;
    case InstructionSet::kAvx2:
      return __builtin_cpu_supports("avx2") != 0;
    case InstructionSet::kAvx512:
      return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
             __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512dq") != 0;
  }
  return false;
}

const Kernels& kernels(InstructionSet set) {
  if (set == InstructionSet::kAvx512) return kAvx512Kernels;
  if (set == InstructionSet::kAvx2) return kAvx2Kernels;
  return kPortableKernels;
}

#else

bool available(InstructionSet set) {
  return set == InstructionSet::kPortable;
}

const Kernels& kernels(InstructionSet /*set*/) {
  return kPortableKernels;
}

#endif

InstructionSet best_instruction_set() {
  if (available(InstructionSet::kAvx512)) return InstructionSet::kAvx512;
  if (available(InstructionSet::kAvx2)) return InstructionSet::kAvx2;
  return InstructionSet::kPortable;
}

}  // namespace clairscore
