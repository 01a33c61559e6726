"""install.py BUILD_DIRECTORY CXX: what `cmake --install` puts in place works for others.

Installs to a temporary prefix, then builds a small user of the library twice, by find_package(ants) and by
pkg-config, and runs the installed antsrun.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

CONSUMER = """
#include <ants/ants.hpp>

#include <atomic>
#include <cstdio>

int main() {
    std::atomic<int> sum{0};
    {
        ants::Pool pool(4);
        for (int i = 1; i <= 10; ++i) {
            if (pool.submit([&sum, i] { sum += i; })) {
                return 1;
            }
        }
        if (pool.release(std::chrono::seconds(10))) {
            return 1;
        }
    }
    std::printf("%d\\n", sum.load());
}
"""
PROJECT = """
cmake_minimum_required(VERSION 3.22)
project(consumer LANGUAGES CXX)
find_package(ants REQUIRED)
add_executable(consumer main.cpp)
target_link_libraries(consumer PRIVATE ants::ants)
"""


def run(*command, **how):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **how)
    if done.returncode:
        sys.exit(f"$ {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def expect(actual, expected):
    if actual != expected:
        sys.exit(f"expected {expected!r}, got {actual!r}")


def main():
    build, compiler = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="antsrun-install-") as name:
        work = pathlib.Path(name)
        prefix = work / "prefix"
        run("cmake", "--install", build, "--prefix", prefix)
        (work / "main.cpp").write_text(CONSUMER)
        (work / "CMakeLists.txt").write_text(PROJECT)

        run("cmake", "-S", work, "-B", work / "build", f"-DCMAKE_PREFIX_PATH={prefix}",
            f"-DCMAKE_CXX_COMPILER={compiler}")
        run("cmake", "--build", work / "build")
        expect(run(work / "build/consumer"), "55\n")

        if shutil.which("pkg-config"):
            found = [p.parent for p in prefix.rglob("ants.pc")]
            flags = run("pkg-config", "--cflags", "--libs", "ants",
                        env={**os.environ, "PKG_CONFIG_PATH": str(found[0])}).split()
            run(compiler, "-std=c++20", work / "main.cpp", "-o", work / "consumer", *flags)
            expect(run(work / "consumer"), "55\n")

        expect(run(prefix / "bin/antsrun", "--report", "none", input="echo installed\n"), "installed\n")
        for page in ("man1/antsrun.1", "man5/antsrun-report.5", "man3/ants.3"):
            expect([page, (prefix / "share/man" / page).is_file()], [page, True])
        print("\n".join(sorted(str(p.relative_to(prefix)) for p in prefix.rglob("*") if p.is_file())))


main()
