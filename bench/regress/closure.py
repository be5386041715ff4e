# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""A hash of the compiled code that a function can reach.

Works on the object files of a build with a section to every function and datum (-ffunction-sections -fdata-sections),
whose relocations then name all that a function refers to: callees, tables, virtual functions, constants. What it refers
to in turn is in the hash too, so code that differs anywhere on the way gives another hash; addresses, which move with
everything, are not in it. What shared libraries define enters by name only: both sides use the same ones.
"""
import hashlib
from collections import defaultdict

from bench.regress.elf import (
    ALLOCATED, CALLS, EXECUTABLE, GROUP_MEMBER, INIT_ARRAY, MERGED, STRINGS, WRITABLE, ElfFile,
)


class CodeGraph:
    """Nodes are (object file, section); edges are relocations."""

    def __init__(self, root, paths):
        """`paths` are object files below `root`; their names there are part of what local symbols are called."""
        self.objects = {str(path.relative_to(root)): ElfFile(path) for path in sorted(paths)}
        self.definitions = defaultdict(list)  # of symbols that others see: [node]
        for name, file in self.objects.items():
            for symbol in file.symbols:
                if symbol.section is not None and not symbol.local:
                    self.definitions[symbol.name].append((name, symbol.section))
        self.landing = {name: exception_tables(file) for name, file in self.objects.items()}
        self._described = {}
        self._users, self._callers = defaultdict(set), defaultdict(set)
        self._turn_round()

    def hash_of_class(self, mangled):
        """Of all that objects of a class do and of what makes them: whoever puts its table of virtual functions into an
        object, and whoever calls that. None where the class has no such table."""
        tables = self._named("_ZTV" + mangled)
        makers, waiting = set(), list(tables)
        while waiting:
            node = waiting.pop()
            users = self._callers[node] if node in makers else self._users[node]
            makers |= (fresh := users - makers)
            waiting += fresh
        return self.hash_of(tables | makers) if tables else None

    def hash_of(self, nodes):
        lines = sorted({self._describe(node)[0] for node in self.reached(nodes)})
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def _named(self, name):
        return {
            (path, symbol.section) for path, file in self.objects.items() for symbol in file.symbols
            if symbol.name == name and symbol.section is not None
        }

    def _turn_round(self):
        """{node: functions that refer to it}, and of these the functions that call it."""
        for name, file in self.objects.items():
            for index, section in enumerate(file.sections):
                if not section.flags & EXECUTABLE:
                    continue
                for relocation in section.relocations:
                    for target in self._target(name, relocation)[1]:
                        self._users[target].add((name, index))
                        if relocation.kind in CALLS:
                            self._callers[target].add((name, index))

    def reached(self, nodes):
        seen, waiting = set(), list(nodes)
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                waiting.extend(self._describe(node)[1])
                waiting.extend(self._initializers(node))
        return seen

    def _initializers(self, node):
        """Whoever reads a variable depends on what fills it before main(); only the linker fills .data.rel.ro."""
        name, index = node
        section = self.objects[name].sections[index]
        constant = not section.flags & WRITABLE or section.name.startswith(".data.rel.ro")
        if constant or section.flags & GROUP_MEMBER or section.kind == INIT_ARRAY:
            return []
        return [(name, i) for i, other in enumerate(self.objects[name].sections) if other.kind == INIT_ARRAY]

    def _describe(self, node):
        """(what a section is, as a line of text; the nodes that it refers to)"""
        if node not in self._described:
            name, index = node
            section = self.objects[name].sections[index]
            digest = hashlib.sha256(section.content)
            digest.update(repr((section.kind, section.flags, section.size, section.alignment)).encode())
            edges = [(name, table) for table in self.landing[name].get(index, ())]
            for relocation in section.relocations:
                label, targets = self._target(name, relocation)
                digest.update(repr((relocation.offset, relocation.kind, label)).encode())
                edges += targets
            self._described[node] = (f"{self._label(node)} {digest.hexdigest()}", edges)
        return self._described[node]

    def _label(self, node):
        """Sections that the linker takes from any object are called by their names, others also by their object."""
        name, index = node
        section = self.objects[name].sections[index]
        return section.name if section.flags & GROUP_MEMBER else f"{name}:{section.name}"

    def _target(self, name, relocation):
        """(how a hash calls what is referred to, the nodes there)"""
        file = self.objects[name]
        symbol = file.symbols[relocation.symbol]
        if not symbol.local:
            return (symbol.name, relocation.addend), self.definitions.get(symbol.name, [])
        if symbol.section is None:
            return (symbol.name, relocation.addend), []
        section = file.sections[symbol.section]
        if section.flags & MERGED and not symbol.is_section and not section.relocations:
            return (constant_at(section, symbol.value), relocation.addend), []
        node = (name, symbol.section)
        return (self._label(node), symbol.value, relocation.addend), [node]


def constant_at(section, offset):
    """The constant or the text at a place of a section that the linker merges with others of its kind."""
    end = offset + section.entry_size
    if section.flags & STRINGS:
        terminator = b"\0" * section.entry_size
        end = offset
        while section.content[end : end + section.entry_size] not in (terminator, b""):
            end += section.entry_size
    return section.content[offset:end]


def exception_tables(file):
    """{text section: exception tables of its functions}: only the unwinder's data, .eh_frame, tie the two together."""
    found = defaultdict(list)
    for frames in (section for section in file.sections if section.name == ".eh_frame"):
        text = None
        for relocation in sorted(frames.relocations, key=lambda one: one.offset):
            target = file.symbols[relocation.symbol].section
            if target is None:
                continue
            if file.sections[target].flags & EXECUTABLE:
                text = target
            elif file.sections[target].name.startswith(".gcc_except_table") and text is not None:
                found[text].append(target)
    return found


def loaded_hash(path):
    """Of all that a program loads, wherever it lies: its code and its data, without the notes that name the build."""
    digest = hashlib.sha256()
    for section in ElfFile(path).sections:
        if section.flags & ALLOCATED and not section.name.startswith(".note"):
            digest.update(repr((section.name, section.kind, section.flags, section.size)).encode())
            digest.update(section.content)
    return digest.hexdigest()
