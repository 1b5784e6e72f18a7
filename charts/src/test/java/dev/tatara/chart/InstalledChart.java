package dev.tatara.chart;

import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The chart on a real API server: CustomResourceDefinitions, roles and policies are in force; no controller runs. Users
 * are impersonated, so they have what RBAC gives them and nothing else.
 */
final class InstalledChart implements AutoCloseable {
    static final String OPERATOR = "system:serviceaccount:tatara-system:tatara-operator";

    private final KubeApi api;
    private final Map<String, KubernetesClient> users = new ConcurrentHashMap<>();

    private InstalledChart(KubeApi api) {
        this.api = api;
    }

    /**
     * Installs the chart with its defaults.
     *
     * @param more values that differ, as {@code name=value}
     */
    static InstalledChart start(String... more) {
        var api = KubeApi.start();
        var chart = new InstalledChart(api);
        try {
            chart.install(more);
        } catch (RuntimeException | Error e) {
            api.close();
            throw e;
        }
        return chart;
    }

    private void install(String... more) {
        api.installCrds(Repository.MANIFESTS);
        namespace("tatara-system");
        var arguments = new ArrayList<>(List.of("--set", "artifactStore.uri=s3://models,crds.enabled=false"));
        for (var value : more) {
            arguments.addAll(List.of("--set", value));
        }
        var rendered = Helm.template(arguments.toArray(String[]::new)).orFail();
        objects(rendered)
                .forEach(object -> admin().resource(object).fieldManager("helm").serverSideApply());
    }

    /** May do everything. */
    KubernetesClient admin() {
        return api.client();
    }

    KubernetesClient as(String user) {
        return users.computeIfAbsent(user, name -> api.clientAs(name, "system:authenticated"));
    }

    void namespace(String name) {
        admin().resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .serverSideApply();
    }

    /** Binds a ClusterRole in one namespace. */
    void bind(String namespace, String clusterRole, String user) {
        bind(namespace, "ClusterRole", clusterRole, user);
    }

    void bind(String namespace, String kind, String role, String user) {
        admin().resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withName(role + "-" + Integer.toHexString(user.hashCode()))
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", kind, role)
                        .addNewSubject("rbac.authorization.k8s.io", "User", user, null)
                        .build())
                .serverSideApply();
    }

    List<HasMetadata> objects(String yaml) {
        return admin().load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .items();
    }

    /** Applies server-side, without force, as kubectl and GitOps controllers do. */
    GenericKubernetesResource apply(String user, String yaml) {
        var object = as(user).getKubernetesSerialization().unmarshal(yaml, GenericKubernetesResource.class);
        return as(user).resource(object).fieldManager(user).serverSideApply();
    }

    /** Reads, changes and writes an object, as kubectl edit does. */
    void edit(String user, GenericKubernetesResource object, Consumer<GenericKubernetesResource> change) {
        var client = as(user);
        var current = client.resource(object).get();
        change.accept(current);
        client.resource(current).update();
    }

    /** The message of the API server if it refuses, else nothing. */
    static Optional<String> refusal(Runnable request) {
        try {
            request.run();
            return Optional.empty();
        } catch (KubernetesClientException e) {
            if (e.getCode() == 403) {
                return Optional.of(e.getStatus().getMessage());
            }
            throw e;
        }
    }

    @Override
    public void close() {
        api.close();
    }
}
