// Reads shell text and knows at each point where it is: what a value must look like there to be
// data, never code, to any POSIX shell, bash, ksh and zsh. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace antsrun {

class ShellPlace {
public:
    enum class Quoting { plain, single_quoted, double_quoted };

    // Go over what `rest`, the text from here on, begins with. Gives its length, at least 1.
    std::size_t advance(std::string_view rest);

    // A value stands here, and the text goes on behind it.
    void pass_value();

    Quoting quoting() const;

    // Why nothing can stand here safely ("in backticks"); null if a value can.
    const char* why_not() const;

    // The number of the shell word here; another one behind each separator.
    std::size_t word() const { return harmless_.size() - 1; }

    // Once all was read: apart from quotes and values, this word has only characters that mean
    // nothing to a shell, so that a value of such characters needs no quotes in it.
    bool is_harmless(std::size_t word) const { return harmless_[word]; }

    // The value would be taken for more of the name of a variable before it: "$HOME{}".
    bool is_after_variable() const { return after_dollar_; }

private:
    enum class Frame {
        group,
        substitution,
        single_quoted,
        double_quoted,
        parameter,
        arithmetic,
        backticks,
        comment
    };

    bool is_in(Frame frame) const { return !frames_.empty() && frames_.back() == frame; }
    std::size_t advance_plain(std::string_view rest);
    std::size_t advance_double_quoted(std::string_view rest);
    std::size_t advance_parameter(std::string_view rest);
    std::size_t advance_arithmetic(std::string_view rest);
    std::size_t advance_dollar(std::string_view rest);
    std::size_t enter(Frame frame, std::size_t length);
    std::size_t leave(std::size_t length);
    std::size_t separate(std::size_t length);
    void add_to_word(char c);
    void end_word(char next);

    std::vector<Frame> frames_;  // the innermost last; empty: the top level
    std::vector<bool> harmless_{true};
    std::string text_;        // of the word so far, unquoted characters only
    bool has_begun_ = false;  // the word, with whatever
    bool has_value_ = false;  // in the word so far
    bool after_dollar_ = false;
    int depth_ = 0;  // of parentheses in arithmetic
    // From here on it is not certain where we are.
    const char* lost_ = nullptr;
};

}  // namespace antsrun
