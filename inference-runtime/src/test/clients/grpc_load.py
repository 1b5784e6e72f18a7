"""Infers without a pause from 4 channels, each with 4 callers, until a line comes on standard input; then prints what
happened: a line "answered N" and one for each failure. Arguments: HOST:PORT"""

import collections
import sys
import threading

import numpy as np
import tritonclient.grpc as triton

ROW = np.array([[6.3, 3.3, 6.0, 2.5]], np.float32)
over = threading.Event()
lock = threading.Lock()
happened = collections.Counter()


def call(client):
    x = triton.InferInput("X", [1, 4], "FP32")
    x.set_data_from_numpy(ROW)
    while not over.is_set():
        try:
            answer = client.infer("iris", [x])
            what = "answered" if list(answer.as_numpy("label")) == [2] else "wrong"
        except Exception as e:
            what = f"failed {e}"
        with lock:
            happened[what] += 1
            if happened["answered"] == 2000:
                print("warm", flush=True)


clients = [triton.InferenceServerClient(sys.argv[1], channel_args=[("grpc.use_local_subchannel_pool", 1)]) for _ in range(4)]
callers = [threading.Thread(target=call, args=(clients[i % 4],)) for i in range(16)]
for caller in callers:
    caller.start()
sys.stdin.readline()
over.set()
for caller in callers:
    caller.join()
for what, count in sorted(happened.items()):
    print(what, count)
