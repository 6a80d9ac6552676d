"""What every page shares: its assets and the policy that keeps it off the network."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files


@cache
def asset(name: str) -> str:
    """Return a text file of ``render/assets``."""
    return files("facilityplan.render").joinpath("assets", *name.split("/")).read_text("utf-8")


def policy(styles: list[str], scripts: list[str], images: tuple[str, ...] = ()) -> str:
    """Return a content security policy: exactly these styles and scripts, inline images, and nothing else.

    ``images``: origins that a background map may come from; none unless the config names one.
    """
    sources = " ".join(["data:", *images])
    return (f"default-src 'none'; img-src {sources}; style-src {_hashes(styles)}; script-src {_hashes(scripts)}; "
            "base-uri 'none'; form-action 'none'")


def _hashes(texts: list[str]) -> str:
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii") for text in texts)
    return " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
