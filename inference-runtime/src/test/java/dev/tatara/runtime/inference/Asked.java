package dev.tatara.runtime.inference;

import dev.tatara.onnx.OnnxValue;
import dev.tatara.runtime.json.Elements;
import dev.tatara.runtime.model.ServedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A request to the model {@code fails-on-some} and what came of it. Its rows hold numbers that no other request has. */
final class Asked implements InferenceEngine.Completion {
    private static final int BAD_KEY = 9;

    final InferenceRequest request;
    final List<Long> sent = new ArrayList<>();
    final AtomicInteger completions = new AtomicInteger();
    private final CountDownLatch done = new CountDownLatch(1);
    private CountDownLatch holdUp;
    BatchingPropertiesTest.Call call;
    volatile List<List<Long>> answers;
    volatile List<long[]> shapes;
    volatile RequestException failure;

    Asked(ServedModel model, int number, int rows, int columns, boolean bad) {
        request = new InferenceRequest(model);
        for (int i = 0; i < rows * columns; i++) {
            sent.add(number * 1_000_000L + i);
            request.input(0).addLong(sent.getLast());
        }
        request.input(0).setShape(new long[] {rows, columns}, 2);
        for (int i = 0; i < rows; i++) {
            request.input(1).addLong(bad && i == rows - 1 ? BAD_KEY : i % 2);
        }
        request.input(1).setShape(new long[] {rows, 1}, 2);
    }

    Asked outputs(int... positions) {
        request.setOutputs(positions);
        return this;
    }

    /** Keeps the worker that answers it until the latch is down. */
    Asked holdingUp(CountDownLatch latch) {
        holdUp = latch;
        return this;
    }

    @Override
    public void answered(InferenceRequest whose, InferenceAnswer answer) {
        List<List<Long>> read = new ArrayList<>();
        List<long[]> dimensions = new ArrayList<>();
        for (int i = 0; i < whose.outputs().length; i++) {
            OnnxValue.Numbers numbers = (OnnxValue.Numbers) answer.output(i);
            List<Long> values = new ArrayList<>();
            for (long j = 0; j < numbers.size(); j++) {
                values.add(Elements.asLong(numbers, j));
            }
            read.add(values);
            dimensions.add(numbers.shape());
        }
        answers = read;
        shapes = dimensions;
        complete(whose);
        if (holdUp != null) {
            await(holdUp);
        }
    }

    @Override
    public void failed(InferenceRequest whose, RequestException why) {
        failure = why;
        complete(whose);
    }

    private void complete(InferenceRequest whose) {
        if (whose != request) {
            throw new AssertionError("somebody else's completion");
        }
        completions.incrementAndGet();
        done.countDown();
    }

    int status() {
        return failure == null ? 200 : failure.status();
    }

    boolean isDone() {
        return done.getCount() == 0;
    }

    Asked await() {
        await(done);
        return this;
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) {
                throw new AssertionError("never completed");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
