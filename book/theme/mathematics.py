#!/usr/bin/env python3
"""Makes book/pages/fonts/mathematics.woff2 out of Latin Modern Math: `python3 book/theme/mathematics.py
latinmodern-math.otf`.

Needs fonttools and brotli (`pip install fonttools brotli`). The font is in Debian's package fonts-lmodern. What stays
is what formulas of this kind are written with: letters, Greek, their mathematical alphabets, operators, arrows,
brackets. The table MATH, which says how high a fraction's bar is, and all sizes of a bracket stay with them."""

import sys
from fontTools import subset, ttLib

RANGES = [
    (0x20, 0x7E), (0xA0, 0xB7), (0xD7, 0xD7), (0xF7, 0xF7),
    (0x300, 0x308), (0x20D7, 0x20D7),  # accents: hat, tilde, bar, arrow
    (0x391, 0x3A9), (0x3B1, 0x3C9), (0x3D1, 0x3D5), (0x3F5, 0x3F5),  # Greek
    (0x2010, 0x2026), (0x2032, 0x2034), (0x2061, 0x2064),  # dashes, dots, primes
    (0x210E, 0x210E), (0x2113, 0x2113), (0x2115, 0x2115), (0x211D, 0x211D), (0x2124, 0x2124), (0x212C, 0x2133),
    (0x2190, 0x2194), (0x21A6, 0x21A6), (0x21D0, 0x21D4),  # arrows
    (0x2200, 0x222E), (0x223C, 0x2248), (0x2260, 0x226B), (0x2282, 0x2287), (0x2295, 0x2299), (0x22C0, 0x22C6), (0x22EE, 0x22F1),
    (0x2308, 0x230B), (0x23DE, 0x23DF), (0x27E8, 0x27E9), (0x25A1, 0x25A1),  # floor, ceiling, braces above and below
    (0x1D400, 0x1D467),  # bold, italic
    (0x1D49C, 0x1D4B5), (0x1D538, 0x1D550),  # capitals: script, double-struck
    (0x1D6A4, 0x1D6A5), (0x1D6E2, 0x1D71B), (0x1D7CE, 0x1D7D7),  # Greek in italics, bold digits
]  # fmt: skip

font = ttLib.TTFont(sys.argv[1])
options = subset.Options(layout_features=["ssty", "dtls", "flac", "kern"], name_IDs=["*"], flavor="woff2", notdef_outline=True)
cut = subset.Subsetter(options)
cut.populate(unicodes=[c for first, last in RANGES for c in range(first, last + 1)])
cut.subset(font)
# Its licence asks that a changed font be called by another name.
for record in font["name"].names:
    if record.nameID in (1, 3, 4, 6, 16):
        record.string = "Deep Nets Mathematics" if record.nameID != 6 else "DeepNetsMathematics"
font.flavor = "woff2"
font["CFF "].cff.fontNames[0] = "DeepNetsMathematics"
font.save("book/pages/fonts/mathematics.woff2")
