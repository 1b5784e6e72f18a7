package dev.tatara.runtime.training;

import dev.tatara.artifacts.StoreSettings;
import dev.tatara.runtime.lifecycle.Serving;
import dev.tatara.runtime.model.ModelLoader;
import dev.tatara.runtime.model.ModelUnavailableException;
import dev.tatara.runtime.model.ServedModel;
import dev.tatara.runtime.settings.RuntimeSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sends the server a few requests of every kind, so that a JVM that records an AOT cache sees what a start and the first
 * requests need.
 */
public final class SelfTraining {
    private static final int ROUNDS = 50;
    private static final Duration POLL = Duration.ofMillis(5);
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final String ROW = "[5.1,3.5,1.4,0.2]";

    private SelfTraining() {}

    /**
     * Loads the small classifier that the application carries for this purpose, as a pod loads its model: from an S3
     * store with credentials from a folder.
     */
    public static ServedModel load(ModelLoader loader) throws ModelUnavailableException {
        try (InputStream in = SelfTraining.class.getResourceAsStream("/training/iris.onnx");
                TrainingStore store = new TrainingStore(in.readAllBytes())) {
            Path secret = Files.createTempDirectory("training-");
            Path key = Files.writeString(secret.resolve("AWS_ACCESS_KEY_ID"), "training");
            Path value = Files.writeString(secret.resolve("AWS_SECRET_ACCESS_KEY"), "training");
            try {
                return loader.load(
                        "s3://training/iris.onnx",
                        StoreSettings.defaults().withEndpoint(store.endpoint()).withCredentials(secret, "training"));
            } finally {
                Files.delete(key);
                Files.delete(value);
                Files.delete(secret);
            }
        } catch (IOException e) {
            throw new ModelUnavailableException("cannot load the training model: " + e.getMessage(), e);
        }
    }

    /** Asks on both ports, as soon as they are open and it is known who answers. */
    public static void run(Serving serving, RuntimeSettings settings, AtomicInteger port, AtomicInteger adminPort)
            throws InterruptedException {
        while (port.get() == 0 || adminPort.get() == 0 || !serving.routing().isReady()) {
            Thread.sleep(POLL);
        }
        // Once more, as the operator brings it.
        settings.traffic().table().ifPresent(file -> send(adminPort.get(), "PUT", "/admin/traffic", "", read(file)));
        String name = serving.loaded().model().name();
        String input = serving.loaded().model().inputs().getFirst().name();
        String v2 = "{\"id\":\"1\",\"inputs\":[{\"name\":\"" + input
                + "\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":" + ROW + "}]}";
        for (int i = 0; i < ROUNDS; i++) {
            send(port.get(), "POST", "/v2/models/" + name + "/infer", v2);
            send(port.get(), "POST", "/predict", "{\"features\":" + ROW + "}");
            send(port.get(), "POST", "/predict/batch", "[" + ROW + "," + ROW + "]");
            sendBinary(port.get(), name, input);
        }
        TrainingCalls.send(port.get(), name, input, ROUNDS);
        send(port.get(), "POST", "/predict", "{\"features\":[1]}");
        for (String path :
                new String[] {"/v2", "/v2/models/" + name, "/v2/health/ready", "/health", "/model/info", "/metrics"}) {
            send(port.get(), "GET", path, "");
        }
        for (String path : new String[] {
            "/health/started",
            "/health/live",
            "/health/ready",
            "/metrics",
            "/admin/traffic",
            "/admin/traffic/statistics"
        }) {
            send(adminPort.get(), "GET", path, "");
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static void send(int port, String method, String path, String body) {
        send(port, method, path, "", body.getBytes(StandardCharsets.UTF_8));
    }

    /** The row as the binary tensor extension has it, the answer asked for in the same form. */
    private static void sendBinary(int port, String model, String input) {
        byte[] json = ("{\"inputs\":[{\"name\":\"" + input + "\",\"shape\":[1,4],\"datatype\":\"FP32\","
                        + "\"parameters\":{\"binary_data_size\":16}}],\"parameters\":{\"binary_data_output\":true}}")
                .getBytes(StandardCharsets.UTF_8);
        byte[] body = ByteBuffer.allocate(json.length + 4 * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(json)
                .putFloat(5.1f)
                .putFloat(3.5f)
                .putFloat(1.4f)
                .putFloat(0.2f)
                .array();
        send(
                port,
                "POST",
                "/v2/models/" + model + "/infer",
                "Inference-Header-Content-Length: " + json.length + "\r\n",
                body);
    }

    private static void send(int port, String method, String path, String headers, byte[] body) {
        String head = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers
                + "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n";
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("the server does not answer " + method + " " + path, e);
        }
    }
}
