package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.runtime.TestModels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The clients that people have get right answers over REST, unmodified. */
class RestClientsIT {
    private static final List<String> TYPES = List.of(
            "FP32", "FP64", "FP16", "BF16", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64",
            "BOOL", "BYTES");
    private static ServerProcess iris;

    @BeforeAll
    static void start() {
        iris = ServerProcess.start(
                Map.of("MODEL_URI", TestModels.path("iris").toUri().toString()));
    }

    @AfterAll
    static void stop() throws Exception {
        iris.close();
    }

    private static ServerProcess identity(String datatype, String name) {
        String file = "identity-" + (datatype.equals("BYTES") ? "string" : datatype.toLowerCase(Locale.ROOT));
        return ServerProcess.launch(
                Map.of("MODEL_URI", TestModels.path(file).toUri().toString(), "MODEL_NAME", name));
    }

    @Test
    void tritonsClientCarriesEveryType() throws Exception {
        // A few at a time: each is a JVM.
        for (int from = 0; from < TYPES.size(); from += 4) {
            List<ServerProcess> servers = new ArrayList<>();
            List<String> arguments = new ArrayList<>();
            try {
                List<String> some = TYPES.subList(from, Math.min(TYPES.size(), from + 4));
                for (String type : some) {
                    servers.add(identity(type, type.toLowerCase(Locale.ROOT)));
                }
                for (int i = 0; i < servers.size(); i++) {
                    servers.get(i).awaitReady();
                    arguments.add(some.get(i) + "=localhost:" + servers.get(i).port());
                }
                String said = PythonClient.run("rest_triton.py", arguments.toArray(String[]::new));
                assertThat(said.lines().filter(line -> line.endsWith("answers as sent")))
                        .hasSize(servers.size());
                for (ServerProcess server : servers) {
                    assertThat(server.log()).doesNotContain("ERROR").doesNotContain("\tat ");
                }
            } finally {
                for (ServerProcess server : servers) {
                    server.close();
                }
            }
        }
    }

    @Test
    void tritonsClientAsksManyThingsAtOnce() throws Exception {
        PythonClient.run("rest_triton.py", "iris=localhost:" + iris.port());
    }

    @Test
    void kservesClientSpeaksV1AndV2() throws Exception {
        assertThat(PythonClient.run("rest_kserve.py", "localhost:" + iris.port()))
                .contains("right answers");
    }

    @Test
    void mlserversCodecsFit() throws Exception {
        try (ServerProcess strings = identity("BYTES", "strings")) {
            strings.awaitReady();
            assertThat(PythonClient.run("rest_mlserver.py", "localhost:" + iris.port(), "localhost:" + strings.port()))
                    .contains("right answers");
        }
    }

    @Test
    void curlGetsAnswersPlainAndCompressed() throws Exception {
        Path body = Files.createTempFile("body-", ".json");
        Path log = Files.createTempFile("curl-", ".log");
        try {
            Files.writeString(body, "{\"instances\":[[5.1,3.5,1.4,0.2]]}");
            String url = "http://localhost:" + iris.port() + "/v1/models/iris:predict";
            String script = "curl -sS --noproxy '*' -H 'Content-Type: application/json' -d @" + body + " " + url
                    + " && gzip -c " + body + " | curl -sS --noproxy '*' --compressed -H 'Content-Encoding: gzip'"
                    + " -H 'Content-Type: application/json' --data-binary @- " + url;
            Process curl = new ProcessBuilder("sh", "-c", script)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            assertThat(curl.waitFor()).as(Files.readString(log)).isZero();
            assertThat(Files.readString(log, StandardCharsets.UTF_8))
                    .isEqualTo("{\"predictions\":[0]}{\"predictions\":[0]}");
        } finally {
            Files.delete(body);
            Files.delete(log);
        }
    }
}
