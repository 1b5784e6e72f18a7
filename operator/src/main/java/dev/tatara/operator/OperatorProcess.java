package dev.tatara.operator;

import dev.tatara.operator.config.OperatorSettings;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.monitoring.AggregatedMetrics;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.processing.event.rate.LinearRateLimiter;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;

/** Starts the reconcilers with the process and stops them with it. */
@ApplicationScoped
public class OperatorProcess {
    private static final Logger LOG = Logger.getLogger(OperatorProcess.class);

    private final KubernetesClient client;
    private final OperatorSettings settings;
    private final Leadership leadership;
    private final WriteFence fence;
    private final Metrics metrics;
    private final Instance<Reconciler<? extends HasMetadata>> reconcilers;
    private volatile Operator operator;

    OperatorProcess(
            KubernetesClient client,
            OperatorSettings settings,
            ReconcileMetrics metrics,
            HeldUpNews heldUp,
            WriteFence fence,
            @Any Instance<Reconciler<? extends HasMetadata>> reconcilers) {
        this.client = client;
        this.settings = settings;
        this.leadership = new Leadership(client, settings);
        this.fence = fence;
        this.metrics = new AggregatedMetrics(List.of(metrics, heldUp));
        this.reconcilers = reconcilers;
    }

    void start(@Observes StartupEvent event) {
        operator = new Operator(overrider -> {
            overrider
                    .withKubernetesClient(client)
                    .withCloseClientOnStop(false)
                    .withMetrics(metrics)
                    .checkingCRDAndValidateLocalModel(false)
                    .withConcurrentReconciliationThreads(settings.reconcileThreads())
                    .withStopOnInformerErrorDuringStartup(true);
            leadership.configuration().ifPresent(overrider::withLeaderElectionConfiguration);
        });
        for (var reconciler : reconcilers) {
            register(reconciler);
        }
        // Waiting to be elected must not hold up health checks and metrics.
        Thread.ofVirtual().name("operator-start").start(this::run);
    }

    void stop(@Observes ShutdownEvent event) {
        leadership.end();
        // Before the watches end.
        fence.close();
        if (operator != null) {
            operator.stop();
            leadership.release();
        }
    }

    /** Whether every informer runs. True as well while another replica leads. */
    boolean isHealthy() {
        var running = operator;
        return running != null
                && (!running.getRuntimeInfo().isStarted()
                        || running.getRuntimeInfo().allEventSourcesAreHealthy());
    }

    private <P extends HasMetadata> void register(Reconciler<P> reconciler) {
        operator.register(reconciler, configuration -> configuration
                // Annotations are commands, so a change that leaves the generation alone counts as well;
                // the reconcilers' own status writes end in a comparison that finds nothing to do.
                .withGenerationAware(false)
                .withRateLimiter(new LinearRateLimiter(Duration.ofSeconds(1), 20))
                .withReconciliationMaxInterval(Duration.ofHours(10))
                .withRetry(GenericRetry.defaultLimitedExponentialRetry()
                        .withoutMaxAttempts()
                        .setInitialInterval(500)
                        .setIntervalMultiplier(2)
                        .setMaxInterval(30_000))
                .settingNamespaces(settings.watchNamespaces().orElse(Set.of("JOSDK_ALL_NAMESPACES"))));
    }

    private void run() {
        try {
            operator.start();
            LOG.infof(
                    "reconciling in %s",
                    settings.watchNamespaces().map(Object::toString).orElse("all namespaces"));
        } catch (RuntimeException e) {
            LOG.errorf(e, "the operator could not start: %s", rootCause(e).getMessage());
            Quarkus.asyncExit(1);
        }
    }

    private static Throwable rootCause(Throwable e) {
        return e.getCause() == null ? e : rootCause(e.getCause());
    }
}
