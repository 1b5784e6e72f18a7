package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.runtime.TestModels;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the page offers to try out works, for whatever model. */
class OpenApiIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            iris           |
            iris           | a,b,c,d
            two-in-two-out |
            identity-string|
            identity-bool  |
            """)
    void everyExampleIsAnswered(String model, String features) throws Exception {
        try (ServerProcess server = ServerProcess.start(Map.of(
                "MODEL_URI",
                TestModels.path(model).toUri().toString(),
                "TATARA_RUNTIME_MODEL_FEATURES",
                features == null ? "" : features))) {
            JsonNode document = JSON.readTree(server.get("/openapi.json").body());
            assertThat(document.get("openapi").asText()).startsWith("3.0");
            assertThat(document.get("info").get("title").asText()).isEqualTo(model);
            for (JsonNode reference : document.findValues("$ref")) {
                assertThat(document.at(reference.asText().substring(1)).isMissingNode())
                        .as(reference.asText())
                        .isFalse();
            }
            for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
                JsonNode post = path.getValue().get("post");
                if (post == null) {
                    assertThat(server.get(path.getKey()).statusCode())
                            .as(path.getKey())
                            .isEqualTo(200);
                } else if (!path.getKey().equals("/feedback")) {
                    String body = post.at("/requestBody/content")
                            .get("application/json")
                            .get("example")
                            .toString();
                    HttpResponse<String> answer = server.post(path.getKey(), body);
                    assertThat(answer.statusCode())
                            .as(path.getKey() + " " + body + " " + answer.body())
                            .isEqualTo(200);
                }
            }
            page(server);
        }
    }

    private static void page(ServerProcess server) throws Exception {
        assertThat(server.get("/docs").body()).contains("swagger-ui").doesNotContain("http");
        assertThat(server.get("/docs/swagger-ui.css").statusCode()).isEqualTo(200);
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<byte[]> script = client.send(
                    HttpRequest.newBuilder(server.uri("/docs/swagger-ui-bundle.js"))
                            .header("Accept-Encoding", "gzip")
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            assertThat(script.headers().firstValue("content-encoding")).contains("gzip");
            assertThat(script.body()).hasSizeBetween(100_000, 600_000);
        }
    }
}
