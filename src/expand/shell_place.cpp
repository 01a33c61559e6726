#include "expand/shell_place.hpp"

#include <algorithm>

namespace antsrun {
namespace {

bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool means_nothing(char c) {
    constexpr std::string_view kPlain = "-./,:@%+=";
    return is_name(c) || kPlain.find(c) != std::string_view::npos;
}

// A backslash and what it protects.
std::size_t escape_length(std::string_view rest) { return std::min<std::size_t>(2, rest.size()); }

// Behind a variable: could go on with its name, or for some shells with a subscript or modifier.
bool goes_on_with_variable(char c) { return is_name(c) || c == ':' || c == '[' || c == ']'; }

}  // namespace

ShellPlace::Quoting ShellPlace::quoting() const {
    return is_in(Frame::single_quoted)   ? Quoting::single_quoted
           : is_in(Frame::double_quoted) ? Quoting::double_quoted
                                         : Quoting::plain;
}

const char* ShellPlace::why_not() const {
    const auto contains = [&](Frame frame) {
        return std::find(frames_.begin(), frames_.end(), frame) != frames_.end();
    };
    return contains(Frame::backticks)    ? "in backticks (use $(...))"
           : contains(Frame::parameter)  ? "in ${...}"
           : contains(Frame::arithmetic) ? "in arithmetic"
           : contains(Frame::comment)    ? "in a comment"
                                         : lost_;
}

std::size_t ShellPlace::advance(std::string_view rest) {
    if (frames_.empty()) {
        return advance_plain(rest);
    }
    const char c = rest.front();
    switch (frames_.back()) {
        case Frame::single_quoted: return c == '\'' ? leave(1) : 1;
        case Frame::double_quoted: return advance_double_quoted(rest);
        case Frame::parameter: return advance_parameter(rest);
        case Frame::arithmetic: return advance_arithmetic(rest);
        case Frame::backticks: return c == '\\' ? escape_length(rest) : c == '`' ? leave(1) : 1;
        case Frame::comment:
            if (c == '\n') {
                leave(0);
                return separate(1);
            }
            return 1;
        case Frame::group:
        case Frame::substitution: break;
    }
    return advance_plain(rest);
}

std::size_t ShellPlace::advance_plain(std::string_view rest) {
    const char c = rest.front();
    switch (c) {
        case ' ':
        case '\t':
        case '\n':
        case ';':
        case '&':
        case '|': end_word(c); return separate(1);
        case '\'': has_begun_ = true; return enter(Frame::single_quoted, 1);
        case '"': has_begun_ = true; return enter(Frame::double_quoted, 1);
        case '`': has_begun_ = true; return enter(Frame::backticks, 1);
        case '$': return advance_dollar(rest);
        case '\\':
            has_begun_ = has_begun_ || !rest.starts_with("\\\n");  // that one is nothing at all
            return escape_length(rest);
        case '#':
            if (!has_begun_) {
                return enter(Frame::comment, 1);
            }
            break;
        case '(':
            end_word(c);
            separate(0);
            depth_ = 0;
            return enter(rest.starts_with("((") ? Frame::arithmetic : Frame::group, 1);
        case ')':
            end_word(c);
            separate(0);
            return is_in(Frame::group) || is_in(Frame::substitution) ? leave(1) : 1;
        case '<':
        case '>':
            end_word(c);
            separate(0);
            if (rest.starts_with("<<<")) {
                return 3;
            }
            if (rest.starts_with("<<")) {
                lost_ = "behind a here-document";
                return 2;
            }
            return 1;
        default: break;
    }
    add_to_word(c);
    return 1;
}

std::size_t ShellPlace::advance_double_quoted(std::string_view rest) {
    const char c = rest.front();
    after_dollar_ = after_dollar_ && goes_on_with_variable(c);
    switch (c) {
        case '"': return leave(1);
        case '\\': return escape_length(rest);
        case '`': return enter(Frame::backticks, 1);
        case '$': return advance_dollar(rest);
        default: return 1;
    }
}

// Shells do not agree on quotes in there.
std::size_t ShellPlace::advance_parameter(std::string_view rest) {
    const char c = rest.front();
    if (c == '}') {
        return leave(1);
    }
    if (c == '\'' || c == '"' || c == '`' || c == '\\' || rest.starts_with("$(")) {
        lost_ = "behind a ${...} with quotes in it";
    }
    return rest.starts_with("${") ? enter(Frame::parameter, 2) : 1;
}

std::size_t ShellPlace::advance_arithmetic(std::string_view rest) {
    const char c = rest.front();
    if (c == '\'' || c == '"' || c == '`' || c == '\\' || c == '#') {
        lost_ = "behind arithmetic with quotes in it";
    }
    depth_ += c == '(' ? 1 : c == ')' ? -1 : 0;
    return depth_ < 0 ? (depth_ = 0, leave(1)) : 1;
}

std::size_t ShellPlace::advance_dollar(std::string_view rest) {
    has_begun_ = true;
    harmless_.back() = false;
    if (rest.starts_with("${")) {
        return enter(Frame::parameter, 2);
    }
    if (rest.starts_with("$((")) {
        depth_ = 0;
        return enter(Frame::arithmetic, 2);
    }
    if (rest.starts_with("$(")) {
        const std::size_t length = enter(Frame::substitution, 2);
        separate(0);
        return length;
    }
    if (rest.starts_with("$[")) {
        lost_ = "behind $[";
    }
    if (rest.starts_with("$'") && !is_in(Frame::double_quoted)) {
        lost_ = "behind $'";
    }
    after_dollar_ = true;
    return 1;
}

std::size_t ShellPlace::enter(Frame frame, std::size_t length) {
    after_dollar_ = false;
    frames_.push_back(frame);
    return length;
}

std::size_t ShellPlace::leave(std::size_t length) {
    after_dollar_ = false;
    frames_.pop_back();
    return length;
}

std::size_t ShellPlace::separate(std::size_t length) {
    harmless_.push_back(true);
    text_.clear();
    has_begun_ = has_value_ = false;
    return length;
}

void ShellPlace::add_to_word(char c) {
    has_begun_ = true;
    text_ += c;
    const bool may_be_assignment = c == '=' && has_value_;
    if (!means_nothing(c) || may_be_assignment) {
        harmless_.back() = false;
    }
}

void ShellPlace::pass_value() {
    has_begun_ = has_value_ = true;
    after_dollar_ = false;
}

void ShellPlace::end_word(char next) {
    if (next == '<' || next == '>' || next == '(') {
        harmless_.back() = false;  // the value may be the number of a descriptor
    }
    const bool is_in_substitution =
        std::find(frames_.begin(), frames_.end(), Frame::substitution) != frames_.end();
    if (text_ == "case" && is_in_substitution) {
        lost_ = "behind a case in $(...)";  // its parentheses need not match
    }
}

}  // namespace antsrun
