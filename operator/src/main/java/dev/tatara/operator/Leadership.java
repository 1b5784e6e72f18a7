package dev.tatara.operator;

import dev.tatara.operator.config.OperatorSettings;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.quarkus.runtime.Quarkus;
import java.util.Optional;
import org.jboss.logging.Logger;

/** One replica reconciles, the others wait. Who loses the lease ends; who ends gives the lease back. */
final class Leadership {
    private static final Logger LOG = Logger.getLogger(Leadership.class);

    private final KubernetesClient client;
    private final OperatorSettings.LeaderElection settings;
    private final String identity;
    private volatile boolean ending;

    Leadership(KubernetesClient client, OperatorSettings settings) {
        this.client = client;
        this.settings = settings.leaderElection();
        this.identity = settings.instance();
    }

    /** How to stand for election; empty where a replica is alone. */
    Optional<LeaderElectionConfiguration> configuration() {
        if (!settings.enabled()) {
            return Optional.empty();
        }
        return Optional.of(LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(settings.leaseName())
                .withLeaseNamespace(settings.namespace())
                .withIdentity(identity)
                .withLeaseDuration(settings.leaseDuration())
                .withRenewDeadline(settings.renewDeadline())
                .withRetryPeriod(settings.retryPeriod())
                // Exiting from within the shutdown would wait for itself.
                .withExitOnStopLeading(false)
                .withLeaderCallbacks(new LeaderCallbacks(() -> {}, this::lost, leader -> {}))
                .build());
    }

    /** From now on, no longer leading is as it should be. */
    void end() {
        ending = true;
    }

    /** Gives the lease back, so that the next replica needn't wait until it expires. */
    void release() {
        if (!settings.enabled()) {
            return;
        }
        try {
            var lease = client.leases()
                    .inNamespace(settings.namespace())
                    .withName(settings.leaseName())
                    .get();
            if (lease != null && identity.equals(lease.getSpec().getHolderIdentity())) {
                lease.getSpec().setHolderIdentity("");
                client.resource(lease).update();
            }
        } catch (KubernetesClientException e) {
            LOG.infof("the lease was not given back and expires by itself: %s", e.getMessage());
        }
    }

    private void lost() {
        if (!ending) {
            LOG.warn("this replica no longer leads; it ends, and stands for election again when it is restarted");
            Quarkus.asyncExit(1);
        }
    }
}
