package dev.tatara.operator.alerts;

import dev.tatara.operator.alerts.AlertInbox.Receipt;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * {@code tatara_alert_posts_total{code}} (answers, by status), {@code tatara_alerts_received_total{status}} and
 * {@code tatara_alerts_matched_total} (alerts that a policy waits for, once for each). Each replica counts its own.
 */
final class AlertMeters {
    private final MeterRegistry registry;
    private final Counter firing;
    private final Counter resolved;
    private final Counter matched;

    AlertMeters(MeterRegistry registry) {
        this.registry = registry;
        this.firing = received("firing");
        this.resolved = received("resolved");
        this.matched = Counter.builder("tatara.alerts.matched")
                .description("Alerts that a policy waits for, once for each policy")
                .register(registry);
    }

    private Counter received(String status) {
        return Counter.builder("tatara.alerts.received")
                .description("Alerts in posts that were taken")
                .tag("status", status)
                .register(registry);
    }

    void taken(Receipt receipt) {
        firing.increment(receipt.firing());
        resolved.increment(receipt.resolved());
        matched.increment(receipt.matched());
    }

    void answered(int code) {
        Counter.builder("tatara.alert.posts")
                .description("Posts of Alertmanagers, by the answer's status")
                .tag("code", Integer.toString(code))
                .register(registry)
                .increment();
    }
}
