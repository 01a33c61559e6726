#include "read/trim.hpp"

namespace antsrun {

void trim(std::string& value, Trim sides) {
    if (sides == Trim::right || sides == Trim::both) {
        value.erase(value.find_last_not_of(kWhiteSpace) + 1);  // npos + 1 is 0
    }
    if (sides == Trim::left || sides == Trim::both) {
        value.erase(0, value.find_first_not_of(kWhiteSpace));
    }
}

}  // namespace antsrun
