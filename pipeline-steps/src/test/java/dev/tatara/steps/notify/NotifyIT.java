package dev.tatara.steps.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.tatara.contracts.Notified;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.steps.PackagedSteps;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged command, as a Job runs it. */
class NotifyIT {
    @TempDir
    private Path folder;

    @Test
    void tellsOnceTheReceiverIsBackAndKeepsItsUrlToItself() throws Exception {
        var answers = new ConcurrentLinkedQueue<>(List.of(503));
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/geheim", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(answers.isEmpty() ? 204 : answers.remove(), -1);
            exchange.close();
        });
        server.start();
        try {
            var address = "http://127.0.0.1:" + server.getAddress().getPort() + "/geheim";
            var ended = new PackagedSteps(folder).run(arguments(address));

            assertThat(ended.exitCode()).as(ended.output()).isZero();
            assertThat(StepResultCodec.fromJson(ended.terminationMessage(), Notified.class))
                    .isEqualTo(
                            StepResult.succeeded("notify", "127.0.0.1 has the message churn/7", new Notified(204, 2)));
            assertThat(ended.output()).contains("answered 503").doesNotContain("geheim");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void saysWhyNobodyWasTold() throws Exception {
        var ended = new PackagedSteps(folder).run(arguments("http://169.254.169.254/geheim"));

        assertThat(ended.exitCode()).as(ended.output()).isEqualTo(2);
        assertThat(StepResultCodec.fromJson(ended.terminationMessage(), Notified.class)
                        .reason())
                .isEqualTo("InvalidReceiver");
        assertThat(ended.output() + ended.terminationMessage()).doesNotContain("geheim");
    }

    private List<String> arguments(String url) throws Exception {
        return List.of(
                "notify",
                "--receiver-type",
                "Webhook",
                "--url-file",
                Files.writeString(folder.resolve("url"), url).toString(),
                "--message-file",
                Files.writeString(folder.resolve("message.json"), "{\"title\": \"churn drifts\"}")
                        .toString(),
                "--id",
                "churn/7");
    }
}
