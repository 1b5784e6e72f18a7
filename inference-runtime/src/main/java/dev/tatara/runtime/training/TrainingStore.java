package dev.tatara.runtime.training;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * As much of an S3 store as a download of one object needs: it answers whatever is asked for with the same bytes. It
 * exists so that a JVM that records an AOT cache sees the S3 client at work.
 */
final class TrainingStore implements AutoCloseable {
    private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
            + "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nETag: \"training\"\r\nConnection: close\r\nContent-Length: ";

    private final ServerSocket socket;
    private final byte[] object;

    TrainingStore(byte[] object) throws IOException {
        this.object = object;
        socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().name("training-store").daemon().start(this::serve);
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket client = socket.accept()) {
                answer(client);
            } catch (IOException e) {
                // Closed, and the loop ends; or a client that hung up, and the next may come.
                Thread.onSpinWait();
            }
        }
    }

    private void answer(Socket client) throws IOException {
        BufferedReader request =
                new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
        String first = request.readLine();
        String line = first;
        while (line != null && !line.isEmpty()) {
            line = request.readLine();
        }
        OutputStream out = client.getOutputStream();
        out.write((HEAD + object.length + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
        if (first != null && first.startsWith("GET ")) {
            out.write(object);
        }
        out.flush();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
