"""`python -m bench [NAME ...] [-- ARGS]` runs the named benchmarks, or all of them."""

from __future__ import annotations

import sys
from importlib import import_module

NAMES = ("startup", "embedded", "data", "list", "planner", "next", "chat", "memory", "recall")


def main() -> int:
    words = sys.argv[1:]
    split = words.index("--") if "--" in words else len(words)
    names, arguments = words[:split] or list(NAMES), words[split + 1 :]
    if unknown := [name for name in names if name not in NAMES]:
        print(f"There is no benchmark {unknown[0]!r}. There are: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    worst = 0
    for name in names:
        print(f"\n## {name}\n", flush=True)
        worst = max(worst, import_module(f"bench.{name}").main(arguments))
    return worst


if __name__ == "__main__":
    sys.exit(main())
