package dev.tatara.runtime.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.runtime.inference.RequestException;
import dev.tatara.runtime.json.Json;
import dev.tatara.runtime.observation.Uploads.Kind;
import dev.tatara.runtime.settings.RuntimeSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeedbackTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-21T06:00:00Z"), ZoneOffset.UTC);
    private static final Identity IDENTITY = new Identity("shop", "churn", "55ab", "churn", "3", "pod", "b007");
    private static final int ROOM = 40_000;

    @TempDir
    Path folder;

    private final AtomicInteger stored = new AtomicInteger();
    private Uploads uploads;
    private Feedback feedback;

    private record Settings() implements RuntimeSettings.Feedback {
        @Override
        public Duration fileInterval() {
            return Duration.ofSeconds(10);
        }

        @Override
        public long maxBufferedBytes() {
            return ROOM;
        }
    }

    @BeforeEach
    void open() throws IOException {
        uploads = new Uploads(
                ArtifactStore.open(StoreSettings.defaults()),
                ArtifactUri.parse("file://" + folder),
                new Uploads.Listener() {
                    @Override
                    public void stored(Kind kind, int records) {
                        stored.addAndGet(records);
                    }

                    @Override
                    public void dropped(Kind kind, int records) {
                        throw new AssertionError("feedback is refused, never dropped");
                    }

                    @Override
                    public void failed(Kind kind) {
                        throw new AssertionError("a folder takes everything");
                    }
                });
        feedback = new Feedback(new Settings(), IDENTITY, uploads, CLOCK);
    }

    @AfterEach
    void close() {
        uploads.close();
    }

    private int accept(String body) throws RequestException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return feedback.accept(new Json(), bytes, 0, bytes.length);
    }

    private String written() throws Exception {
        feedback.flush();
        uploads.start();
        assertThat(uploads.flush(Duration.ofSeconds(30))).isTrue();
        try (Stream<Path> files = Files.walk(folder)) {
            Path file = files.filter(Files::isRegularFile).findFirst().orElseThrow();
            assertThat(folder.relativize(file))
                    .hasToString("feedback/shop/churn/55ab/2026-11-21/06/pod-b007-0.jsonl.gz");
            try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
    }

    @Test
    void everyFormIsTakenAndWrittenAlike() throws Exception {
        assertThat(accept("{\"requestId\":\"a\",\"label\":1}")).isEqualTo(1);
        assertThat(accept("""
                [{"request_id":"b","row":2,"label":"yes","revenue":12.5,"converted":true},
                 {"request_id":"c","figures":{"visits":3},"time":"2026-11-20T07:00:00+01:00"}]
                """)).isEqualTo(2);

        assertThat(written()).isEqualTo("""
                {"time":"2026-11-21T06:00:00Z","received":"2026-11-21T06:00:00Z","request_id":"a","row":0,"label":"1","figures":{}}
                {"time":"2026-11-21T06:00:00Z","received":"2026-11-21T06:00:00Z","request_id":"b","row":2,"label":"yes","figures":{"revenue":12.5,"converted":1.0}}
                {"time":"2026-11-20T06:00:00Z","received":"2026-11-21T06:00:00Z","request_id":"c","row":0,"label":null,"figures":{"visits":3.0}}
                """);
        assertThat(stored).hasValue(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | \"request_id\" is missing",
                "{\"request_id\":\"a\"} | expected a \"label\" or at least one figure",
                "{\"request_id\":7,\"label\":1} | request_id must be a string, got a number",
                "{\"request_id\":\"a\",\"label\":[1]} | label must be a string, a number or a boolean, got an array",
                "{\"request_id\":\"a\",\"label\":null} | label must be a string, a number or a boolean, got null",
                "{\"request_id\":\"a\",\"revenue\":\"much\"} | the figure \"revenue\" must be a number or a boolean, got a string",
                "{\"request_id\":\"a\",\"revenue\":1e999} | the figure \"revenue\" is too large",
                "{\"request_id\":\"a\",\"label\":1,\"row\":-1} | row: expected the row's position",
                "{\"request_id\":\"a\",\"label\":1,\"row\":99999999999999999999} | row: expected the row's position",
                "{\"request_id\":\"a\",\"label\":1,\"time\":\"now\"} | time: expected a time such as",
                "[] | the list is empty",
                "[{\"request_id\":\"a\",\"label\":1},{\"label\":1}] | entry 1: \"request_id\" is missing",
                "7 | feedback must be an object, got a number",
                "{\"request_id\":\"a\" | is not JSON"
            })
    void whatIsNoFeedbackIsNamedAndNothingOfItIsTaken(String body, String message) {
        assertThatThrownBy(() -> accept(body))
                .isInstanceOfSatisfying(
                        RequestException.class, e -> assertThat(e.status()).isEqualTo(400))
                .hasMessageContaining(message);
        feedback.flush();
        assertThat(uploads.isEmpty()).isTrue();
    }

    @Test
    void whatHasNoRoomIsRefused() throws Exception {
        String body = "{\"request_id\":\"" + "x".repeat(200) + "\",\"label\":\"" + "y".repeat(1000) + "\"}";
        int accepted = 0;
        try {
            while (accepted < 1000) {
                accept(body);
                accepted++;
            }
        } catch (RequestException e) {
            assertThat(e.status()).isEqualTo(503);
        }
        assertThat(accepted).isBetween(10, 40);
        written();
        assertThat(stored).hasValue(accepted);
    }

    @Test
    void withoutAStoreNobodyIsToldThatItWasTaken() {
        feedback = new Feedback(new Settings(), IDENTITY, null, CLOCK);
        assertThatThrownBy(() -> accept("{\"request_id\":\"a\",\"label\":1}"))
                .isInstanceOfSatisfying(
                        RequestException.class, e -> assertThat(e.status()).isEqualTo(503))
                .hasMessageContaining("tatara.runtime.store.uri");
    }
}
