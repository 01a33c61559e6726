#include "ants/ants.hpp"

namespace ants {

// Never destroyed: tasks may still use it while the program's statics go.
Pool& default_pool() {
    static Pool* const pool = new Pool(-1);
    return *pool;
}

}  // namespace ants
