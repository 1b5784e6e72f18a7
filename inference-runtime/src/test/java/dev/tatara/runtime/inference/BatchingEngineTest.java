package dev.tatara.runtime.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.onnx.OnnxValue;
import dev.tatara.runtime.TestModels;
import dev.tatara.runtime.inference.EngineMeters.Cancellation;
import dev.tatara.runtime.inference.EngineMeters.Rejection;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.json.ValueWriter;
import dev.tatara.runtime.model.Batchability;
import dev.tatara.runtime.model.RunCost;
import dev.tatara.runtime.model.ServedModel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchingEngineTest {
    private static final RunCost QUICK = new RunCost(100_000, 10_000);
    private static ServedModel model;
    private final Counted counted = new Counted();
    private final CountDownLatch release = new CountDownLatch(1);

    @BeforeAll
    static void open() {
        model = TestModels.load("fails-on-some", Batchability.possible(QUICK));
    }

    @AfterAll
    static void closeModel() {
        model.close();
    }

    private static BatchSettings settings(int maxQueue, long maxQueueBytes) {
        return new BatchSettings(8, Duration.ZERO, maxQueue, maxQueueBytes, Duration.ofMinutes(1));
    }

    /** One worker that is busy until {@link #release}. */
    private BatchingEngine busy(BatchSettings settings) {
        BatchingEngine engine = new BatchingEngine(new EngineState(model, settings, counted), 1);
        submit(engine, 0).holdingUp(release).await();
        return engine;
    }

    private Asked submit(BatchingEngine engine, int number) {
        Asked asked = new Asked(model, number, 1, 1, false);
        if (number == 0) {
            asked.holdingUp(release);
        }
        engine.submit(asked.request, asked);
        return asked;
    }

    @Test
    void whatWaitsIsRunTogether() {
        try (BatchingEngine engine = busy(settings(100, 1 << 20))) {
            List<Asked> waiting = new ArrayList<>();
            for (int i = 1; i <= 11; i++) {
                waiting.add(submit(engine, i));
            }
            assertThat(engine.queueLength()).isEqualTo(11);
            release.countDown();
            waiting.forEach(asked -> assertThat(asked.await().status()).isEqualTo(200));
            assertThat(counted.runs()).containsExactly(1L, 8L, 3L);
            assertThat(engine.queueLength()).isZero();
        }
    }

    @Test
    void oddShapesNeitherMixNorStarve() {
        try (BatchingEngine engine = busy(settings(100, 1 << 20))) {
            List<Asked> waiting = new ArrayList<>();
            for (int i = 1; i <= 6; i++) {
                Asked asked = new Asked(model, i, 1, i == 2 ? 5 : 1, false);
                engine.submit(asked.request, asked);
                waiting.add(asked);
            }
            release.countDown();
            waiting.forEach(asked -> assertThat(asked.await().status()).isEqualTo(200));
            // The oldest with those like it, from behind the odd one too; then the odd one, though it is alone.
            assertThat(counted.runs()).containsExactly(1L, 5L, 1L);
        }
    }

    @Test
    void aFullQueueRefuses() {
        try (BatchingEngine engine = busy(settings(2, 1 << 20))) {
            Asked first = submit(engine, 1);
            submit(engine, 2);
            Asked third = submit(engine, 3).await();
            assertThat(third.status()).isEqualTo(503);
            assertThat(third.failure).hasMessage("the queue is full (2 requests wait): try again later");
            assertThat(third.failure.retryAfterSeconds()).isPositive();
            assertThat(counted.rejections()).containsExactly(Rejection.QUEUE_FULL);
            // A place is free as soon as somebody has no use for it any more.
            first.request.abandon();
            Asked fourth = submit(engine, 4);
            assertThat(first.await().status()).isEqualTo(499);
            release.countDown();
            assertThat(fourth.await().status()).isEqualTo(200);
        }
    }

    @Test
    void aQueueIsBoundedInBytesToo() {
        try (BatchingEngine engine = busy(settings(100, 40))) {
            Asked large = new Asked(model, 1, 1, 100, false);
            engine.submit(large.request, large);
            assertThat(submit(engine, 2).await().status()).isEqualTo(503);
            assertThat(counted.rejections()).containsExactly(Rejection.QUEUE_BYTES);
            release.countDown();
            assertThat(large.await().status()).isEqualTo(200);
        }
    }

    @Test
    void whoIsLateIsToldSoWhileTheWorkerIsBusy() {
        try (BatchingEngine engine = busy(settings(100, 1 << 20))) {
            Asked late = new Asked(model, 1, 1, 1, false);
            late.request.setDeadlineNanos(
                    System.nanoTime() + Duration.ofMillis(5).toNanos());
            engine.submit(late.request, late);
            assertThat(late.await().status()).isEqualTo(504);
            assertThat(late.failure).hasMessageContaining("its turn didn't come within");
            assertThat(counted.cancellations()).containsExactly(Cancellation.DEADLINE);
            assertThat(engine.queueLength()).isZero();
            release.countDown();
        }
    }

    @Test
    void closingAnswersEverybody() {
        BatchingEngine engine = busy(settings(100, 1 << 20));
        Asked waiting = submit(engine, 1);
        engine.close();
        assertThat(waiting.await().status()).isEqualTo(503);
        assertThat(submit(engine, 2).await().status()).isEqualTo(503);
        release.countDown();
        assertThat(counted.rejections()).containsExactly(Rejection.CLOSED, Rejection.CLOSED);
        engine.close();
    }

    @Test
    void retiringRunsWhatWaits() {
        BatchingEngine engine = busy(settings(100, 1 << 20));
        Asked waiting = submit(engine, 1);
        engine.retire();
        assertThat(submit(engine, 2).await().status()).isEqualTo(503);
        release.countDown();
        assertThat(waiting.await().status()).isEqualTo(200);
        engine.close();
    }

    @Test
    void aCompletionThatThrowsHarmsNobodyElse() {
        try (BatchingEngine engine = busy(settings(100, 1 << 20))) {
            Asked asked = new Asked(model, 1, 1, 1, false);
            engine.submit(asked.request, new InferenceEngine.Completion() {
                @Override
                public void answered(InferenceRequest request, InferenceAnswer answer) {
                    throw new IllegalStateException("on purpose");
                }

                @Override
                public void failed(InferenceRequest request, RequestException failure) {
                    asked.failed(request, failure);
                    throw new IllegalStateException("on purpose");
                }
            });
            Asked other = submit(engine, 2);
            release.countDown();
            assertThat(other.await().status()).isEqualTo(200);
            assertThat(asked.await().status()).isEqualTo(500);
        }
    }

    @Test
    void aModelThatFailsWhatItCanDoAloneIsNoLongerTrusted() {
        // Told to be batchable, it answers for one row less than it is asked: half of them.
        try (ServedModel odd = TestModels.load("fails-on-odd", Batchability.possible(QUICK));
                BatchingEngine engine = new BatchingEngine(new EngineState(odd, settings(100, 1 << 20), counted), 1)) {
            for (int round = 0; round < 5; round++) {
                List<CountDownLatch> done = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    InferenceRequest request = new InferenceRequest(odd);
                    request.input(0).addFloat(1);
                    request.input(0).addFloat(2);
                    request.input(0).setShape(new long[] {2}, 1);
                    CountDownLatch latch = new CountDownLatch(1);
                    done.add(latch);
                    engine.submit(request, new InferenceEngine.Completion() {
                        @Override
                        public void answered(InferenceRequest whose, InferenceAnswer answer) {
                            assertThat(((OnnxValue.Numbers) answer.output(0)).size())
                                    .isEqualTo(2);
                            latch.countDown();
                        }

                        @Override
                        public void failed(InferenceRequest whose, RequestException failure) {
                            throw new AssertionError(failure);
                        }
                    });
                }
                for (CountDownLatch latch : done) {
                    awaitLatch(latch);
                }
            }
        }
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Answers to rows together are the answers to them alone, cut to each request. */
    @ParameterizedTest
    @CsvSource({"iris, FP32", "iris-zipmap, FP32", "identity-string, BYTES", "identity-bool, BOOL", "two-in-two-out, "})
    void everyKindOfAnswerIsCutToItsRows(String name) {
        try (ServedModel any = TestModels.load(name, Batchability.possible(QUICK))) {
            EngineState state = new EngineState(any, settings(1, 1), counted);
            List<InferenceRequest> requests = new ArrayList<>();
            List<String> alone = new ArrayList<>();
            List<String> together = new ArrayList<>();
            try (Runner runner = new Runner(any, state)) {
                for (int rows = 1; rows <= 3; rows++) {
                    requests.add(Rows.of(any, rows, rows * 10));
                    requests.getLast().submitted(Rows.writing(alone), System.nanoTime(), 1);
                    runner.run(new InferenceRequest[] {requests.getLast()}, 1);
                }
                requests.forEach(request -> request.submitted(Rows.writing(together), System.nanoTime(), 1));
                runner.run(requests.toArray(InferenceRequest[]::new), 3);
            }
            assertThat(together).isEqualTo(alone).hasSize(3);
            assertThat(counted.runs()).containsExactly(1L, 2L, 3L, 6L);
            requests.forEach(InferenceRequest::free);
        }
    }

    /** Requests with some rows, whatever the model's inputs are. */
    private static final class Rows {
        static InferenceRequest of(ServedModel model, int rows, int first) {
            InferenceRequest request = new InferenceRequest(model);
            for (int i = 0; i < request.inputCount(); i++) {
                InputTensor input = request.input(i);
                int columns = (int) Math.abs(input.info().shape().getLast());
                for (int j = 0; j < rows * columns; j++) {
                    switch (input.info().datatype()) {
                        case FP32 -> input.addFloat((first + j) / 7f);
                        case INT64 -> input.addLong(first + j);
                        case BOOL -> input.addByte((byte) ((first / 10 + j) % 2));
                        case BYTES -> input.addString(("s" + first + j).getBytes(StandardCharsets.UTF_8));
                        default -> throw new AssertionError(input.info());
                    }
                }
                input.setShape(new long[] {rows, columns}, 2);
            }
            return request;
        }

        static InferenceEngine.Completion writing(List<String> answers) {
            return new InferenceEngine.Completion() {
                @Override
                public void answered(InferenceRequest request, InferenceAnswer answer) {
                    JsonBytes out = new JsonBytes();
                    for (int i = 0; i < request.outputs().length; i++) {
                        ValueWriter.write(answer.output(i), out);
                    }
                    answers.add(new String(out.toByteArray(), StandardCharsets.UTF_8));
                }

                @Override
                public void failed(InferenceRequest request, RequestException failure) {
                    throw new AssertionError(failure);
                }
            };
        }
    }
}
