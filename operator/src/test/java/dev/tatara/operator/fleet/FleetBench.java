package dev.tatara.operator.fleet;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.Phase;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.operator.modelversion.Inspections;
import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Brings many services up, lets them rest, and rolls some of them out at the same time: against a real API server, with
 * the packaged operator in a process of its own, while pods are simulated ({@link SimulatedPods}) and so are their
 * acknowledgements ({@link SimulatedAdminPort}). Run by {@code bench/fleet}.
 */
public final class FleetBench {
    static final String SYSTEM = "tatara-system";

    private static final String NAMESPACE = "fleet";
    private static final String ACCOUNT = "tatara-operator";
    private static final Duration LIMIT = Duration.ofMinutes(9);
    private static final Duration START_UP = Duration.ofSeconds(1);
    private static final int AT_ONCE = 16;

    private final int services = Integer.getInteger("bench.services");
    private final int rollouts = Integer.getInteger("bench.rollouts");
    private final int rest = Integer.getInteger("bench.rest");
    private final List<Map<String, Object>> phases = new ArrayList<>();

    private KubernetesClient client;
    private OperatorUnderTest operator;
    private SimulatedPods pods;
    private SimulatedAdminPort admin;
    private SharedIndexInformer<InferenceService> served;

    private FleetBench() {}

    public static void main(String[] arguments) throws Exception {
        new FleetBench().run(Path.of(System.getProperty("bench.folder")));
        // Clients of the simulators keep threads.
        System.exit(0);
    }

    private void run(Path folder) throws Exception {
        var audit = folder.resolve("audit.log");
        Files.writeString(audit, "");
        try (var port = new SimulatedAdminPort();
                var api = KubeApi.start(Map.of(
                        "audit-policy-file", auditPolicy(folder).toString(),
                        "audit-log-path", audit.toString()));
                var kubernetes = simulators(api);
                var _ = Inspections.on(api)) {
            api.installCrds(Path.of("crds/manifests"));
            client = kubernetes;
            admin = port;
            prepare();
            served = client.resources(InferenceService.class)
                    .inNamespace(NAMESPACE)
                    .inform();
            try (var simulated = new SimulatedPods(client, START_UP, admin);
                    var process = new OperatorUnderTest(
                            Path.of(System.getProperty("java.home"), "bin", "java"),
                            Path.of("operator/target/quarkus-app/quarkus-run.jar"),
                            kubeconfig(api, folder),
                            audit,
                            folder.resolve("operator.log"))) {
                pods = simulated;
                operator = process;
                play();
            }
        }
        new ObjectMapper().writeValue(folder.resolve("found.json").toFile(), found());
    }

    private void play() throws Exception {
        until("the operator to be ready", operator::isReady);
        phase("at rest, nothing to do", this::rests);
        forAll(services, number -> version(number, 1));
        until("all models to be verified", () -> verified(1) == services);
        Thread.sleep(Duration.ofSeconds(10));
        phase(services + " services come up", () -> {
            forAll(services, FleetBench::service);
            return awaitServed(IntStream.range(0, services).boxed().toList(), 1);
        });
        Thread.sleep(Duration.ofSeconds(15));
        phase("at rest, " + services + " services", this::rests);
        forAll(rollouts + 1, number -> version(number, 2));
        until("new models to be verified", () -> verified(2) == rollouts + 1);
        Thread.sleep(Duration.ofSeconds(10));
        phase("1 canary", () -> rolled(List.of(rollouts)));
        phase(
                rollouts + " canaries",
                () -> rolled(IntStream.range(0, rollouts).boxed().toList()));
        until("the pods that lost their traffic to go", () -> pods.pods() == services);
        Thread.sleep(Duration.ofSeconds(15));
        phase("at rest, after the canaries", this::rests);
    }

    /** What a phase does; returns when each of its services was done, in seconds after it was asked for. */
    private interface Play extends Callable<List<Double>> {}

