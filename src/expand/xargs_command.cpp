#include "expand/xargs_command.hpp"

#include "base/quote.hpp"

namespace antsrun {
namespace {

std::string replaced(std::string word, const std::string& item, const std::string& value) {
    for (std::size_t at = 0; (at = word.find(item, at)) != std::string::npos; at += value.size()) {
        word.replace(at, item.size(), value);
    }
    return word;
}

}  // namespace

Command XargsRenderer::render(const Job& job, int /*slot*/) const {
    Command command;
    command.never_shell = true;
    command.words = words_;
    if (item_.empty()) {
        command.words.insert(command.words.end(), job.arguments.begin(), job.arguments.end());
    } else if (!job.arguments.empty()) {
        for (std::string& word : command.words) {
            word = replaced(std::move(word), item_, job.arguments.front());
        }
    }
    for (const std::string& word : command.words) {
        command.line += &word == command.words.data() ? "" : " ";
        command.line += quote(word);
    }
    return command;
}

std::size_t xargs_size(const Command& command) {
    std::size_t size = 0;
    for (const std::string& word : command.words) {
        size += word.size() + 1;
    }
    return size;
}

}  // namespace antsrun
