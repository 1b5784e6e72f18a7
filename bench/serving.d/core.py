"""How long somebody who arrives at any moment waits for a core on which nothing of ours runs.

Run by bench/profile on the servers' core, with their priority: core.py SECONDS prints
JSON. A server answers no sooner than it gets its core, however fast it is.
"""

import json
import sys
import time

# Shorter gaps are the loop's own.
LEAST_GAP_NS = 20_000


def gaps(seconds):
    """Times for which the core was somebody else's, ns."""
    found = []
    last = time.monotonic_ns()
    end = last + int(seconds * 1e9)
    while last < end:
        now = time.monotonic_ns()
        if now - last > LEAST_GAP_NS:
            found.append(now - last)
        last = now
    return found


def wait(found, seconds, share):
    """What that share of the arrivals wait no longer than, ms: an arrival in a gap waits for its end."""
    beyond = (1 - share) * seconds * 1e9
    low, high = 0, max(found, default=0)
    while high - low > 1000:
        middle = (low + high) // 2
        if sum(max(0, gap - middle) for gap in found) > beyond:
            low = middle
        else:
            high = middle
    return high / 1e6 if low else 0.0


def main():
    seconds = float(sys.argv[1])
    found = gaps(seconds)
    result = {"others": sum(found) / seconds / 1e9, "p99_ms": wait(found, seconds, 0.99)}
    print(json.dumps(result | {"longest_ms": max(found, default=0) / 1e6}))


if __name__ == "__main__":
    main()
