"""Sizes of files in words."""

from __future__ import annotations


def size_text(count: int) -> str:
    """Bytes as file managers write them, in powers of ten: 999 B, 12 kB, 3.4 MB."""
    if count < 1_000:
        return f"{count} B"
    if count < 999_500:
        return f"{count / 1_000:.0f} kB"
    return f"{count / 1_000_000:,.1f} MB"
