package dev.tatara.steps.materialize;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.awaitility.Awaitility;

/** A real PostgreSQL on a port of its own, with a user {@code reader}. */
final class PostgresServer implements AutoCloseable {
    static final String USER = "reader";
    static final String PASSWORD = "geheim";

    private final Path folder;
    private final int port;
    private final Process process;

    private PostgresServer(Path folder, int port, Process process) {
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    static PostgresServer start() throws IOException, InterruptedException {
        var programs = programs();
        var folder = Files.createTempDirectory("tatara-postgres-");
        var password = Files.writeString(folder.resolve("password"), PASSWORD);
        var isRoot = "root".equals(System.getProperty("user.name"));
        if (isRoot) {
            // PostgreSQL refuses to run as root.
            run(List.of("chown", "-R", "nobody", folder.toString()), folder);
        }
        var data = folder.resolve("data").toString();
        run(
                as(
                        isRoot,
                        programs.resolve("initdb").toString(),
                        "-D",
                        data,
                        "-U",
                        USER,
                        "--auth=scram-sha-256",
                        "--encoding=UTF8",
                        "--locale=C",
                        "--no-sync",
                        "--pwfile=" + password),
                folder);
        var port = freePort();
        var server = new ProcessBuilder(as(
                        isRoot,
                        programs.resolve("postgres").toString(),
                        "-D",
                        data,
                        "-p",
                        String.valueOf(port),
                        "-c",
                        "listen_addresses=127.0.0.1",
                        "-c",
                        "unix_socket_directories=",
                        "-c",
                        "fsync=off"))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(Files.createTempFile("tatara-postgres-", ".log").toFile())
                .start();
        var started = new PostgresServer(folder, port, server);
        Awaitility.await().atMost(Duration.ofMinutes(1)).ignoreExceptions().until(() -> {
            started.connect().close();
            return true;
        });
        return started;
    }

    String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url(), USER, PASSWORD);
    }

    private static List<String> as(boolean isRoot, String... command) {
        var all = new ArrayList<String>();
        if (isRoot) {
            all.addAll(List.of("setpriv", "--reuid=nobody", "--clear-groups"));
        }
        all.addAll(List.of(command));
        return all;
    }

    private static Path programs() throws IOException {
        var packaged = Path.of("/usr/lib/postgresql");
        if (Files.isDirectory(packaged)) {
            try (var versions = Files.list(packaged)) {
                var newest = versions.map(version -> version.resolve("bin"))
                        .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                        .max(Comparator.naturalOrder());
                if (newest.isPresent()) {
                    return newest.get();
                }
            }
        }
        for (var entry : System.getenv("PATH").split(":", -1)) {
            if (Files.isExecutable(Path.of(entry, "initdb"))) {
                return Path.of(entry);
            }
        }
        throw new IllegalStateException("expected PostgreSQL (initdb and postgres) below /usr/lib/postgresql or in the"
                + " PATH; install it with: apt-get install postgresql");
    }

    private static void run(List<String> command, Path folder) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(command + " failed: " + said);
        }
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !process.isAlive());
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
