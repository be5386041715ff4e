// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/child_process.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "tests/support/temporary_folder.hpp"

namespace assay::test {
namespace {

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Only calls that are safe between fork and exec.
[[noreturn]] void become(char* const* words, int out, int err, const char* folder, const rlimit* file_bytes,
                         const rlimit* address_bytes) {
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (::dup2(nothing, STDIN_FILENO) < 0 || ::dup2(out, STDOUT_FILENO) < 0 || ::dup2(err, STDERR_FILENO) < 0)
    ::_exit(126);
  if (*folder != '\0' && ::chdir(folder) != 0) ::_exit(126);
  if (file_bytes != nullptr) {
    // Ignored, the signal leaves the error that a full disk would give.
    ::signal(SIGXFSZ, SIG_IGN);
    if (::setrlimit(RLIMIT_FSIZE, file_bytes) != 0) ::_exit(126);
  }
  if (address_bytes != nullptr && ::setrlimit(RLIMIT_AS, address_bytes) != 0) ::_exit(126);
  ::execv(words[0], words);
  ::_exit(127);
}

ChildResult wait_for(pid_t child) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  int status = 0;
  for (;;) {
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) break;
    if (ended < 0) throw std::runtime_error("cannot wait for a child");
    if (std::chrono::steady_clock::now() > deadline) ::kill(child, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ChildResult result;
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.died_of = WTERMSIG(status);
  return result;
}

}  // namespace

ChildResult run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                        const ChildLimits& limits) {
  const TemporaryFolder folder;
  const std::string out_name = (folder.path() / "out").string();
  const std::string err_name = (folder.path() / "err").string();
  const int out = ::open(out_name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const int err = ::open(err_name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (out < 0 || err < 0) throw std::runtime_error("cannot open the output of a child");

  std::vector<std::string> words{program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const std::string where = limits.folder.string();
  rlimit file_bytes{};
  file_bytes.rlim_cur = file_bytes.rlim_max = limits.file_bytes.value_or(0);
  rlimit address_bytes{};
  address_bytes.rlim_cur = address_bytes.rlim_max = limits.address_bytes.value_or(0);

  const pid_t child = ::fork();
  if (child == 0) {
    become(pointers.data(), out, err, where.c_str(), limits.file_bytes ? &file_bytes : nullptr,
           limits.address_bytes ? &address_bytes : nullptr);
  }
  ::close(out);
  ::close(err);
  if (child < 0) throw std::runtime_error("cannot fork");
  ChildResult result = wait_for(child);
  result.out = content(out_name);
  result.err = content(err_name);
  return result;
}

}  // namespace assay::test