    private void phase(String name, Play play) throws Exception {
        var tables = admin.tables();
        var questions = admin.questions();
        var before = operator.read();
        var times = play.call();
        var after = operator.read();
        var requests = operator.requests(before, after);
        var phase = new LinkedHashMap<String, Object>();
        phase.put("name", name);
        phase.put("seconds", (after.nanos() - before.nanos()) / 1e9);
        phase.put("cpu", after.cpu() - before.cpu());
        phase.put("resident", after.resident());
        phase.put("reconciles", OperatorUnderTest.count(before, after));
        phase.put("p50", OperatorUnderTest.quantile(before, after, 0.5));
        phase.put("p99", OperatorUnderTest.quantile(before, after, 0.99));
        phase.put("requests", requests);
        phase.put("tables", admin.tables() - tables);
        phase.put("questions", admin.questions() - questions);
        phase.put("times", times.stream().sorted().toList());
        phases.add(phase);
        var count = requests.values().stream().mapToInt(Integer::intValue).sum();
        System.err.println(name + ": " + phase.get("seconds") + " s, " + phase.get("cpu") + " s CPU, "
                + after.resident() / 1_000_000 + " MB, " + phase.get("reconciles") + " reconciliations, " + count
                + " requests");
    }

    private List<Double> rests() throws InterruptedException {
        Thread.sleep(Duration.ofSeconds(rest));
        return List.of();
    }

