package dev.tatara.operator.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JacksonException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AlertReaderTest {
    /** As an Alertmanager 0.31 posts it, and a field that is not known yet. */
    private static final String POST = """
            {"receiver":"tatara","status":"firing","alerts":[
              {"status":"firing","labels":{"alertname":"HighModelDrift","namespace":"ml","service":"churn","severity":"critical"},
               "annotations":{"summary":"The model drifts","description":"0.42"},
               "startsAt":"2026-11-21T06:00:00.123456789Z","endsAt":"0001-01-01T00:00:00Z",
               "generatorURL":"http://prometheus:9090/graph?g0.expr=x","fingerprint":"6ac4b5b6f1c2a3d4","new":{"nested":[1,{"a":null}]}},
              {"status":"resolved","labels":{},"annotations":{},"startsAt":"2026-11-21T07:00:00+01:00",
               "endsAt":"2026-11-21T06:05:00Z","generatorURL":"","fingerprint":"00aa"}],
             "groupLabels":{"alertname":"HighModelDrift"},"commonLabels":{},"commonAnnotations":{},
             "externalURL":"http://alertmanager:9093","version":"4","groupKey":"{}:{}","truncatedAlerts":0,"later":[[1]]}
            """;

    @Test
    void readsWhatAnAlertmanagerPosts() throws Exception {
        assertThat(read(POST, 2))
                .containsExactly(
                        new AlertNews(
                                "6ac4b5b6f1c2a3d4",
                                true,
                                Instant.parse("2026-11-21T06:00:00.123456789Z"),
                                null,
                                Map.of(
                                        "alertname", "HighModelDrift",
                                        "namespace", "ml",
                                        "service", "churn",
                                        "severity", "critical")),
                        new AlertNews(
                                "00aa",
                                false,
                                Instant.parse("2026-11-21T06:00:00Z"),
                                Instant.parse("2026-11-21T06:05:00Z"),
                                Map.of()));
    }

    @Test
    void refusesMoreThanItMayRead() {
        assertThatThrownBy(() -> read(POST, 1))
                .isInstanceOfSatisfying(RefusedPost.class, refusal -> assertThat(refusal.status())
                        .isEqualTo(413))
                .hasMessageContaining("max_alerts");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[]|a post of an Alertmanager",
                "``|found the end",
                "{}|expected version 4",
                "{\"version\": \"3\", \"alerts\": []}|expected version 4 of the payload, found 3",
                "{\"version\": 4}|expected version, a text",
                "{\"version\": \"4\", \"alerts\": {}}|alerts, a list",
                "{\"version\": \"4\", \"alerts\": [1]}|an alert, a JSON object",
                "{\"alerts\": [{\"status\": \"firing\", \"startsAt\": \"2026-11-21T06:00:00Z\"}]}|a fingerprint",
                "{\"alerts\": [{\"status\": \"firing\", \"fingerprint\": \"a\"}]}|startsAt, found none in a",
                "{\"alerts\": [{\"status\": \"on\", \"fingerprint\": \"a\", \"startsAt\": \"2026-11-21T06:00:00Z\"}]}|firing or resolved, found on in a",
                "{\"alerts\": [{\"fingerprint\": \"a\", \"startsAt\": \"2026-11-21T06:00:00Z\"}]}|firing or resolved, found null",
                "{\"alerts\": [{\"startsAt\": \"yesterday\"}]}|expected startsAt to be a time",
                "{\"alerts\": [{\"labels\": {\"a\": 1}}]}|expected labels, a text"
            })
    void saysWhatIsWrong(String body, String words) {
        assertThatThrownBy(() -> read(body, 10))
                .isInstanceOfSatisfying(RefusedPost.class, refusal -> assertThat(refusal.status())
                        .isEqualTo(400))
                .hasMessageContaining(words);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"{\"version\": \"4\"", "{\"version\": \"4\", \"x\": tru}", "{\"alerts\": [{]}"})
    void whatIsNoJsonIsNoPost(String body) {
        assertThatThrownBy(() -> read(body, 10)).isInstanceOf(JacksonException.class);
    }

    @Test
    void nestedWithoutEndIsNoPost() {
        assertThatThrownBy(() -> read("{\"x\": " + "[".repeat(100_000), 10)).isInstanceOf(JacksonException.class);
    }

    @Test
    void withoutAlertsThereIsNothingToTake() throws Exception {
        assertThat(read("{\"alerts\": null, \"version\": \"4\"}", 10)).isEmpty();
    }

    private static List<AlertNews> read(String body, int most) throws IOException, RefusedPost {
        var alerts = new ArrayList<AlertNews>();
        var count =
                AlertReader.read(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)), most, alerts::add);
        assertThat(count).isEqualTo(alerts.size());
        return alerts;
    }
}
