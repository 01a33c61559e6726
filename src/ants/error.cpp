#include "ants/error.hpp"

#include <string>

namespace ants {
namespace {

class Category : public std::error_category {
public:
    const char* name() const noexcept override { return "ants"; }

    std::string message(int code) const override {
        switch (static_cast<Errc>(code)) {
            case Errc::lack_pool_func: return "a pool with a function needs one";
            case Errc::invalid_pool_expiry:
                return "the expiry of idle workers must not be negative";
            case Errc::pool_closed: return "this pool has been closed";
            case Errc::pool_overload: return "too many tasks run or wait already";
            case Errc::invalid_preallocate_size: return "an unlimited pool cannot be preallocated";
            case Errc::timeout: return "tasks still run after the timeout";
            case Errc::invalid_pool_index: return "there is no pool of this index";
            case Errc::invalid_load_balancing_strategy: return "unknown load-balancing strategy";
            case Errc::invalid_multi_pool_size: return "a multi-pool needs at least one pool";
        }
        return "unknown error";
    }

    // So that it compares equal to what the standard library calls these.
    std::error_condition default_error_condition(int code) const noexcept override {
        return static_cast<Errc>(code) == Errc::timeout ? make_error_condition(std::errc::timed_out)
                                                        : std::error_condition(code, *this);
    }
};

}  // namespace

const std::error_category& error_category() noexcept {
    static const Category category;
    return category;
}

}  // namespace ants
