package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.TestModels;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client can do without a single wrong byte: be slow, be many, be large. Others must not notice. */
@Timeout(120)
class HostileClientsIT {
    private static final String ROW = "[5.1,3.5,1.4,0.2]";
    private static final int IDLE_CONNECTIONS = 10_000;
    private static final int MIB = 1 << 20;
    private static final long GIB = 1L << 30;
    private static final long MOST_PER_CONNECTION = 32 << 10;

    private static ServerProcess start(Map<String, String> more) {
        Map<String, String> settings = new java.util.HashMap<>(more);
        settings.put("MODEL_URI", TestModels.path("iris").toUri().toString());
        return ServerProcess.start(settings);
    }

    private static void answersOthers(ServerProcess server) throws Exception {
        long started = System.nanoTime();
        assertThat(server.post("/predict", ROW).statusCode()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void tenThousandIdleConnectionsCostLittle() throws Exception {
        List<SocketChannel> idle = new ArrayList<>();
        try (ServerProcess server = start(Map.of())) {
            answersOthers(server);
            long before = server.residentBytes();
            for (int i = 0; i < IDLE_CONNECTIONS; i++) {
                idle.add(SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port())));
            }
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(server.openFiles())
                    .isGreaterThanOrEqualTo(IDLE_CONNECTIONS));
            answersOthers(server);
            long each = (server.residentBytes() - before) / IDLE_CONNECTIONS;
            System.out.printf("an idle connection costs %d bytes%n", each);
            assertThat(each).isLessThan(MOST_PER_CONNECTION);
            closeAll(idle);
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(server.openFiles())
                    .isLessThan(IDLE_CONNECTIONS / 10));
            answersOthers(server);
        } finally {
            closeAll(idle);
        }
    }

    private static void closeAll(List<SocketChannel> channels) throws IOException {
        for (SocketChannel channel : channels) {
            channel.close();
        }
    }

    /** Each sends a byte now and then, for ever: headers, or a body. */
    @Test
    void dripFeedersAreCutOff() throws Exception {
        try (ServerProcess server = start(
                        Map.of("TATARA_RUNTIME_HTTP_HEADER_TIMEOUT", "1s", "TATARA_RUNTIME_HTTP_BODY_TIMEOUT", "2s"));
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> cutOff = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                cutOff.add(clients.submit(() -> drip(server, "GET /v2/health/live HTTP/1.1\r\nHost: x\r\nX-A: ")));
                cutOff.add(
                        clients.submit(
                                () -> drip(
                                        server,
                                        "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n[")));
            }
            answersOthers(server);
            for (Future<String> client : cutOff) {
                assertThat(client.get()).as("what a drip feeder got").doesNotContain(" 200 ", " 500 ");
            }
            answersOthers(server);
            Awaitility.await()
                    .untilAsserted(() ->
                            assertThat(server.get("/metrics").body()).contains("prediction_requests_in_flight 1.0"));
        }
    }

    /** Drips until the server has enough, and returns what it said. */
    private static String drip(ServerProcess server, String head) throws Exception {
        long started = System.nanoTime();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(100);
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(StandardCharsets.US_ASCII));
            StringBuilder got = new StringBuilder();
            byte[] buffer = new byte[1024];
            while (System.nanoTime() - started < Duration.ofSeconds(30).toNanos()) {
                try {
                    int count = socket.getInputStream().read(buffer);
                    if (count < 0) {
                        return got.toString();
                    }
                    got.append(new String(buffer, 0, count, StandardCharsets.US_ASCII));
                } catch (java.net.SocketTimeoutException e) {
                    out.write('1');
                } catch (IOException e) {
                    return got.toString();
                }
            }
        } catch (IOException e) {
            return "cut off: " + e.getMessage();
        }
        throw new AssertionError("dripping for half a minute, and still welcome: " + head);
    }

    @Test
    void aGibibyteIsRefusedBeforeItIsSent() throws Exception {
        try (ServerProcess server = start(Map.of())) {
            String announced = upload(
                    server,
                    "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " + GIB
                            + "\r\n\r\n",
                    false);
            assertThat(announced).contains("413", "max-body-bytes");
            String chunked = upload(
                    server,
                    "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
                    true);
            assertThat(chunked).contains("413", "max-body-bytes");
            answersOthers(server);
            assertThat(server.log()).doesNotContain("OutOfMemoryError");
        }
    }

    /** Sends a gibibyte or as much as is taken, and returns what came back. */
    private static String upload(ServerProcess server, String head, boolean chunked) throws Exception {
        byte[] piece = "1,".repeat(MIB / 2).getBytes(StandardCharsets.US_ASCII);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
                ExecutorService reader = Executors.newVirtualThreadPerTaskExecutor()) {
            socket.setSoTimeout(20_000);
            Future<String> answer = reader.submit(() -> {
                StringBuilder got = new StringBuilder();
                byte[] buffer = new byte[4096];
                try {
                    for (int n = socket.getInputStream().read(buffer);
                            n >= 0;
                            n = socket.getInputStream().read(buffer)) {
                        got.append(new String(buffer, 0, n, StandardCharsets.US_ASCII));
                    }
                } catch (IOException e) {
                    got.append(" (").append(e.getMessage()).append(')');
                }
                return got.toString();
            });
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(StandardCharsets.US_ASCII));
            try {
                for (long sent = 0; sent < GIB; sent += piece.length) {
                    if (chunked) {
                        out.write((Integer.toHexString(piece.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                    }
                    out.write(piece);
                    if (chunked) {
                        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
                    }
                }
            } catch (IOException e) {
                assertThat(e).as("the server has enough").isInstanceOf(java.net.SocketException.class);
            }
            return answer.get();
        }
    }

    /** Together they want far more than the heap of the process. */
    @Test
    void manyLargeBodiesAtOnceDoNotFillTheMemory() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        byte[] piece = "1,".repeat(MIB / 2).getBytes(StandardCharsets.US_ASCII);
        try (ServerProcess server = start(Map.of("_JAVA_OPTIONS", "-Xmx192m"));
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> uploads = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
                sockets.add(socket);
                uploads.add(clients.submit(() -> {
                    OutputStream out = socket.getOutputStream();
                    out.write(("POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                                    + 60 * MIB + "\r\n\r\n[")
                            .getBytes(StandardCharsets.US_ASCII));
                    for (int sent = 0; sent < 50; sent++) {
                        out.write(piece);
                    }
                    return null;
                }));
            }
            for (Future<?> upload : uploads) {
                try {
                    upload.get();
                } catch (java.util.concurrent.ExecutionException e) {
                    assertThat(e.getCause()).as("refused while sending").isInstanceOf(IOException.class);
                }
            }
            answersOthers(server);
            assertThat(server.log()).doesNotContain("OutOfMemoryError").doesNotContain("ERROR");
            assertThat(server.isAlive()).isTrue();
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }
}
