// A child for tests: it says what it inherited, and misbehaves when told. The words on its command
// line are done one after the other:
//
//   fds | mask | ignored | ids | umask | limits | stdin      print that, one line each ("fds 0 1
//   2") env NAME            "env NAME=value", or "env NAME unset" argv ...            every word
//   that follows, one "arg <...>" line each, escaped; ends the list out TEXT | err TEXT write TEXT
//   and a newline          raw HEX     write these bytes to stdout flood-out N | flood-err N    N
//   bytes of a pattern that check-flood recognises check-flood N       read stdin: exactly N bytes
//   of the pattern? exit 0 or 1 sleep SECONDS | exit CODE | die SIGNAL | stop (SIGSTOP itself)
//   ignore NAME         ignore a signal: TERM, INT, HUP, PIPE; from then on
//   close-out           close stdout and stderr and go on
//   grandchild SECONDS | stray SECONDS   leave a sleeper on our pipes; stray: in a session of its
//   own pidfile PATH        append our pid alloc N             touch N bytes of memory
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace {

using Words = std::vector<std::string>;

[[noreturn]] void refuse(const std::string& what) {
    std::fprintf(stderr, "probe: %s\n", what.c_str());
    std::exit(99);
}

void write_whole(int fd, const std::string& bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        const ssize_t n = ::write(fd, bytes.data() + at, bytes.size() - at);
        if (n < 0 && errno != EINTR && errno != EAGAIN) {
            std::exit(98);
        }
        at += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
}

void say(const std::string& line) { write_whole(1, line + "\n"); }

int signal_number(const std::string& name) {
    static const std::map<std::string, int> kNames{
        {"TERM", SIGTERM}, {"INT", SIGINT},   {"HUP", SIGHUP},   {"PIPE", SIGPIPE},
        {"KILL", SIGKILL}, {"SEGV", SIGSEGV}, {"ABRT", SIGABRT}, {"BUS", SIGBUS},
        {"FPE", SIGFPE},   {"ILL", SIGILL},   {"TRAP", SIGTRAP}, {"SYS", SIGSYS},
        {"USR1", SIGUSR1}, {"CHLD", SIGCHLD}, {"QUIT", SIGQUIT}, {"ALRM", SIGALRM}};
    const auto known = kNames.find(name);
    return known != kNames.end() ? known->second : std::atoi(name.c_str());
}

void sleep_for(double seconds) {
    timespec left{};
    left.tv_sec = static_cast<time_t>(seconds);
    left.tv_nsec = static_cast<long>((seconds - static_cast<double>(left.tv_sec)) * 1e9);
    while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

// The n-th byte of the pattern depends on n alone: a lost, doubled or swapped piece shows.
char pattern_byte(std::uint64_t n) {
    if (n % 64 == 63) {
        return '\n';
    }
    const std::uint64_t line = n / 64;
    return static_cast<char>('!' + (line * 31 + n % 64 * 7 + line / 94) % 94);
}

void flood(int fd, std::uint64_t count) {
    std::string chunk;
    for (std::uint64_t at = 0; at < count;) {
        chunk.clear();
        for (; at < count && chunk.size() < 65536; ++at) {
            chunk += pattern_byte(at);
        }
        write_whole(fd, chunk);
    }
}

void check_flood(std::uint64_t expected) {
    std::vector<char> chunk(65536);
    std::uint64_t seen = 0;
    for (ssize_t n = 0; (n = ::read(0, chunk.data(), chunk.size())) > 0;) {
        for (ssize_t i = 0; i < n; ++i, ++seen) {
            if (chunk[static_cast<std::size_t>(i)] != pattern_byte(seen)) {
                refuse("byte " + std::to_string(seen) + " is wrong");
            }
        }
    }
    if (seen != expected) {
        refuse(std::to_string(seen) + " bytes, not " + std::to_string(expected));
    }
}

std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte >= 0x7f || c == '\\') {
            char code[8];
            std::snprintf(code, sizeof code, "\\x%02x", byte);
            result += code;
        } else {
            result += c;
        }
    }
    return result;
}

void print_fds() {
    std::string line = "fds";
    for (int fd = 0; fd < 4096; ++fd) {
        if (::fcntl(fd, F_GETFD) != -1) {
            line += " " + std::to_string(fd);
        }
    }
    say(line);
}

void print_signals(const std::string& title, const std::function<bool(int)>& is_set) {
    std::string line = title;
    for (int signal = 1; signal <= SIGRTMAX; ++signal) {
        if (is_set(signal)) {
            line += " " + std::to_string(signal);
        }
    }
    say(line);
}

