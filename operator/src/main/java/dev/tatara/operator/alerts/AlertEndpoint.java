package dev.tatara.operator.alerts;

import dev.tatara.operator.config.OperatorSettings;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.InstantSource;
import java.util.Set;
import org.jboss.logging.Logger;

/** Takes alerts while the process runs, whether it leads or waits, if there is a token to know an Alertmanager by. */
@ApplicationScoped
class AlertEndpoint {
    private static final Logger LOG = Logger.getLogger(AlertEndpoint.class);

    private final OperatorSettings settings;
    private final KubernetesClient client;
    private final InstantSource clock;
    private final Vertx vertx;
    private final MeterRegistry registry;
    private AlertServer server;

    AlertEndpoint(
            OperatorSettings settings,
            KubernetesClient client,
            InstantSource clock,
            Vertx vertx,
            MeterRegistry registry) {
        this.settings = settings;
        this.client = client;
        this.clock = clock;
        this.vertx = vertx;
        this.registry = registry;
    }

    void start(@Observes StartupEvent event) {
        var alerts = settings.alerts();
        if (alerts.tokenFile().isEmpty()) {
            return;
        }
        server = new AlertServer(
                vertx,
                new AlertInbox(
                        new AlertStore(client, clock),
                        settings.watchNamespaces().orElse(Set.of()),
                        alerts.maxAlerts()),
                new BearerToken(alerts.tokenFile().get()),
                new AlertMeters(registry),
                alerts.maxBodyBytes());
        LOG.infof("taking alerts at :%d%s", server.start(alerts.port()), AlertServer.PATH);
    }

    void stop(@Observes ShutdownEvent event) {
        if (server != null) {
            server.close();
        }
    }
}
