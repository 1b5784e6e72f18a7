// Constant load on the demo's service: held-out rows at RATE requests a second,
// every second one on a new connection. Counts what isn't answered rightly.
import http from 'k6/http';
import { Counter } from 'k6/metrics';
import exec from 'k6/execution';

const url = `${__ENV.URL}/v2/models/digits/infer`;
const rows = JSON.parse(open(__ENV.HOLDOUT)).rows.slice(0, 50).map((row) =>
  JSON.stringify({ inputs: [{ name: 'X', datatype: 'FP32', shape: [1, row.length], data: row }] }));
const answered = new Counter('tatara_answered');
const VERSIONS = ['1', '2', '3'];
const byVersion = Object.fromEntries(VERSIONS.map((version) => [version, new Counter(`tatara_version_${version}`)]));
const failed = new Counter('tatara_failed');

export const options = {
  discardResponseBodies: false,
  scenarios: {
    constant: {
      executor: 'constant-arrival-rate',
      rate: Number(__ENV.RATE),
      timeUnit: '1s',
      duration: '10m',
      gracefulStop: '10s',
      preAllocatedVUs: 100,
      maxVUs: 200,
    },
  },
};

export default function () {
  const number = exec.scenario.iterationInTest;
  const headers = { 'Content-Type': 'application/json' };
  if (number % 2 === 0) headers.Connection = 'close';
  const response = http.post(url, rows[number % rows.length], { headers, timeout: '15s' });
  let version = '';
  if (response.status === 200) {
    const answer = response.json();
    const label = answer.outputs.find((output) => output.name === 'label');
    if (label && label.data.length === 1) version = String(answer.model_version);
  }
  if (version) {
    answered.add(1);
    if (byVersion[version]) byVersion[version].add(1);
  } else {
    failed.add(1);
    console.error(`failed: ${response.status} ${response.error} ${response.body}`);
  }
}

export function handleSummary(data) {
  const count = (name) => (data.metrics[name] ? data.metrics[name].values.count : 0);
  const duration = data.metrics.http_req_duration ? data.metrics.http_req_duration.values : {};
  const text = (value) => (value === undefined ? '?' : value.toFixed(1));
  const seconds = data.state.testRunDurationMs / 1000;
  return {
    [__ENV.SUMMARY]: [
      `answered=${count('tatara_answered')}`,
      `failed=${count('tatara_failed')}`,
      `by_version='${VERSIONS.map((version) => `${version}: ${count(`tatara_version_${version}`)}`).join(', ')}'`,
      `dropped=${count('dropped_iterations')}`,
      `seconds=${seconds.toFixed(1)}`,
      `median_ms=${text(duration.med)}`,
      `p95_ms=${text(duration['p(95)'])}`,
      `max_ms=${text(duration.max)}`,
      '',
    ].join('\n'),
  };
}