void print_mask() {
    sigset_t mask;
    ::sigprocmask(SIG_SETMASK, nullptr, &mask);
    print_signals("mask", [&](int signal) { return ::sigismember(&mask, signal) == 1; });
}

void print_ignored() {
    print_signals("ignored", [](int signal) {
        struct sigaction action {};
        return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
    });
}

void print_ids() {
    const auto leads = [](pid_t id) { return id == ::getpid() ? "self" : "other"; };
    const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
    say(std::string("ids session=") + leads(::getsid(0)) + " group=" + leads(::getpgrp()) +
        " tty=" + (terminal >= 0 ? "yes" : "no"));
}

void print_umask() {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    char text[32];
    std::snprintf(text, sizeof text, "umask %03o", static_cast<unsigned>(mask));
    say(text);
}

void print_limits() {
    const auto limit = [](auto which) {
        rlimit value{};
        ::getrlimit(which, &value);
        return std::to_string(static_cast<long long>(value.rlim_cur)) + "/" +
               std::to_string(static_cast<long long>(value.rlim_max));
    };
    say("limits nofile=" + limit(RLIMIT_NOFILE) + " core=" + limit(RLIMIT_CORE) +
        " fsize=" + limit(RLIMIT_FSIZE) + " stack=" + limit(RLIMIT_STACK));
}

void print_stdin() {
    struct stat input {};
    if (::fstat(0, &input) != 0) {
        return say("stdin closed");
    }
    struct stat null {};
    ::stat("/dev/null", &null);
    if (S_ISCHR(input.st_mode) && input.st_rdev == null.st_rdev) {
        return say("stdin null");
    }
    say(S_ISFIFO(input.st_mode)  ? "stdin pipe"
        : S_ISREG(input.st_mode) ? "stdin file"
                                 : "stdin other");
}

void print_env(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    say(value != nullptr ? "env " + name + "=" + escaped(value) : "env " + name + " unset");
}

void leave_sleeper(double seconds, bool own_session) {
    if (::fork() == 0) {
        if (own_session) {
            ::setsid();
        }
        sleep_for(seconds);
        ::_exit(0);
    }
}

void die(const std::string& name) {
    const int signal = signal_number(name);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::signal(signal, SIG_DFL);
    ::raise(signal);
    refuse("still alive after signal " + name);
}

void append_pid(const std::string& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    write_whole(fd, std::to_string(::getpid()) + "\n");
    ::close(fd);
}

void allocate(std::size_t bytes) {
    static std::vector<char> memory;
    memory.assign(bytes, 'x');
}

void print_raw(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    }
    write_whole(1, bytes);
}

const std::map<std::string, std::function<void()>> kPlain{
    {"fds", print_fds},
    {"mask", print_mask},
    {"ignored", print_ignored},
    {"ids", print_ids},
    {"umask", print_umask},
    {"limits", print_limits},
    {"stdin", print_stdin},
    {"stop", [] { ::raise(SIGSTOP); }},
    {"close-out", [] { ::close(1), ::close(2); }},
};

const std::map<std::string, std::function<void(const std::string&)>> kWithValue{
    {"env", print_env},
    {"out", say},
    {"err", [](const std::string& text) { write_whole(2, text + "\n"); }},
    {"raw", print_raw},
    {"flood-out", [](const std::string& n) { flood(1, std::stoull(n)); }},
    {"flood-err", [](const std::string& n) { flood(2, std::stoull(n)); }},
    {"check-flood", [](const std::string& n) { check_flood(std::stoull(n)); }},
    {"sleep", [](const std::string& s) { sleep_for(std::stod(s)); }},
    {"exit", [](const std::string& code) { std::exit(std::stoi(code)); }},
    {"die", die},
    {"ignore", [](const std::string& name) { ::signal(signal_number(name), SIG_IGN); }},
    {"grandchild", [](const std::string& s) { leave_sleeper(std::stod(s), false); }},
    {"stray", [](const std::string& s) { leave_sleeper(std::stod(s), true); }},
    {"pidfile", append_pid},
    {"alloc", [](const std::string& n) { allocate(std::stoull(n)); }},
};

}  // namespace

int main(int argc, char** argv) {
    const Words words(argv + 1, argv + argc);
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "argv") {
            while (++i < words.size()) {
                say("arg <" + escaped(words[i]) + ">");
            }
        } else if (const auto plain = kPlain.find(words[i]); plain != kPlain.end()) {
            plain->second();
        } else if (const auto action = kWithValue.find(words[i]);
                   action != kWithValue.end() && i + 1 < words.size()) {
            action->second(words[++i]);
        } else {
            refuse("do not know '" + words[i] + "'");
        }
    }
    return 0;
}
