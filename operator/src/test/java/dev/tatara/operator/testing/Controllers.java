package dev.tatara.operator.testing;

import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Plays the controllers that an API server alone doesn't have: pods of Deployments get ready (unless a test says
 * otherwise) as soon as they are asked for. Informers drive it, so it reacts within milliseconds.
 */
public final class Controllers implements AutoCloseable {
    private final KubeApi api;
    private final Set<String> broken = ConcurrentHashMap.newKeySet();
    private final SharedIndexInformer<Deployment> informer;

    public Controllers(KubeApi api) {
        this.api = api;
        this.informer = api.client().apps().deployments().inAnyNamespace().inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Deployment deployment) {
                bringUp(deployment);
            }

            @Override
            public void onUpdate(Deployment before, Deployment deployment) {
                bringUp(deployment);
            }

            @Override
            public void onDelete(Deployment deployment, boolean unknown) {}
        });
    }

    /** From now on, pods of Deployments of this revision's model version don't get ready. */
    public void breakVersion(String version) {
        broken.add(version);
    }

    private void bringUp(Deployment deployment) {
        var version = deployment.getSpec().getTemplate().getSpec().getContainers().stream()
                .flatMap(container -> container.getEnv().stream())
                .filter(variable -> variable.getName().equals("MODEL_VERSION"))
                .map(variable -> variable.getValue())
                .findFirst()
                .orElse("");
        var replicas = deployment.getSpec().getReplicas();
        var ready = broken.contains(version) ? 0 : replicas;
        var status = deployment.getStatus();
        if (status != null
                && Objects.equals(
                        status.getObservedGeneration(), deployment.getMetadata().getGeneration())
                && Objects.equals(Objects.requireNonNullElse(status.getAvailableReplicas(), 0), ready)) {
            return;
        }
        api.client()
                .resource(new DeploymentBuilder(deployment)
                        .editMetadata()
                        .withResourceVersion(null)
                        .withManagedFields()
                        .endMetadata()
                        .withNewStatus()
                        .withObservedGeneration(deployment.getMetadata().getGeneration())
                        .withReplicas(replicas)
                        .withUpdatedReplicas(replicas)
                        .withReadyReplicas(ready)
                        .withAvailableReplicas(ready)
                        .endStatus()
                        .build())
                .patchStatus();
    }

    @Override
    public void close() {
        informer.stop();
    }
}
