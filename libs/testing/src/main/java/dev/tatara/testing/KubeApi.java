package dev.tatara.testing;

import io.fabric8.kubeapitest.KubeAPIServer;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A real API server with its etcd: validation, CEL, admission, server-side apply, RBAC; no controllers and no nodes, so
 * Jobs and Deployments stay as they are until a test writes their status, and nothing is garbage-collected. Ports are
 * free ones, so several may run at once.
 *
 * <p>The binaries come from {@code hack/tools kube-api-test}. They are looked for in the system property {@code
 * tatara.kube-api-test.dir}, else in {@code ${XDG_CACHE_HOME:-~/.cache}/tatara/kube-api-test}; the version is in the
 * system property {@code tatara.kubernetes.version}, else the only one that is there.
 */
public final class KubeApi implements AutoCloseable {
    private static final String INSTALL = "run hack/tools kube-api-test";

    private final KubeAPIServer server;
    private final String kubeconfig;
    private final List<KubernetesClient> clients = new ArrayList<>();
    private final KubernetesClient admin;

    private KubeApi(KubeAPIServer server) {
        this.server = server;
        this.kubeconfig = server.getKubeConfigYaml();
        this.admin = open(config());
    }

    /**
     * Starts an API server and waits until it answers.
     *
     * @param flags further flags of kube-apiserver, by name without dashes; {@code authorization-mode} → {@code RBAC}
     *     for tests of permissions
     * @throws IllegalStateException if the binaries are missing; the message has the command that installs them
     */
    public static KubeApi start(Map<String, String> flags) {
        Path home = home();
        String version = version(home);
        KubeAPIServerConfigBuilder config = KubeAPIServerConfigBuilder.anAPIServerConfig()
                .withOfflineMode(true)
                .withTestDir(home.toString())
                .withApiServerVersion(version)
                .withUpdateKubeConfig(false)
                // Machines are slow and shared; the default of a minute is none too much for a cold start.
                .withStartupTimeout(180_000);
        flags.forEach((name, value) -> config.withApiServerFlag("--" + name, value));
        KubeAPIServer server = new KubeAPIServer(config.build());
        server.start();
        return new KubeApi(server);
    }

    /** Starts an API server with its usual flags. */
    public static KubeApi start() {
        return start(Map.of());
    }

    /** A client that may do everything. Closed with the server. */
    public KubernetesClient client() {
        return admin;
    }

    /** A client that acts as somebody else, with what RBAC allows them. Closed with the server. */
    public KubernetesClient clientAs(String user, String... groups) {
        Config config = config();
        config.setImpersonateUsername(user);
        config.setImpersonateGroups(groups);
        return open(config);
    }

    /** The kubeconfig of a user who may do everything. */
    public String kubeconfig() {
        return kubeconfig;
    }

    /** A fresh configuration of a client that may do everything, to be changed at will. */
    public Config config() {
        Config config = Config.fromKubeconfig(kubeconfig);
        config.setNamespace("default");
        config.setRequestTimeout(60_000);
        return config;
    }

    /** Creates the CustomResourceDefinitions in a folder of manifests, and waits until they are served. */
    public void installCrds(Path folder) {
        List<Path> manifests;
        try (var files = Files.list(folder)) {
            manifests = files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        if (manifests.isEmpty()) {
            throw new IllegalStateException("expected manifests in " + folder + ", found none");
        }
        var definitions = admin.apiextensions().v1().customResourceDefinitions();
        for (Path manifest : manifests) {
            definitions.load(manifest.toFile()).serverSideApply();
        }
        for (Path manifest : manifests) {
            definitions
                    .load(manifest.toFile())
                    .waitUntilCondition(
                            crd -> crd != null
                                    && crd.getStatus() != null
                                    && crd.getStatus().getConditions().stream()
                                            .anyMatch(condition -> condition
                                                            .getType()
                                                            .equals("Established")
                                                    && condition.getStatus().equals("True")),
                            60,
                            TimeUnit.SECONDS);
        }
    }

    @Override
    public void close() {
        clients.forEach(KubernetesClient::close);
        server.stop();
    }

    private KubernetesClient open(Config config) {
        KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build();
        clients.add(client);
        return client;
    }

    private static Path home() {
        String property = System.getProperty("tatara.kube-api-test.dir", "");
        if (!property.isBlank()) {
            return Path.of(property);
        }
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base =
                cache == null || cache.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
        return base.resolve("tatara").resolve("kube-api-test");
    }

    private static String version(Path home) {
        String suffix = "-linux-"
                + (System.getProperty("os.arch").toLowerCase(Locale.ROOT).equals("aarch64") ? "arm64" : "amd64");
        Path binaries = home.resolve("k8s");
        String wanted = System.getProperty("tatara.kubernetes.version", "");
        if (wanted.isBlank()) {
            try (var folders = Files.list(binaries)) {
                wanted = folders.map(folder -> folder.getFileName().toString())
                        .filter(name -> name.endsWith(suffix))
                        .map(name -> name.substring(0, name.length() - suffix.length()))
                        .sorted()
                        .reduce((first, second) -> second)
                        .orElse("");
            } catch (java.io.IOException e) {
                throw new IllegalStateException(
                        "expected an API server in " + binaries + ", found none: " + INSTALL, e);
            }
        }
        for (String binary : List.of("etcd", "kube-apiserver", "kubectl")) {
            Path file = binaries.resolve(wanted + suffix).resolve(binary);
            if (!Files.isExecutable(file)) {
                throw new IllegalStateException("expected the program " + file + ", found none: " + INSTALL);
            }
        }
        return wanted;
    }
}
