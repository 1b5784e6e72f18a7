package dev.tatara.operator.fleet;

import dev.tatara.operator.kubernetes.Labels;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Plays Deployment controller, scheduler and kubelet: a Deployment gets as many pods as it asks for, each with an
 * address of its own on this machine, and they are ready a while after. Pods aren't replaced when a template changes.
 */
final class SimulatedPods implements AutoCloseable {
    private final KubernetesClient client;
    private final Duration startUp;
    private final SimulatedAdminPort admin;
    private final AtomicInteger addresses = new AtomicInteger();
    private final Map<String, Group> groups = new ConcurrentHashMap<>();
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final SharedIndexInformer<Deployment> informer;

    SimulatedPods(KubernetesClient client, Duration startUp, SimulatedAdminPort admin) {
        this.client = client;
        this.startUp = startUp;
        this.admin = admin;
        this.informer = client.apps()
                .deployments()
                .inAnyNamespace()
                .withLabelSelector(Labels.MANAGED_SELECTOR)
                .inform(new ResourceEventHandler<>() {
                    @Override
                    public void onAdd(Deployment deployment) {
                        change(deployment);
                    }

                    @Override
                    public void onUpdate(Deployment before, Deployment deployment) {
                        change(deployment);
                    }

                    @Override
                    public void onDelete(Deployment deployment, boolean unknown) {
                        executor.execute(() -> group(deployment).end());
                    }
                });
    }

    private void change(Deployment deployment) {
        var observed =
                deployment.getStatus() == null ? null : deployment.getStatus().getObservedGeneration();
        if (!deployment.getMetadata().getGeneration().equals(observed)) {
            executor.execute(() -> group(deployment).follow(deployment));
        }
    }

    private Group group(Deployment deployment) {
        return groups.computeIfAbsent(deployment.getMetadata().getUid(), uid -> new Group());
    }

    int pods() {
        return groups.values().stream().mapToInt(Group::size).sum();
    }

    @Override
    public void close() {
        informer.stop();
        executor.shutdownNow();
    }

    /** The pods of one Deployment. */
    private final class Group {
        private final Map<String, Pod> pods = new TreeMap<>();
        private long generation;
        private boolean ended;

        synchronized int size() {
            return pods.size();
        }

        synchronized void follow(Deployment deployment) {
            if (ended || deployment.getMetadata().getGeneration() <= generation) {
                return;
            }
            generation = deployment.getMetadata().getGeneration();
            var wanted = deployment.getSpec().getReplicas();
            var isGrowing = pods.size() < wanted;
            while (pods.size() > wanted) {
                delete(pods.remove(((TreeMap<String, Pod>) pods).lastKey()));
            }
            for (int number = 0; pods.size() < wanted; number++) {
                var name = deployment.getMetadata().getName() + "-" + number;
                if (!pods.containsKey(name)) {
                    pods.put(name, create(name, deployment));
                }
            }
            if (isGrowing) {
                CompletableFuture.delayedExecutor(startUp.toMillis(), TimeUnit.MILLISECONDS, executor)
                        .execute(() -> getReady(deployment));
            } else {
                tell(deployment);
            }
        }

        synchronized void end() {
            ended = true;
            pods.values().forEach(SimulatedPods.this::delete);
            pods.clear();
        }

        private synchronized void getReady(Deployment deployment) {
            if (ended) {
                return;
            }
            pods.replaceAll((name, pod) -> pod.getStatus().getPodIP() == null ? start(pod) : pod);
            tell(deployment);
        }

        private void tell(Deployment deployment) {
            var count = pods.size();
            tolerant(() -> client.resource(new DeploymentBuilder(deployment)
                            .editMetadata()
                            .withResourceVersion(null)
                            .withManagedFields()
                            .endMetadata()
                            .withNewStatus()
                            .withObservedGeneration(generation)
                            .withReplicas(count)
                            .withUpdatedReplicas(count)
                            .withReadyReplicas(count)
                            .withAvailableReplicas(count)
                            .addNewCondition()
                            .withType("Available")
                            .withStatus("True")
                            .withReason("MinimumReplicasAvailable")
                            .withLastTransitionTime(now())
                            .endCondition()
                            .endStatus()
                            .build())
                    .patchStatus());
        }
    }

    private Pod create(String name, Deployment deployment) {
        var template = deployment.getSpec().getTemplate();
        return client.resource(new PodBuilder()
                        .withNewMetadataLike(template.getMetadata())
                        .withName(name)
                        .withNamespace(deployment.getMetadata().getNamespace())
                        .withOwnerReferences(new OwnerReferenceBuilder()
                                .withApiVersion("apps/v1")
                                .withKind("Deployment")
                                .withName(deployment.getMetadata().getName())
                                .withUid(deployment.getMetadata().getUid())
                                .withController(true)
                                .build())
                        .endMetadata()
                        .withNewSpecLike(template.getSpec())
                        .withNodeName("simulated")
                        .endSpec()
                        .build())
                .create();
    }

    private Pod start(Pod pod) {
        var number = addresses.incrementAndGet();
        var address = "127." + (1 + number / 62_500) + "." + number / 250 % 250 + "." + (1 + number % 250);
        admin.open(address, pod.getMetadata().getLabels().get(Labels.REVISION));
        var running = new PodBuilder(pod)
                .withNewStatus()
                .withPhase("Running")
                .withPodIP(address)
                .withStartTime(now())
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .withLastTransitionTime(now())
                .endCondition()
                .addNewContainerStatus()
                .withName(pod.getSpec().getContainers().getFirst().getName())
                .withImage(pod.getSpec().getContainers().getFirst().getImage())
                .withImageID("")
                .withReady(true)
                .withRestartCount(0)
                .withNewState()
                .withNewRunning(now())
                .endState()
                .endContainerStatus()
                .endStatus()
                .build();
        running.getMetadata().setResourceVersion(null);
        running.getMetadata().setManagedFields(null);
        tolerant(() -> client.resource(running).patchStatus());
        return running;
    }

    private void delete(Pod pod) {
        admin.close(pod.getStatus().getPodIP());
        tolerant(() -> client.resource(pod).withGracePeriod(0).delete());
    }

    /** What is to be told of may be gone. */
    private static void tolerant(Runnable call) {
        try {
            call.run();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
