# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Reads 64-bit little-endian ELF files as far as the hashes of code need them: sections, symbols, relocations."""
import struct
from dataclasses import dataclass, field

from golden.generate.errors import CannotError

NOBITS, RELA, NOTE = 8, 4, 7
INIT_ARRAY = 14
GROUP_MEMBER, EXECUTABLE, ALLOCATED, WRITABLE, MERGED, STRINGS = 0x200, 0x4, 0x2, 0x1, 0x10, 0x20
LOCAL, SECTION_SYMBOL = 0, 3
CALLS = {4, 282, 283}  # relocations of calls and jumps: R_X86_64_PLT32, R_AARCH64_JUMP26, R_AARCH64_CALL26
RESERVED_INDEX = 0xFF00  # absolute, common, extended

HEADER = struct.Struct("<16xHHIQQQIHHHHHH")
SECTION = struct.Struct("<IIQQQQIIQQ")
SYMBOL = struct.Struct("<IBBHQQ")
RELOCATION = struct.Struct("<QQq")


@dataclass(frozen=True)
class Symbol:
    name: str
    value: int  # in an object file, the offset in its section
    section: int | None  # none: defined elsewhere, or nowhere
    local: bool
    is_section: bool


@dataclass(frozen=True)
class Relocation:
    offset: int
    kind: int
    symbol: int
    addend: int


@dataclass
class Section:
    name: str
    kind: int
    flags: int
    size: int
    alignment: int
    entry_size: int
    content: bytes
    relocations: list = field(default_factory=list)


class ElfFile:
    """One object file or executable. Raises CannotError for anything else."""

    def __init__(self, path):
        self.path = path
        data = path.read_bytes()
        try:
            self._read(data)
        except (struct.error, IndexError, ValueError, UnicodeDecodeError) as error:
            raise CannotError(f"{path}: expected a 64-bit ELF file, found: {error}") from error

    def _read(self, data):
        if data[:6] != b"\x7fELF\x02\x01":
            raise ValueError("another kind of file")
        fields = HEADER.unpack_from(data)
        table, entry, count, names = fields[5], fields[10], fields[11], fields[12]
        if count == 0 and table:  # more sections than 16 bits hold: the first says how many
            count = SECTION.unpack_from(data, table)[5]
        if names == 0xFFFF:
            names = SECTION.unpack_from(data, table)[6]
        raw = [SECTION.unpack_from(data, table + i * entry) for i in range(count)]
        contents = [b"" if one[1] == NOBITS else data[one[4] : one[4] + one[5]] for one in raw]
        self.sections = [
            Section(text_at(contents[names], one[0]), one[1], one[2], one[5], one[8], one[9], content)
            for one, content in zip(raw, contents)
        ]
        self.symbols = self._symbols(raw, contents)
        for one, content in zip(raw, contents):
            if one[1] == RELA and one[7] < count:
                self.sections[one[7]].relocations = [
                    Relocation(offset, info & 0xFFFFFFFF, info >> 32, addend)
                    for offset, info, addend in RELOCATION.iter_unpack(content)
                ]

    def _symbols(self, raw, contents):
        for index, section in enumerate(self.sections):
            if section.name == ".symtab":
                break
        else:
            return []
        strings = contents[raw[index][6]]
        extended = next((content for content, one in zip(contents, raw) if one[1] == 18), b"")
        symbols = []
        for number, (name, info, _, place, value, _) in enumerate(SYMBOL.iter_unpack(contents[index])):
            if place == 0xFFFF:
                place = struct.unpack_from("<I", extended, 4 * number)[0]
            elif place >= RESERVED_INDEX:
                place = 0
            symbols.append(
                Symbol(text_at(strings, name), value, place or None, info >> 4 == LOCAL, info & 15 == SECTION_SYMBOL)
            )
        return symbols


def text_at(strings, offset):
    return strings[offset : strings.index(b"\0", offset)].decode()