    private List<Double> rolled(List<Integer> numbers) throws Exception {
        try (var executor = Executors.newFixedThreadPool(AT_ONCE)) {
            numbers.forEach(number -> executor.execute(() -> client.resources(InferenceService.class)
                    .inNamespace(NAMESPACE)
                    .withName(name(number))
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"spec\":{\"model\":{\"versionRef\":{\"name\":\"" + name(number) + "-2\"}}}}")));
        }
        return awaitServed(numbers, 2);
    }

    /** When each of these services was up to date, in seconds from now. */
    private List<Double> awaitServed(List<Integer> numbers, int version) throws InterruptedException {
        var start = System.nanoTime();
        var done = new HashMap<Integer, Double>();
        until(() -> numbers.size() + " services to be up to date and found " + done.size(), () -> {
            numbers.stream()
                    .filter(number -> !done.containsKey(number) && isServed(number, version))
                    .forEach(number -> done.put(number, (System.nanoTime() - start) / 1e9));
            return done.size() == numbers.size();
        });
        return List.copyOf(done.values());
    }

    private boolean isServed(int number, int version) {
        var service = served.getIndexer().getByKey(NAMESPACE + "/" + name(number));
        return service != null
                && service.getStatus() != null
                && service.getStatus().phase() == Phase.Ready
                && service.getStatus().stable() != null
                && (name(number) + "-" + version)
                        .equals(service.getStatus().stable().modelVersion());
    }

    private long verified(int version) {
        return client.resources(ModelVersion.class).inNamespace(NAMESPACE).list().getItems().stream()
                .filter(found -> found.getMetadata().getName().endsWith("-" + version))
                .filter(found -> found.getStatus() != null && found.getStatus().digest() != null)
                .count();
    }

    private void forAll(int count, IntFunction<HasMetadata> made) throws InterruptedException, ExecutionException {
        try (var executor = Executors.newFixedThreadPool(AT_ONCE)) {
            var all = IntStream.range(0, count)
                    .mapToObj(number -> executor.submit(
                            () -> client.resource(made.apply(number)).create()))
                    .toList();
            for (var each : all) {
                each.get();
            }
        }
    }

    private static String name(int number) {
        return "model-%04d".formatted(number);
    }

    private static ModelVersion version(int number, int version) {
        return Serialization.unmarshal("""
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: ModelVersion
                metadata: {name: %1$s-%2$d, namespace: %3$s}
                spec: {model: %1$s, version: "%2$d", source: {uri: "s3://models/%1$s-%2$d.onnx"}}
                """.formatted(name(number), version, NAMESPACE), ModelVersion.class);
    }

    private static InferenceService service(int number) {
        return Serialization.unmarshal("""
                apiVersion: mlops.tatara.dev/v1alpha1
                kind: InferenceService
                metadata: {name: %1$s, namespace: %2$s}
                spec:
                  model: {versionRef: {name: %1$s-1}}
                  replicas: 1
                  rollout:
                    strategy: Canary
                    scaleDownDelay: 10s
                    canary:
                      steps:
                        - {name: taste, weight: 5, hold: 5s}
                        - {name: half, weight: 50, hold: 5s}
                        - {name: all, weight: 100}
                    analysis:
                      interval: 5s
                      minSamples: 15
                      checks: [{name: errors, errorRate: {max: 0.01}}, {name: p99, latency: {percentile: 99, maxMillis: 500}}]
                """.formatted(name(number), NAMESPACE), InferenceService.class);
    }

    private Map<String, Object> found() {
        return Map.of("services", services, "rollouts", rollouts, "rest", rest, "phases", phases);
    }

    // ---- what has to be there

    private static Path auditPolicy(Path folder) throws IOException {
        return Files.writeString(folder.resolve("audit-policy.yaml"), """
                apiVersion: audit.k8s.io/v1
                kind: Policy
                omitStages: [RequestReceived, ResponseStarted]
                rules:
                - {level: Metadata, users: ["system:serviceaccount:%s:%s"]}
                - {level: None}
                """.formatted(SYSTEM, ACCOUNT));
    }

    private static KubernetesClient simulators(KubeApi api) {
        var config = api.config();
        config.setMaxConcurrentRequests(64);
        config.setMaxConcurrentRequestsPerHost(64);
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private void prepare() {
        // The API server begins with room for 254 Services.
        client.resource(Serialization.unmarshal("""
                apiVersion: networking.k8s.io/v1
                kind: ServiceCIDR
                metadata: {name: fleet}
                spec: {cidrs: [10.96.0.0/16]}
                """, GenericKubernetesResource.class))
                .create();
        for (var name : List.of(SYSTEM, NAMESPACE)) {
            client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .endMetadata()
                            .build())
                    .create();
            // A controller of Kubernetes would make it.
            client.resource(account(name, "default")).create();
        }
        client.resource(account(SYSTEM, ACCOUNT)).create();
        client.resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName(ACCOUNT)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "cluster-admin")
                        .addNewSubject(null, "ServiceAccount", ACCOUNT, SYSTEM)
                        .build())
                .create();
    }

    private static HasMetadata account(String namespace, String name) {
        return new ServiceAccountBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .build();
    }

    /** Of the operator's own account, so that its requests are told from those of the simulators. */
    private Path kubeconfig(KubeApi api, Path folder) throws IOException {
        var token = client.serviceAccounts()
                .inNamespace(SYSTEM)
                .withName(ACCOUNT)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withExpirationSeconds(7200L)
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
        var kubeconfig = Serialization.unmarshal(api.kubeconfig(), io.fabric8.kubernetes.api.model.Config.class);
        kubeconfig.getUsers().forEach(user -> {
            user.getUser().setClientCertificate(null);
            user.getUser().setClientCertificateData(null);
            user.getUser().setClientKey(null);
            user.getUser().setClientKeyData(null);
            user.getUser().setToken(token);
        });
        return Files.writeString(folder.resolve("kubeconfig.yaml"), Serialization.asYaml(kubeconfig));
    }

    private static void until(String what, Callable<Boolean> condition) throws InterruptedException {
        until(() -> what, condition);
    }

    private static void until(Supplier<String> what, Callable<Boolean> condition) throws InterruptedException {
        var end = System.nanoTime() + LIMIT.toNanos();
        try {
            while (!condition.call()) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("expected " + what.get() + " within " + LIMIT);
                }
                Thread.sleep(Duration.ofMillis(100));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(what.get(), e);
        }
    }
}
