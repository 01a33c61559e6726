#include "read/simple_pattern.hpp"

#include <utility>

namespace antsrun {
namespace {

using Set = std::bitset<256>;

unsigned char byte(char c) { return static_cast<unsigned char>(c); }

Set set_of(std::string_view characters) {
    Set set;
    for (const char c : characters) {
        set.set(byte(c));
    }
    return set;
}

Set range(char first, char last) {
    Set set;
    for (unsigned c = byte(first); c <= byte(last); ++c) {
        set.set(c);
    }
    return set;
}

// What a backslash and `c` stand for; nothing if that is not just a set of characters.
std::optional<Set> escaped(char c) {
    switch (c) {
        case 't': return set_of("\t");
        case 'n': return set_of("\n");
        case 'r': return set_of("\r");
        case 'f': return set_of("\f");
        case 'v': return set_of("\v");
        case 's': return set_of(" \t\n\v\f\r");
        case 'd': return range('0', '9');
        case 'w': return range('a', 'z') | range('A', 'Z') | range('0', '9') | set_of("_");
        case 'S': return ~*escaped('s');
        case 'D': return ~*escaped('d');
        case 'W': return ~*escaped('w');
        default: break;
    }
    const bool is_punctuation = byte(c) > ' ' && byte(c) < 0x7f && !(*escaped('w'))[byte(c)];
    return is_punctuation ? std::optional(set_of({&c, 1})) : std::nullopt;
}

// Takes sets of characters from the front of a pattern. `is_simple` tells whether it could.
struct PatternReader {
    std::string_view rest;
    bool is_simple = true;

    bool take(char c) {
        const bool is_next = rest.starts_with(c);
        rest.remove_prefix(is_next ? 1 : 0);
        return is_next;
    }

    Set give_up() {
        is_simple = false;
        rest = {};
        return {};
    }

    // A character, an escape, a dot or a bracket expression.
    Set take_set() {
        const char c = rest.front();
        rest.remove_prefix(1);
        switch (c) {
            case '\\': return take_escaped();
            case '[': return take_bracket();
            case '.': return ~set_of("\n\r");
            default: break;
        }
        constexpr std::string_view kSpecial = "^$*+?()]{}|";
        return kSpecial.find(c) == std::string_view::npos ? set_of({&c, 1}) : give_up();
    }

    Set take_escaped() {
        const auto set = rest.empty() ? std::nullopt : escaped(rest.front());
        if (!set) {
            return give_up();
        }
        rest.remove_prefix(1);
        return *set;
    }

    // After the opening bracket.
    Set take_bracket() {
        const bool is_negated = take('^');
        Set all;
        do {
            // No empty set, no class like [:space:].
            if (rest.empty() || rest.front() == '[' || rest.front() == ']') {
                return give_up();
            }
            all |= take_member();
        } while (is_simple && !take(']'));
        return is_negated ? ~all : all;
    }

    // One member of a bracket expression: a character, an escape or a range of characters.
    Set take_member() {
        const char first = rest.front();
        rest.remove_prefix(1);
        if (first == '\\') {
            const Set set = take_escaped();
            const bool begins_range = rest.size() > 1 && rest[0] == '-' && rest[1] != ']';
            return begins_range ? give_up() : set;
        }
        if (rest.size() < 2 || rest[0] != '-' || rest[1] == ']') {
            return set_of({&first, 1});
        }
        const char last = rest[1];
        if (first == '-' || last == '\\' || last == '[' || byte(last) < byte(first)) {
            return give_up();
        }
        rest.remove_prefix(2);
        return range(first, last);
    }
};

}  // namespace

std::optional<SimplePattern> SimplePattern::parse(std::string_view pattern) {
    SimplePattern simple;
    PatternReader reader{pattern};
    while (!reader.rest.empty()) {
        Step step;
        step.set = reader.take_set();
        if (reader.take('*')) {
            step.may_be_absent = step.may_repeat = true;
        } else if (reader.take('+')) {
            step.may_repeat = true;
        } else if (reader.take('?')) {
            step.may_be_absent = true;
        }
        simple.steps_.push_back(step);
    }
    return reader.is_simple && simple.is_decided() ? std::optional(std::move(simple))
                                                   : std::nullopt;
}

// Is taking as many as there are never wrong? Not if a later step that must be there could have
// begun with one that was taken.
bool SimplePattern::is_decided() const {
    Set wanted;  // what the steps after this one may begin with if they need anything
    bool is_needed = false;
    for (std::size_t i = steps_.size(); i-- > 0;) {
        const Step& step = steps_[i];
        if ((step.may_be_absent || step.may_repeat) && is_needed && (step.set & wanted).any()) {
            return false;
        }
        wanted = step.may_be_absent ? wanted | step.set : step.set;
        is_needed = is_needed || !step.may_be_absent;
    }
    return true;
}

std::optional<std::size_t> SimplePattern::match_at(std::string_view text, std::size_t begin) const {
    std::size_t at = begin;
    for (const Step& step : steps_) {
        const std::size_t first = at;
        while (at < text.size() && step.set[byte(text[at])] && (at == first || step.may_repeat)) {
            ++at;
        }
        if (at == first && !step.may_be_absent) {
            return std::nullopt;
        }
    }
    return at - begin;
}

std::optional<std::string> SimplePattern::literal() const {
    std::string text;
    for (const Step& step : steps_) {
        if (step.set.count() != 1 || step.may_be_absent || step.may_repeat) {
            return std::nullopt;
        }
        for (int c = 0; c < 256; ++c) {
            if (step.set[static_cast<std::size_t>(c)]) {
                text += static_cast<char>(c);
            }
        }
    }
    return text;
}

}  // namespace antsrun
