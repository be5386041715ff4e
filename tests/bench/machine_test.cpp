// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The machine is a folder of files made by hand.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>

#include "bench/machine/caches.hpp"
#include "bench/machine/fingerprint.hpp"
#include "bench/machine/noise_meter.hpp"
#include "model/files/atomic_file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace assay::bench {
namespace {

namespace fs = std::filesystem;

class Machine {
 public:
  [[nodiscard]] const fs::path& root() const { return folder_.path(); }
  void say(const std::string& file, const std::string& text) const {
    fs::create_directories((root() / file).parent_path());
    write_text_file(root() / file, text);
  }

 private:
  test::TemporaryFolder folder_;
};

TEST(Fingerprint, SaysWhatKernelsAreChosenByAndWhatTheirTimesDependOn) {
  const Machine machine;
  machine.say("proc/cpuinfo",
              "processor\t: 0\nmodel name\t: Some CPU @ 2.5GHz\nflags\t\t: fpu avx avx2 fma hypervisor avx512f\n");
  machine.say("proc/meminfo", "MemTotal:        8048576 kB\nMemFree:          548576 kB\n");
  machine.say("proc/sys/kernel/osrelease", "6.1.0-18\n");
  machine.say("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
  machine.say("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
  const auto found = fingerprint(machine.root());
  EXPECT_EQ(found.at("cpu"), "Some CPU @ 2.5GHz");
  EXPECT_EQ(found.at("instructions"), "avx avx2 fma avx512f");
  EXPECT_EQ(found.at("memory"), "8 GiB");
  EXPECT_EQ(found.at("kernel"), "6.1.0-18");
  EXPECT_EQ(found.at("hypervisor"), "yes");
  EXPECT_EQ(found.at("huge pages"), "madvise");
  EXPECT_EQ(found.at("governor"), "performance");
}

TEST(Fingerprint, KnowsTheWordsOfArm) {
  const Machine machine;
  machine.say("proc/cpuinfo", "Features\t: fp asimd bf16\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n");
  const auto found = fingerprint(machine.root());
  EXPECT_EQ(found.at("cpu"), "implementer 0x41, part 0xd0c");
  EXPECT_EQ(found.at("instructions"), "asimd bf16");
  EXPECT_EQ(found.at("hypervisor"), "no");
}

TEST(LastLevelCache, IsTheSumOfThoseThatProcessorsDoNotShare) {
  const Machine machine;
  for (const auto& [processor, sharers] : {std::pair("cpu0", "0-1"), {"cpu1", "0-1"}, {"cpu2", "2"}}) {
    const std::string caches = std::string("sys/devices/system/cpu/") + processor + "/cache/";
    machine.say(caches + "index0/level", "2\n");
    machine.say(caches + "index0/size", "8M\n");
    machine.say(caches + "index0/shared_cpu_list", processor);
    machine.say(caches + "index1/level", "3\n");
    machine.say(caches + "index1/size", "4096K\n");
    machine.say(caches + "index1/shared_cpu_list", sharers);
  }
  EXPECT_EQ(last_level_cache_bytes(machine.root()), 2U * 4096U * 1024U);
}

TEST(LastLevelCache, IsSomethingWhereTheKernelListsNone) {
  const Machine machine;
  EXPECT_GT(last_level_cache_bytes(machine.root()), 0U);
}

TEST(Fingerprint, LeavesOutWhatTheMachineDoesNotSay) {
  const Machine machine;
  const auto found = fingerprint(machine.root());
  EXPECT_EQ(found.size(), 2U);
  EXPECT_TRUE(found.contains("cores"));
  EXPECT_TRUE(found.contains("compiler"));
}

TEST(Fingerprint, IsTheSameTwice) { EXPECT_EQ(fingerprint(), fingerprint()); }

TEST(NoiseMeter, TellsWhatHasChangedSinceTheStart) {
  const Machine machine;
  const auto ticks = [](long seconds) { return std::to_string(seconds * ::sysconf(_SC_CLK_TCK)); };
  machine.say("proc/stat", "cpu 1 2 3 4 5 6 7 " + ticks(10) + " 9 9\ncpu0 1 2 3 4 5 6 7 8 9 9\n");
  machine.say("proc/pressure/cpu", "some avg10=5.12 avg60=1.40 avg300=1.56 total=1000000\nfull avg10=0.00 total=0\n");
  const NoiseMeter meter(machine.root());
  machine.say("proc/stat", "cpu 1 2 3 4 5 6 7 " + ticks(13) + " 9 9\n");
  machine.say("proc/pressure/cpu", "some avg10=5.12 avg60=1.40 avg300=1.56 total=900000000000\n");
  const Noise noise = meter.noise();
  EXPECT_DOUBLE_EQ(noise.steal_seconds, 3);
  EXPECT_EQ(noise.pressure_share, 1);  // somebody waited longer than we ran: all of the time
  EXPECT_GT(noise.seconds, 0);
}

TEST(NoiseMeter, TakesFilesThatAreNotThereForSilence) {
  const Machine machine;
  const NoiseMeter meter(machine.root());
  EXPECT_EQ(meter.noise().steal_seconds, 0);
  EXPECT_EQ(meter.noise().pressure_share, 0);
}

TEST(NoiseMeter, TakesOtherTextForSilence) {
  const Machine machine;
  machine.say("proc/stat", "cpu 1 2\n");
  const NoiseMeter meter(machine.root());
  machine.say("proc/stat", "intr 5 5 5 5 5 5 5 5 5\n");
  machine.say("proc/pressure/cpu", "full total=5\n");
  EXPECT_EQ(meter.noise().steal_seconds, 0);
  EXPECT_EQ(meter.noise().pressure_share, 0);
}

}  // namespace
}  // namespace assay::bench
