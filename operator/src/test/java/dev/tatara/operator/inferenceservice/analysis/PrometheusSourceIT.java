package dev.tatara.operator.inferenceservice.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tatara.api.v1alpha1.common.LocalReference;
import dev.tatara.api.v1alpha1.rollout.Check;
import dev.tatara.operator.inferenceservice.analysis.Measurements.Answer;
import dev.tatara.testing.CachedTool;
import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus, one that asks for a password, and a real API server for the Secret. */
class PrometheusSourceIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Map<String, String> NAMES =
            Map.of("stable", "7d9f", "candidate", "55ab", "service", "churn", "namespace", "ml");

    @TempDir
    private static Path folder;

    private static final List<Process> PROCESSES = new ArrayList<>();

    @AutoClose
    private static final KubeApi api = KubeApi.start();

    private static String open;
    private static String closed;

    @BeforeAll
    static void start() throws Exception {
        api.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("ml")
                        .endMetadata()
                        .build())
                .create();
        open = prometheus("open");
        // The password of the documentation of Prometheus: test.
        var web = Files.writeString(folder.resolve("web.yaml"), """
                basic_auth_users: {admin: "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay"}
                """);
        closed = prometheus("closed", "--web.config.file=" + web);
    }

    @AfterAll
    static void stop() throws Exception {
        PROCESSES.forEach(Process::destroy);
        for (var process : PROCESSES) {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void aQueryGivesANumber() throws Exception {
        assertThat(ask(open, "vector(0.42)")).isEqualTo(new Answer.Value(0.42));
        assertThat(ask(open, "scalar(vector(3))")).isEqualTo(new Answer.Value(3));
        assertThat(ask(open + "/", "vector(1) / 0")).isEqualTo(new Answer.Value(Double.POSITIVE_INFINITY));
        assertThat(ask(open, "vector(0) / 0")).isEqualTo(new Answer.Value(Double.NaN));
    }

    @Test
    void revisionsAreFilledIn() throws Exception {
        var query = "label_replace(vector(3), \"revision\", \"{{%s}}\", \"\", \"\") and on(revision)"
                + " label_replace(vector(1), \"revision\", \"55ab\", \"\", \"\")";

        assertThat(ask(open, query.formatted("candidate"))).isEqualTo(new Answer.Value(3));
        assertThat(why(ask(open, query.formatted("stable")))).contains("gives nothing yet");
        assertThat(why(ask(open, query.formatted("canary")))).contains("{{canary}}", "{{candidate}}");
    }

    @Test
    void whatIsNoNumberIsSaid() throws Exception {
        assertThat(why(ask(open, "vector(1) or label_replace(vector(2), \"a\", \"b\", \"\", \"\")")))
                .contains("2 series, expected one", "sum(…)");
        assertThat(why(ask(open, "sum("))).contains("refuses the query", "parse error");
        assertThat(why(ask("http://127.0.0.1:1", "vector(1)"))).contains("can't be asked");
        assertThat(why(ask("http://169.254.169.254", "vector(1)"))).contains("metadata address");
        assertThat(why(ask("http://no host", "vector(1)"))).isNotBlank();
    }

    @Test
    void credentialsComeFromASecretOfTheNamespace() throws Exception {
        assertThat(why(ask(closed, "vector(1)"))).contains("401", "secretRef");
        assertThat(why(ask(api.client(), closed, "vector(1)", "prometheus"))).contains("no Secret prometheus");

        api.client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("prometheus")
                        .withNamespace("ml")
                        .endMetadata()
                        .addToStringData("username", "admin")
                        .addToStringData("password", "test\n")
                        .build())
                .create();
        assertThat(ask(api.client(), closed, "vector(1)", "prometheus")).isEqualTo(new Answer.Value(1));
    }

    @Test
    void whatTheOperatorMayNotReadItSays() throws Exception {
        var config = new ConfigBuilder(api.config())
                .withImpersonateUsername("nobody")
                .build();
        try (var nobody = new KubernetesClientBuilder().withConfig(config).build()) {
            assertThat(why(ask(nobody, closed, "vector(1)", "prometheus")))
                    .contains("may not read Secret prometheus", "Role of namespace ml");
        }
    }

    private static Answer ask(String address, String query) throws InterruptedException {
        return ask(api.client(), address, query, null);
    }

    private static Answer ask(KubernetesClient client, String address, String query, String secret)
            throws InterruptedException {
        return new PrometheusSource(client)
                .ask(
                        new Check.Prometheus(
                                address, secret == null ? null : new LocalReference(secret), query, 0.0, null),
                        "ml",
                        NAMES);
    }

    private static String why(Answer answer) {
        assertThat(answer).isInstanceOf(Answer.None.class);
        return ((Answer.None) answer).why();
    }

    /** Starts one and waits until it says where it listens: it is given a free port by the system. */
    private static String prometheus(String name, String... arguments) throws Exception {
        var configuration = Files.writeString(folder.resolve(name + ".yaml"), "global: {scrape_interval: 1h}\n");
        var log = folder.resolve(name + ".log");
        var command = new ArrayList<>(List.of(
                CachedTool.of("prometheus", "prometheus").toString(),
                "--config.file=" + configuration,
                "--storage.tsdb.path=" + folder.resolve(name),
                "--web.listen-address=127.0.0.1:0"));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        PROCESSES.add(process);
        var port = Pattern.compile("Listening on.*?127\\.0\\.0\\.1:(\\d+)");
        await().atMost(LIMIT).until(() -> {
            assertThat(process.isAlive()).as(read(log)).isTrue();
            return port.matcher(read(log)).find() && read(log).contains("Server is ready");
        });
        var matcher = port.matcher(read(log));
        assertThat(matcher.find()).isTrue();
        return "http://127.0.0.1:" + matcher.group(1);
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file);
    }
}
