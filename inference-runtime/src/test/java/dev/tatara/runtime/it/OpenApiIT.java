package dev.tatara.runtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.model.Request;
import com.atlassian.oai.validator.model.Response;
import com.atlassian.oai.validator.model.SimpleRequest;
import com.atlassian.oai.validator.model.SimpleResponse;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.runtime.TestModels;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
            everyExampleIsAnswered(server, model);
            page(server);
        }
    }

    @Test
    void examplesOfFeaturesAreAnsweredToo(@TempDir Path folder) throws Exception {
        try (OnlineStore store = new OnlineStore(folder).fill()) {
            try (ServerProcess server = ServerProcess.start(store.environment())) {
                everyExampleIsAnswered(server, "iris");
            }
            Map<String, String> alone = store.environment();
            alone.remove("MODEL_URI");
            try (ServerProcess server = ServerProcess.start(alone)) {
                everyExampleIsAnswered(server, "Features");
                page(server);
            }
        }
    }

    private static void everyExampleIsAnswered(ServerProcess server, String title) throws Exception {
        String text = server.get("/openapi.json").body();
        OpenApiInteractionValidator validator = OpenApiInteractionValidator.createForInlineApiSpecification(text)
                .build();
        JsonNode document = JSON.readTree(text);
        assertThat(document.get("openapi").asText()).startsWith("3.0");
        assertThat(document.get("info").get("title").asText()).isEqualTo(title);
        for (JsonNode reference : document.findValues("$ref")) {
            assertThat(document.at(reference.asText().substring(1)).isMissingNode())
                    .as(reference.asText())
                    .isFalse();
        }
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            JsonNode post = path.getValue().get("post");
            if (post == null) {
                HttpResponse<String> answer = server.get(path.getKey());
                assertThat(answer.statusCode()).as(path.getKey()).isEqualTo(200);
                assertAsDocumented(validator, SimpleRequest.Builder.get(path.getKey()), answer);
            } else if (!path.getKey().equals("/feedback")) {
                String body = post.at("/requestBody/content")
                        .get("application/json")
                        .get("example")
                        .toString();
                HttpResponse<String> answer = server.post(path.getKey(), body);
                assertThat(answer.statusCode())
                        .as(path.getKey() + " " + body + " " + answer.body())
                        .isEqualTo(200);
                assertAsDocumented(validator, posted(path.getKey(), body), answer);
                HttpResponse<String> refusal = server.post(path.getKey(), "{\"inputs\":7}");
                assertThat(refusal.statusCode()).as(path.getKey()).isEqualTo(400);
                assertThat(validator
                                .validateResponse(path.getKey(), Request.Method.POST, response(refusal))
                                .getMessages())
                        .as(path.getKey())
                        .isEmpty();
            }
        }
    }

    /** Request and answer have the statuses, media types and schemas that the document gives. */
    private static void assertAsDocumented(
            OpenApiInteractionValidator validator, SimpleRequest.Builder request, HttpResponse<String> answer) {
        assertThat(validator.validate(request.build(), response(answer)).getMessages())
                .as(answer.uri() + " " + answer.body())
                .isEmpty();
    }

    private static SimpleRequest.Builder posted(String path, String body) {
        return SimpleRequest.Builder.post(path)
                .withContentType("application/json")
                .withBody(body);
    }

    private static Response response(HttpResponse<String> answer) {
        return SimpleResponse.Builder.status(answer.statusCode())
                .withContentType(answer.headers().firstValue("content-type").orElse(null))
                .withBody(answer.body())
                .build();
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
