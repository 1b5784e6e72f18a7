"""Medians of one case's rounds."""

import statistics

# A server whose core has more time left than this was not asked enough.
IDLE = 0.1


class Figures:
    def __init__(self, name, case):
        self.name, self._case = name, case
        self._entries = case["entries"]
        self.loads = sorted({int(load) for entry in self._entries.values() for load in entry["closed"]})
        self._most = str(self.loads[-1]) if self.loads else None
        self.reference = "ours" if "ours" in self._entries else None

    def has(self, entry):
        return entry in self._entries

    def ordered(self):
        """Entries by what a request costs, cheapest first."""
        return sorted(self._entries, key=self.cpu_ms)

    def title(self, entry):
        return self._entries[entry]["title"]

    def _closed(self, entry, load=None):
        return self._entries[entry]["closed"][str(load or self._most)]

    def throughput(self, entry, load=None):
        """Requests a second, by default with the most connections."""
        return statistics.median(run["requests"] / run["seconds"] for run in self._closed(entry, load))

    def cpu_ms(self, entry, load=None):
        """CPU time of the server's processes for a request: also CPU seconds for 1000 requests."""
        return statistics.median(1000 * run["cpu_seconds"] / run["requests"] for run in self._closed(entry, load))

    def latency(self, entry, load, quantile):
        return statistics.median(run[f"{quantile}_ms"] for run in self._closed(entry, load))

    def rate(self, entry):
        """At a constant arrival rate of half the throughput: medians, or none."""
        runs = self._entries[entry]["rate"]
        return {key: statistics.median(run[key] for run in runs) for key in runs[0]} if runs else None

    def resident(self, entry):
        return self._case["resident_bytes"].get(entry.split(" ")[0])

    def allocated(self):
        return self._case.get("allocated_bytes")

    def pane_bytes(self):
        return self._case.get("pane_bytes")

    def cross_check(self):
        return self._case.get("cross_check")

    def bare_cpu_ms(self):
        return statistics.median(1000 * run["cpu_seconds"] / run["requests"] for run in self._case["bare"])

    def bare_throughput(self):
        return statistics.median(run["requests"] / run["seconds"] for run in self._case["bare"])

    def no_op(self):
        """The cheapest route that does nothing."""
        return min((name for name in self._entries if name.startswith("noop")), key=self.cpu_ms, default=None)

    def others_busy(self):
        return [run["others_busy"] for entry in self._entries for run in self._closed(entry)]

    def limited_by_load(self):
        """Entries whose core had time left with the most connections."""

        def idle(run):
            return 1 - run["cpu_seconds"] / run["seconds"] - run["others_busy"]

        return [entry for entry in self._entries if statistics.median(map(idle, self._closed(entry))) > IDLE]

    def left_out(self):
        return self._case["left_out"]
