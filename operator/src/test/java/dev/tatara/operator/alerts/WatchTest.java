package dev.tatara.operator.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WatchTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final Map<String, String> CHURN = Map.of("alertname", "HighModelDrift", "service", "churn");

    @Test
    void anAlertHasAllLabelsThatAreWaitedFor() {
        var watch = watch(CHURN, AlertBook.of(null));

        assertThat(watch.concerns(alert(true, CHURN))).isTrue();
        assertThat(watch.concerns(
                        alert(true, Map.of("alertname", "HighModelDrift", "service", "churn", "severity", "critical"))))
                .isTrue();
        assertThat(watch.concerns(alert(true, Map.of("alertname", "HighModelDrift", "service", "fraud"))))
                .isFalse();
        assertThat(watch.concerns(alert(true, Map.of("alertname", "HighModelDrift"))))
                .isFalse();
    }

    @Test
    void aPolicyWithoutLabelsWaitsForNothing() {
        assertThat(watch(Map.of(), AlertBook.of(null)).concerns(alert(true, CHURN)))
                .isFalse();
    }

    @Test
    void whatWasTakenEndsEvenIfOtherLabelsAreWaitedForByNow() {
        var book = AlertBook.of(null).with(List.of(alert(true, CHURN)), NOON);
        var watch = watch(Map.of("alertname", "Other"), book);

        assertThat(watch.concerns(alert(false, CHURN))).isTrue();
        assertThat(watch.concerns(alert(true, CHURN))).isFalse();
    }

    private static Watch watch(Map<String, String> labels, AlertBook book) {
        return new Watch("ml", "churn", "1", labels, book);
    }

    private static AlertNews alert(boolean fires, Map<String, String> labels) {
        return new AlertNews("a", fires, NOON, fires ? null : NOON.plusSeconds(1), labels);
    }
}
