package dev.tatara.runtime;

import dev.tatara.runtime.inference.BatchSettings;
import dev.tatara.runtime.inference.EngineMeters;
import dev.tatara.runtime.inference.EngineState;
import dev.tatara.runtime.inference.EventLoopEngine;
import dev.tatara.runtime.inference.InferenceAnswer;
import dev.tatara.runtime.inference.InferenceEngine;
import dev.tatara.runtime.inference.InferenceRequest;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.json.Json;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.model.ModelFacts;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.plain.FeatureReader;
import dev.tatara.runtime.plain.PredictionWriter;
import dev.tatara.runtime.serving.Dialect;
import dev.tatara.runtime.serving.Reply;
import dev.tatara.runtime.v1.V1Writer;
import dev.tatara.runtime.v2.V2Dialects;
import dev.tatara.runtime.v2.V2RequestReader;
import dev.tatara.runtime.v2.V2Writer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

/** A model behind readers, engine and writers, without the network. */
public final class InProcess implements AutoCloseable {
    private final ServedModel model;
    private final EventLoopEngine engine;
    private final V2RequestReader v2Reader = new V2RequestReader(new Json());
    private final FeatureReader featureReader;
    private final InferenceRequest request;

    public InProcess(String name) {
        this(name, ModelFacts.NONE);
    }

    public InProcess(String name, ModelFacts facts) {
        model = TestModels.load(name, facts);
        BatchSettings settings = new BatchSettings(1, Duration.ZERO, 1, 1, Duration.ofHours(1));
        EngineState state = new EngineState(model, settings, EngineMeters.NONE);
        engine = new EventLoopEngine(state, Duration.ofDays(1), Runnable::run, (unused, completion) -> {
            throw new AssertionError("nothing takes that long");
        });
        featureReader = new FeatureReader(new Json(), model);
        request = new InferenceRequest(model);
    }

    private interface Writing {
        void write(InferenceAnswer answer, JsonBytes out);
    }

    /** The answer to a V2 inference request. */
    public String v2(String body) throws RequestException {
        request.reset();
        byte[] bytes = shifted(body);
        v2Reader.read(bytes, 3, bytes.length - 5, request);
        return run((answer, out) -> new V2Writer(model).answer(request, answer, out));
    }

    /** The answer to a V2 inference request of JSON and binary tensors: the body, the JSON's length in the reply. */
    public Reply v2(String json, byte[]... tensors) throws RequestException {
        request.reset();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(json.getBytes(StandardCharsets.UTF_8));
        int jsonLength = body.size();
        for (byte[] tensor : tensors) {
            body.writeBytes(tensor);
        }
        byte[] bytes = shifted(body.toByteArray());
        Dialect dialect = new V2Dialects(new Json(), model).dialect(jsonLength);
        dialect.read(bytes, 3, bytes.length - 5, request);
        Reply reply = new Reply();
        run((answer, out) -> dialect.write(request, answer, 0, reply));
        return reply;
    }

    /** The answer to KServe's V1. */
    public String v1(String body, boolean probabilities) throws RequestException {
        request.reset();
        byte[] bytes = shifted(body.getBytes(StandardCharsets.UTF_8));
        featureReader.readInstances(bytes, 3, bytes.length - 5, request);
        V1Writer writer = new V1Writer(model, probabilities);
        request.setOutputs(writer.outputs());
        return run((answer, out) -> writer.answer(answer, featureReader.rows(), out));
    }

    public String predict(String body) throws RequestException {
        return features(body, false);
    }

    public String predictBatch(String body) throws RequestException {
        return features(body, true);
    }

    private String features(String body, boolean batch) throws RequestException {
        request.reset();
        byte[] bytes = shifted(body);
        if (batch) {
            featureReader.readBatch(bytes, 3, bytes.length - 5, request);
        } else {
            featureReader.readOne(bytes, 3, bytes.length - 5, request);
        }
        PredictionWriter writer = new PredictionWriter(model);
        request.setOutputs(writer.outputs());
        return run((answer, out) -> {
            if (batch) {
                writer.batch(answer, featureReader.rows(), featureReader.requestId(), 1_500_000, out);
            } else {
                writer.one(answer, featureReader.requestId(), 1_500_000, out);
            }
        });
    }

    /** Bodies begin and end somewhere inside a buffer. */
    private static byte[] shifted(String body) {
        return shifted(body.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] shifted(byte[] text) {
        byte[] bytes = new byte[text.length + 5];
        Arrays.fill(bytes, (byte) '[');
        System.arraycopy(text, 0, bytes, 3, text.length);
        return bytes;
    }

    /** Fills a request. */
    public interface Reading {
        void read(InferenceRequest request) throws RequestException;
    }

    /** Is given the answer while it is valid. */
    public interface Answered {
        void answered(InferenceRequest request, InferenceAnswer answer);
    }

    public ServedModel model() {
        return model;
    }

    /** Asks in whatever protocol. */
    public void ask(Reading reading, Answered answered) throws RequestException {
        request.reset();
        reading.read(request);
        submit(answered);
    }

    private String run(Writing writing) throws RequestException {
        JsonBytes out = new JsonBytes();
        submit((done, answer) -> writing.write(answer, out));
        return new String(out.toByteArray(), StandardCharsets.UTF_8);
    }

    private void submit(Answered answered) throws RequestException {
        RequestException[] failure = new RequestException[1];
        engine.submit(request, new InferenceEngine.Completion() {
            @Override
            public void answered(InferenceRequest done, InferenceAnswer answer) {
                answered.answered(done, answer);
            }

            @Override
            public void failed(InferenceRequest done, RequestException why) {
                failure[0] = why;
            }
        });
        if (failure[0] != null) {
            throw failure[0];
        }
    }

    @Override
    public void close() {
        engine.close();
        request.free();
        model.close();
    }
}
