# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Who takes part: the command of every peer for a checkpoint, or why it has none."""
import hashlib
import importlib.util
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from bench.peers import processes
from bench.peers.arithmetic import BYTES
from bench.peers.measurement import read_assay, read_worker
from bench.peers.processes import ROOT, PeerFailed
from bench.peers.transformers_peer import EXPERTS
from golden.generate.adapters import gguf_export
from golden.generate.memory import available_bytes

FAMILIES = ("transformers", "llama", "assay")
NOT_INSTALLED = "not installed: needs llama-cpp-python and gguf, here or in --llama-python"


@dataclass(frozen=True)
class Task:
    """What every peer is given."""

    prompt: list  # token ids
    decode: int
    threads: int
    directory: Path  # for files of this run

    @property
    def ids_file(self):
        return self.directory / "prompt.txt"

    @property
    def logits_file(self):
        return self.directory / "logits.bin"

    def worker_options(self):
        return [
            "--ids", str(self.ids_file), "--decode", str(self.decode), "--threads", str(self.threads),
            "--logits", str(self.logits_file),
        ]


@dataclass
class Peer:
    family: str
    name: str
    weights: str  # "f32" or "bf16"
    command: list | None
    reason: str | None = None  # why it does not run
    measurements: list = field(default_factory=list)

    def measure(self, task):
        """One run. After a failure the peer is out, with the reason."""
        if self.reason is not None:
            return
        try:
            output = processes.run(self.command)
            if self.family == "assay":
                self.measurements.append(read_assay(output))
            else:
                self.measurements.append(read_worker(output, len(task.prompt), task.decode, task.logits_file))
        except PeerFailed as failure:
            self.reason = str(failure)
            self.measurements.clear()


def transformers_peers(checkpoint, task, weights):
    worker = [sys.executable, "-m", "bench.peers.transformers_peer", "--checkpoint", str(checkpoint.directory)]
    worker += ["--weights", weights, *task.worker_options()]
    if not checkpoint.experts:
        return [Peer("transformers", "transformers", weights, worker, refuse_memory(checkpoint, weights, 0))]
    found = []
    for kernel in EXPERTS:
        copies = copied_elements(checkpoint, len(task.prompt)) if kernel == "batched_mm" else 0
        reason = refuse_memory(checkpoint, weights, copies)
        found.append(Peer("transformers", f"transformers {kernel}", weights, worker + ["--experts", kernel], reason))
    return found


def copied_elements(checkpoint, tokens):
    """batched_mm copies the weights of its experts for every token, a layer at a time."""
    fields = checkpoint.fields
    return tokens * checkpoint.experts_per_token * 3 * fields["intermediate_size"] * fields["hidden_size"]


def refuse_memory(checkpoint, weights, copies):
    """What does not fit is not tried: the system might end any process to make room for it."""
    size = BYTES[weights]
    needed, available = (checkpoint.parameters + copies) * size, available_bytes()
    if available is None or needed < 0.9 * available:
        return None
    said = f"needs {needed / 1e9:.1f} GB, of {available / 1e9:.1f} available"
    return said + (f": it copies the experts of every token, {copies * size / 1e9:.1f} GB" if copies else "")


def find_llama_python(given):
    """A Python with both packages, or None."""
    if given is not None:
        return given
    here = all(importlib.util.find_spec(package) is not None for package in ("llama_cpp", "gguf"))
    return sys.executable if here else None


def llama_peers(checkpoint, task, python, gguf_directory):
    return [llama_peer(checkpoint, task, python, gguf_directory, weights) for weights in ("f32", "bf16")]


def llama_peer(checkpoint, task, python, gguf_directory, weights):
    peer = Peer("llama", "llama.cpp", weights, None)
    if (reason := gguf_export.refusal(checkpoint) or gguf_export.difference(checkpoint)) is not None:
        peer.reason = reason
    elif python is None:
        peer.reason = NOT_INSTALLED
    else:
        try:
            path = gguf_file(checkpoint, python, gguf_directory, weights)
        except PeerFailed as failure:
            peer.reason = str(failure)
            return peer
        vocabulary = str(checkpoint.fields["vocab_size"])
        peer.command = [str(python), "-m", "bench.peers.llama_peer", "--gguf", str(path), "--vocabulary", vocabulary]
        peer.command += task.worker_options()
    return peer


def gguf_file(checkpoint, python, directory, weights):
    """Written once; one that is newer than the checkpoint is taken as it is."""
    source = checkpoint.directory.resolve()
    mark = hashlib.sha256(bytes(source)).hexdigest()[:8]  # two checkpoints may have the same name
    path = directory / f"{source.name}-{mark}-{weights}.gguf"
    sources = [checkpoint.directory / "config.json", *{tensor.file for tensor in checkpoint.tensors.values()}]
    if path.is_file() and path.stat().st_mtime > max(source.stat().st_mtime for source in sources):
        return path
    needed, free = checkpoint.parameters * BYTES[weights], shutil.disk_usage(directory).free
    if needed > free:
        raise PeerFailed(f"{directory}: expected {needed / 1e9:.1f} GB for its file, found {free / 1e9:.1f} GB free")
    module = "golden.generate.adapters.gguf_export"
    processes.run([str(python), "-m", module, str(checkpoint.directory), weights, str(path)])
    return path


def assay_peers(checkpoint, task, program):
    peers = []
    for weights in ("f32", "bf16"):
        # One token comes from the prompt itself.
        command = [str(program), "run", str(checkpoint.directory), "--ids", f"@{task.ids_file}"]
        command += ["--max-new-tokens", str(task.decode + 1), "--threads", str(task.threads), "--weights", weights]
        peers.append(Peer("assay", "assay", weights, command + ["--ignore-eos", "--warm-up", "--json", "-"]))
        if not Path(program).is_file():
            peers[-1].reason = "not built: script/build release assay"
    return peers


def build_directory():
    return ROOT / "build" / "release" / "bin"
