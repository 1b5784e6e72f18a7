package dev.tatara.runtime.it;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Asks over REST, by one HTTP/1.1 connection. */
final class KeptConnection implements Asker {
    private static final String BODY = "[5.1,3.5,1.4,0.2]";
    private static final byte[] REQUEST =
            ("POST /predict HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: "
                            + BODY.length() + "\r\n\r\n" + BODY)
                    .getBytes(StandardCharsets.US_ASCII);

    private final Socket socket;
    private final InputStream in;

    KeptConnection(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    @Override
    public void ask() throws IOException {
        socket.getOutputStream().write(REQUEST);
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the connection was closed after: " + head);
            }
            head.append((char) next);
        }
        String lower = head.toString().toLowerCase(Locale.ROOT);
        if (!lower.startsWith("http/1.1 200")) {
            throw new IOException(head.toString());
        }
        int from = lower.indexOf("content-length:") + "content-length:".length();
        in.skipNBytes(
                Long.parseLong(lower.substring(from, lower.indexOf('\r', from)).strip()));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
