package dev.tatara.steps.drift;

import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec.ServiceLevel;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec.ServiceWarning;
import dev.tatara.contracts.DriftEvaluated.Breach;
import dev.tatara.contracts.DriftEvaluated.Judgement;
import dev.tatara.contracts.DriftEvaluated.Service;
import dev.tatara.contracts.DriftEvaluated.Verdict;
import dev.tatara.statistics.Pane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Compares what callers met with what they should meet. */
final class ServiceJudge {
    private static final ServiceWarning NO_WARNING = new ServiceWarning(null, null, null);

    private final List<String> breached = new ArrayList<>();
    private final List<String> warned = new ArrayList<>();
    private final List<String> good = new ArrayList<>();
    private final List<String> open = new ArrayList<>();

    private ServiceJudge() {}

    /** What the panes tell; of panes without a section on traffic nothing. */
    static Optional<Service> service(Pane live) {
        if (live.traffic() == null) {
            return Optional.empty();
        }
        var traffic = live.traffic();
        var seconds = Duration.between(live.start(), live.end()).toMillis() / 1000.0;
        var p99 = traffic.latency().count() == 0
                ? null
                : traffic.latency().quantile(0.99).toNanos() / 1e6;
        return Optional.of(new Service(
                traffic.requests(), p99, traffic.errorRate(), seconds > 0 ? traffic.requests() / seconds : null));
    }

    /**
     * Judges.
     *
     * @param minSamples requests that it takes for a verdict on latency and errors
     */
    static Verdict judge(ServiceLevel level, Pane live, long minSamples) {
        var service = service(live);
        if (service.isEmpty()) {
            return new Verdict(
                    Breach.ServiceLevel,
                    Judgement.InsufficientData,
                    "pods don't tell of their requests: serve with a newer image (spec.runtime.upgrade)");
        }
        return new ServiceJudge().judge(level, service.get(), minSamples);
    }

    private Verdict judge(ServiceLevel level, Service service, long minSamples) {
        var warn = level.warn() == null ? NO_WARNING : level.warn();
        if (service.requests() < minSamples && (level.latencyP99Millis() != null || level.errorRate() != null)) {
            open.add("%d requests in the window, expected %d or more".formatted(service.requests(), minSamples));
        } else {
            atMost("p99 %s ms", service.p99Millis(), level.latencyP99Millis(), warn.latencyP99Millis());
            atMost("error rate %s", service.errorRate(), level.errorRate(), warn.errorRate());
        }
        atLeast("%s requests/s", service.requestsPerSecond(), level.throughputMin(), warn.throughputMin());
        if (!breached.isEmpty()) {
            return verdict(Judgement.Breached, breached);
        }
        if (!warned.isEmpty()) {
            return verdict(Judgement.Warning, warned);
        }
        return open.isEmpty() ? verdict(Judgement.Good, good) : verdict(Judgement.InsufficientData, open);
    }

    private static Verdict verdict(Judgement judgement, List<String> reasons) {
        return new Verdict(Breach.ServiceLevel, judgement, String.join("; ", reasons));
    }

    private void atMost(String words, Double value, Double most, Double warning) {
        if (most == null) {
            return;
        }
        if (value == null) {
            open.add("no request was answered well");
            return;
        }
        var text = words.formatted(Words.number(value));
        if (value > most) {
            breached.add(text + ", expected at most " + Words.number(most));
        } else if (warning != null && value > warning) {
            warned.add(text + ", a warning is above " + Words.number(warning));
        } else {
            good.add(text);
        }
    }

    private void atLeast(String words, Double value, Double least, Double warning) {
        if (least == null) {
            return;
        }
        if (value == null) {
            open.add("the window covers no time");
            return;
        }
        var text = words.formatted(Words.number(value));
        if (value < least) {
            breached.add(text + ", expected at least " + Words.number(least));
        } else if (warning != null && value < warning) {
            warned.add(text + ", a warning is below " + Words.number(warning));
        } else {
            good.add(text);
        }
    }
}
