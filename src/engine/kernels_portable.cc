#include "engine/kernel_loops.h"

namespace clairscore {

const Kernels kPortableKernels = {
    loop_exit_leaves,    loop_add_leaf_values, loop_table_indexes,
    loop_add_table_rows, loop_write_rows,      loop_deep_leaf,
};

}  // namespace clairscore
