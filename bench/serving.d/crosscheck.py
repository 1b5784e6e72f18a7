"""Asks a server by wrk and by k6 too, to see that the load generator of the bench tells the same.

Both need more CPU for a request than bench/load: at most what they reach can be compared.
"""

import json
import re
import subprocess

from processes import ServerFailed, alone_on

K6_RATE = 500
CONNECTIONS = 64
VIRTUAL_USERS = 32

WRK_SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = io.open("{body}"):read("*a")
"""

K6_SCRIPT = """
import http from 'k6/http';
const body = open('{body}');
const headers = {{ 'Content-Type': 'application/json' }};
export const options = {{
  scenarios: {{
    steady: {{
      executor: 'constant-arrival-rate',
      rate: {rate},
      duration: '{seconds}s',
      preAllocatedVUs: {users},
    }},
  }},
}};
export default function () {{
  http.post('{url}', body, {{ headers }});
}}
export function handleSummary(data) {{
  return {{ stdout: JSON.stringify(data.metrics) }};
}}
"""


def run(core, *command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **alone_on(core))
    if done.returncode != 0:
        raise ServerFailed(f"{command[0]}: {done.stderr.strip()[-400:]}")
    return done.stdout


def by_wrk(core, url, folder, seconds):
    output = run(core, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", folder / "wrk.lua", url)
    if "Non-2xx" in output:
        raise ServerFailed(f"wrk: {output}")
    return float(re.search(r"Requests/sec:\s*([\d.]+)", output).group(1))


def by_k6(core, k6, folder):
    metrics = json.loads(run(core, k6, "run", "--quiet", "--no-usage-report", folder / "k6.js"))
    if metrics["http_req_failed"]["values"]["rate"] > 0:
        raise ServerFailed("k6: requests failed")
    return metrics["http_req_duration"]["values"]["med"]


def compare(entry, place, cores, folder, seconds):
    """What wrk, k6 and bench/load saw of the same server, one after the other."""
    folder.mkdir()
    case, port = entry.case, entry.running.port
    url = f"http://127.0.0.1:{port}{entry.protocol.path(case)}"
    (folder / "body").write_bytes(entry.protocol.body(case, case.inputs[0]))
    seconds = max(2, round(seconds))
    values = {"body": folder / "body", "url": url, "rate": K6_RATE, "seconds": seconds, "users": VIRTUAL_USERS}
    (folder / "wrk.lua").write_text(WRK_SCRIPT.format(**values))
    (folder / "k6.js").write_text(K6_SCRIPT.format(**values))
    load = cores["load"]
    entry.running.resume()
    try:
        wrk = by_wrk(load, url, folder, seconds)
        closed, _ = entry.load(place, cores, connections=CONNECTIONS, seconds=seconds)
        k6 = by_k6(load, place.k6, folder)
        steady, _ = entry.load(place, cores, connections=VIRTUAL_USERS, seconds=seconds, rate=K6_RATE)
    finally:
        entry.running.pause()
    return {
        "connections": CONNECTIONS,
        "wrk_per_second": wrk,
        "load_per_second": closed["requests"] / closed["seconds"],
        "rate": K6_RATE,
        "k6_p50_ms": k6,
        "load_p50_ms": steady["p50_ms"],
    }
