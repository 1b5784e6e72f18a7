package dev.tatara.testing;

import io.fabric8.kubeapitest.KubeAPIServer;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A real API server with its etcd: validation, CEL, admission, server-side apply, RBAC (always on); no controllers and no nodes, so
 * Jobs and Deployments stay as they are until a test writes their status, nothing is garbage-collected, and aggregated
 * ClusterRoles (admin, edit, view among them) stay empty. Ports are
 * free ones, so several may run at once.
 *
 * <p>The binaries come from {@code hack/tools kube-api-test}. They are looked for in the system property {@code
 * tatara.kube-api-test.dir}, else in {@code ${XDG_CACHE_HOME:-~/.cache}/tatara/kube-api-test}; the version is in the
 * system property {@code tatara.kubernetes.version}, else the only one that is there.
 */
public final class KubeApi implements AutoCloseable {
    private static final String INSTALL = "run hack/tools kube-api-test";

    private final KubeAPIServer server;
    private final Path kubectl;
    private final String kubeconfig;
    private final List<KubernetesClient> clients = new ArrayList<>();
    private final KubernetesClient admin;

    private KubeApi(KubeAPIServer server, Path kubectl) {
        this.server = server;
        this.kubectl = kubectl;
        this.kubeconfig = server.getKubeConfigYaml();
        this.admin = open(config());
    }

    /**
     * Starts an API server and waits until it answers.
     *
     * @param flags further flags of kube-apiserver, by name without dashes
     * @throws IllegalStateException if the binaries are missing; the message has the command that installs them
     */
    public static KubeApi start(Map<String, String> flags) {
        Binaries binaries = binaries();
        KubeAPIServerConfigBuilder config = KubeAPIServerConfigBuilder.anAPIServerConfig()
                .withOfflineMode(true)
                .withTestDir(home().toString())
                .withApiServerVersion(binaries.version())
                .withUpdateKubeConfig(false)
                // Machines are slow and shared; the default of a minute is none too much for a cold start.
                .withStartupTimeout(180_000);
        flags.forEach((name, value) -> config.withApiServerFlag("--" + name, value));
        KubeAPIServer server = new KubeAPIServer(config.build());
        try {
            server.start();
        } catch (RuntimeException e) {
            server.stop();
            throw e;
        }
        return new KubeApi(server, binaries.folder().resolve("kubectl"));
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

    /**
     * What kubectl prints, as a user who may do everything sees it; errors included.
     *
     * @param arguments what stands behind {@code kubectl} on the command line
     */
    public String kubectl(String... arguments) {
        try {
            Path config = Files.createTempFile("kubeconfig-", ".yaml");
            try {
                Files.writeString(config, kubeconfig);
                List<String> command = new ArrayList<>(List.of(kubectl.toString(), "--kubeconfig", config.toString()));
                command.addAll(List.of(arguments));
                Process process =
                        new ProcessBuilder(command).redirectErrorStream(true).start();
                process.getOutputStream().close();
                return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } finally {
                Files.delete(config);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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

    /** The folder with the programs of one version, by that version. */
    private static Binaries binaries() {
        Path folders = home().resolve("k8s");
        String suffix = "-linux-" + (System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64");
        String version = System.getProperty("tatara.kubernetes.version", "");
        if (version.isBlank()) {
            version = newest(folders, suffix);
        }
        Path folder = folders.resolve(version + suffix);
        for (String program : List.of("etcd", "kube-apiserver", "kubectl")) {
            if (!Files.isExecutable(folder.resolve(program))) {
                throw new IllegalStateException(
                        "expected the program " + folder.resolve(program) + ", found none: " + INSTALL);
            }
        }
        return new Binaries(version, folder);
    }

    private static String newest(Path folders, String suffix) {
        try (var found = Files.list(folders)) {
            return found.map(folder -> folder.getFileName().toString())
                    .filter(name -> name.endsWith(suffix))
                    .map(name -> name.substring(0, name.length() - suffix.length()))
                    .max(Comparator.comparing(Runtime.Version::parse))
                    .orElseThrow(() -> new IllegalStateException(
                            "expected an API server in " + folders + ", found none: " + INSTALL));
        } catch (IOException e) {
            throw new IllegalStateException("expected an API server in " + folders + ", found none: " + INSTALL, e);
        }
    }

    private record Binaries(String version, Path folder) {}
}
