"""Writes what SASLprep (RFC 4013) needs of Unicode: sidecar/Databases/PostgreSql/saslprep.txt.

Only code points of Unicode 3.2 count, so nothing new ever comes in. Python's library has the tables of
RFC 3454; decompositions of these code points are the same in every later version of Unicode.
"""

import stringprep
import unicodedata
from pathlib import Path

FILE = Path(__file__).parent.parent / "sidecar/Databases/PostgreSql/saslprep.txt"
HANGUL = range(0xAC00, 0xD7A4)  # composed by a rule
SURROGATES = range(0xD800, 0xE000)
ALL = [code for code in range(0x110000) if code not in SURROGATES]


def main():
    known = [code for code in ALL if not stringprep.in_table_a1(chr(code)) and code not in HANGUL]
    lines = [
        "# Made by scripts/saslprep.py from Unicode's data and RFC 3454. Code points are hexadecimal.",
        ranges("unassigned", stringprep.in_table_a1),
        ranges("space", stringprep.in_table_c12),
        ranges("nothing", stringprep.in_table_b1),
        ranges("prohibited", is_prohibited),
        ranges("right", stringprep.in_table_d1),
        ranges("left", stringprep.in_table_d2),
        "class " + " ".join(f"{code:x}={unicodedata.combining(chr(code))}" for code in known if unicodedata.combining(chr(code))),
        "full " + " ".join(f"{code:x}={hexes(full)}" for code in known if (full := unicodedata.normalize("NFKD", chr(code))) != chr(code)),
        "pair " + " ".join(f"{pair}={code:x}" for code in known if (pair := pair_of(code))),
    ]
    FILE.write_text("\n".join(lines) + "\n", encoding="ascii")


def is_prohibited(character):
    tables = "c12 c21_c22 c3 c4 c5 c6 c7 c8 c9".split()
    return any(getattr(stringprep, "in_table_" + table)(character) for table in tables)


def pair_of(code):
    """What it is composed of, if it is ever composed."""
    decomposition = unicodedata.decomposition(chr(code))
    isPair = decomposition.count(" ") == 1 and not decomposition.startswith("<")
    return "+".join(f"{int(one, 16):x}" for one in decomposition.split()) if isPair and unicodedata.normalize("NFC", chr(code)) == chr(code) else ""


def hexes(text):
    return "+".join(f"{ord(one):x}" for one in text)


def ranges(name, contains):
    found = []
    for code in ALL:
        if not contains(chr(code)):
            continue
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return name + " " + " ".join(f"{first:x}-{last:x}" for first, last in found)


main()
