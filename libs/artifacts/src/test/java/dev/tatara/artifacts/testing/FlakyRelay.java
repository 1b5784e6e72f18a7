package dev.tatara.artifacts.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands between a client and a server on this machine and spoils connections as it is told, one after the other. */
public final class FlakyRelay implements AutoCloseable {
    private final ServerSocket listener;
    private final int target;
    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private final AtomicInteger connections = new AtomicInteger();

    /** What happens to one connection. */
    public sealed interface Fault {
        /** The request is read and answered with a bare status. */
        record Answer(int status) implements Fault {}

        /** The connection ends after so many bytes from the server. */
        record CutResponse(long afterBytes) implements Fault {}

        /** The connection ends after so many bytes from the client. */
        record CutRequest(long afterBytes) implements Fault {}
    }

    private FlakyRelay(ServerSocket listener, int target) {
        this.listener = listener;
        this.target = target;
    }

    public static FlakyRelay to(int port) {
        try {
            var relay = new FlakyRelay(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), port);
            Thread.ofVirtual().start(relay::accept);
            return relay;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Spoils the next connections that aren't spoiled yet. */
    public FlakyRelay next(Fault... more) {
        for (var fault : more) {
            faults.add(fault);
        }
        return this;
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    public int connections() {
        return connections.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                var client = listener.accept();
                connections.incrementAndGet();
                var fault = faults.poll();
                Thread.ofVirtual().start(() -> serve(client, fault));
            } catch (IOException e) {
                // The listener was closed: the test is over.
                return;
            }
        }
    }

    private void serve(Socket client, Fault fault) {
        try (client) {
            if (fault instanceof Fault.Answer(var status)) {
                client.getInputStream().read(new byte[64 * 1024]);
                client.getOutputStream()
                        .write(("HTTP/1.1 " + status + " Spoiled\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                return;
            }
            try (var server = new Socket(InetAddress.getLoopbackAddress(), target)) {
                var fromClient = fault instanceof Fault.CutRequest(var bytes) ? bytes : Long.MAX_VALUE;
                var fromServer = fault instanceof Fault.CutResponse(var bytes) ? bytes : Long.MAX_VALUE;
                var up = Thread.ofVirtual().start(() -> {
                    pump(client, server, fromClient);
                    close(server);
                    close(client);
                });
                pump(server, client, fromServer);
                close(client);
                close(server);
                up.join();
            }
        } catch (IOException e) {
            // A broken connection is what this class is for.
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pump(Socket from, Socket to, long limit) {
        var buffer = new byte[16 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (long left = limit; left > 0; ) {
                var n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (n < 0) {
                    return;
                }
                out.write(buffer, 0, n);
                left -= n;
            }
        } catch (IOException e) {
            // The other direction was cut.
            return;
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
