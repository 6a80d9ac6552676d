"""Characters that nobody sees: they make two ids that look alike differ, turn names round and break workbooks."""

from __future__ import annotations

import unicodedata

JOINERS = "\u200c\u200d"  # written inside words of some scripts, and inside emoji
# Control; format (bidi marks, zero width); surrogates; separators. Private use stays: rare hanzi in names live there.
HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
FORMULA = ("=", "+", "-", "@")


def hidden_in(text: str, allowed: str = "") -> str | None:
    """Return the first hidden character of ``text`` as U+XXXX, or None where there is none."""
    for character in text:
        if character not in JOINERS and character not in allowed and unicodedata.category(character) in HIDDEN:
            return f"U+{ord(character):04X}"
    return None
