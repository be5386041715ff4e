# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Who else wanted the core, as the kernel accounts for it. What it does not say counts as nothing."""
import os
import resource
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
# Of the time that the samples of a pair take, how much of it their processes may have waited for the core.
WAITED_SHARE = 0.1
# Steal is counted in ticks of 10 ms, a tenth of a pair or less.
STOLEN_SHARE = 0.1


class Watch:
    """Looks at one core and at the processes on it from one call of `share` to the next."""

    def __init__(self, core, pids):
        self._core, self._pids = core, pids
        self._last = self._now()

    def disturbed(self):
        """Whether, since the last call, the rule says that the pair does not count."""
        before, self._last = self._last, self._now()
        seconds, waited, stolen = (now - then for now, then in zip(self._last, before))
        return waited > WAITED_SHARE * seconds or stolen > STOLEN_SHARE * seconds

    def _now(self):
        waited = sum(waited_seconds(pid) for pid in self._pids)
        return time.monotonic(), waited, stolen_seconds(self._core)


def read(path):
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def waited_seconds(pid):
    """For which a process was ready to run and another one ran (the second number of schedstat, nanoseconds)."""
    numbers = read(f"/proc/{pid}/schedstat").split()
    return int(numbers[1]) / 1e9 if len(numbers) > 1 else 0.0


def core_times(core=None):
    """Fields of /proc/stat in seconds: user, nice, system, idle, iowait, irq, softirq, steal. None: over all cores."""
    name = "cpu" if core is None else f"cpu{core}"
    for line in read("/proc/stat").splitlines():
        fields = line.split()
        if fields[0] == name and len(fields) > 8:
            return [int(field) / TICK for field in fields[1:9]]
    return [0.0] * 8


def stolen_seconds(core=None):
    return core_times(core)[7]


def pressure_seconds():
    for word in read("/proc/pressure/cpu").split("\n", 1)[0].split():
        if word.startswith("total="):
            return int(word.removeprefix("total=")) / 1e6
    return 0.0


def idlest_core(seconds=0.1):
    """Of the cores that we may use, the one with most idle time just now; the last among equals."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) == 1:
        return cores[0]
    before = {core: core_times(core)[3] for core in cores}
    time.sleep(seconds)
    return max(reversed(cores), key=lambda core: core_times(core)[3] - before[core])


class NoiseMeter:
    """For the "noise" of a result: from its start to `noise()`."""

    def __init__(self):
        self._before = self._now()

    def noise(self):
        seconds, stolen, waited, switches, faults = (now - then for now, then in zip(self._now(), self._before))
        return {
            "seconds": seconds, "steal_seconds": max(stolen, 0.0), "pressure_share": min(waited / seconds, 1.0),
            "involuntary_switches": switches, "major_faults": faults,
        }

    @staticmethod
    def _now():
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.monotonic(), stolen_seconds(), pressure_seconds(), children.ru_nivcsw, children.ru_majflt
