"""Print the figures, one JSON object a line; exit 1 where a bar is not met."""

from __future__ import annotations

import json
import sys

from bench import figures, report


def main(prefixes: list[str]) -> int:
    """Run the chosen figures."""
    chosen = list(figures(prefixes))
    if not chosen:
        print(f"no figure is named {' or '.join(prefixes)}", file=sys.stderr)
        return 2
    met = True
    for figure in chosen:
        line = report(figure)
        print(json.dumps(line, ensure_ascii=False), flush=True)
        met = met and line["met"]
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
