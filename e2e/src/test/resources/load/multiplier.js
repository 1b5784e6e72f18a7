// Constant arrival rate on a model that multiplies: REST and gRPC, each on connections that are kept and on a new one for
// each request. A line for each request says who answered what, and when; whoever started this draws the conclusions.
//
//   <scenario> <number> <sent, ms> <ended, ms> <key> <is matched> <revision> <factor> [what failed]
import http from 'k6/http';
import grpc from 'k6/net/grpc';
import exec from 'k6/execution';

const PATIENCE = '15s';
const ROW = [1, 7];
const BODY = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: ROW }] });
const MESSAGE = {
  model_name: __ENV.MODEL,
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], contents: { fp32_contents: ROW } }],
};
const NONE = '-';

// A client for each of a virtual user's ways: what one closes, the other keeps.
const kept = new grpc.Client();
const fresh = new grpc.Client();
for (const client of [kept, fresh]) client.load([__ENV.PROTO], 'inference.proto');
let isConnected = false;

const scenario = (way) => ({
  executor: 'constant-arrival-rate',
  exec: way,
  rate: Number(__ENV.RATE),
  timeUnit: '1s',
  duration: '1h',
  gracefulStop: '0s',
  preAllocatedVUs: 25,
  maxVUs: 100,
});

export const options = {
  scenarios: {
    rest_kept: scenario('restKept'),
    rest_new: scenario('restNew'),
    grpc_kept: scenario('grpcKept'),
    grpc_new: scenario('grpcNew'),
  },
};

export const restKept = () => ask((headers) => rest(headers));
export const restNew = () => ask((headers) => rest({ ...headers, Connection: 'close' }));

export const grpcKept = () =>
  ask((metadata) => {
    if (!isConnected) connect(kept);
    isConnected = true;
    return invoke(kept, metadata);
  });

export const grpcNew = () =>
  ask((metadata) => {
    connect(fresh);
    try {
      return invoke(fresh, metadata);
    } finally {
      fresh.close();
    }
  });

// Every request has a key, as a user's would, and one in ten asks for the candidate; a service may heed that or not.
function ask(way) {
  const number = exec.scenario.iterationInTest;
  const key = `user-${number % Number(__ENV.KEYS)}`;
  const isMatched = number % 10 === 0;
  const headers = { 'x-user-id': key };
  if (isMatched) headers['x-canary'] = 'true';
  const sent = Date.now();
  let answer;
  try {
    answer = way(headers);
  } catch (e) {
    answer = { failure: String(e) };
  }
  const factor = factorIn(answer.data);
  const failure = answer.failure || (factor ? '' : `no answer of a model that multiplies: ${JSON.stringify(answer.data)}`);
  console.log(
    [exec.scenario.name, number, sent, Date.now(), key, isMatched, answer.revision || NONE, factor, failure.replace(/\s+/g, ' ')]
      .join(' '),
  );
}

function rest(headers) {
  const response = http.post(`http://${__ENV.HOST}/v2/models/${__ENV.MODEL}/infer`, BODY, {
    headers: { 'Content-Type': 'application/json', ...headers },
    timeout: PATIENCE,
  });
  if (response.status !== 200) return { failure: `${response.status} ${response.error} ${response.body}` };
  return { data: response.json('outputs.0.data'), revision: response.headers['Tatara-Revision'] };
}

function connect(client) {
  client.connect(`${__ENV.HOST}:8001`, { plaintext: true, timeout: PATIENCE });
}

function invoke(client, metadata) {
  const response = client.invoke('inference.GRPCInferenceService/ModelInfer', MESSAGE, { metadata, timeout: PATIENCE });
  if (response.status !== grpc.StatusOK) return { failure: `${response.status} ${JSON.stringify(response.error)}` };
  return {
    data: response.message.outputs[0].contents.fp32Contents,
    revision: (response.headers['tatara-revision'] || [])[0],
  };
}

// What the answering version multiplies by; 0 if this is no right answer of any version.
function factorIn(data) {
  const isRight = Array.isArray(data) && data.length === 2 && Number.isInteger(data[0]) && data[1] === data[0] * ROW[1];
  return isRight ? data[0] : 0;
}
