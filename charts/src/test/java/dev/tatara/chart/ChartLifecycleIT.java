package dev.tatara.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Install, upgrade and uninstall by helm itself, on a real API server (where no pod ever runs). */
class ChartLifecycleIT {
    @AutoClose
    private static final KubeApi api = KubeApi.start();

    @TempDir
    Path folder;

    @Test
    void upgradesInPlaceAndLeavesPeoplesObjectsBehind() throws IOException {
        helm("install", "--create-namespace", "--set", "operator.replicas=0");
        var model = api.client()
                .getKubernetesSerialization()
                .unmarshal(
                        Repository.read(Repository.SAMPLES.resolve("modelversion-minimal.yaml")),
                        GenericKubernetesResource.class);
        api.client().resource(model).inNamespace("default").create();

        assertThat(helm("upgrade", "--set", "operator.replicas=0,rollout.scaleDownDelay=1m"))
                .contains("uninstall` leaves the CustomResourceDefinitions and everybody's objects in place");
        var operator = api.client()
                .apps()
                .deployments()
                .inNamespace("tatara-system")
                .withName("tatara-operator")
                .get();
        assertThat(operator.getMetadata().getGeneration()).isEqualTo(2);
        assertThat(operator.getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getEnv())
                .anySatisfy(variable -> {
                    assertThat(variable.getName()).isEqualTo("TATARA_OPERATOR_ROLLOUT_SCALE_DOWN_DELAY");
                    assertThat(variable.getValue()).isEqualTo("1m");
                });

        helm("uninstall");
        assertThat(api.client().resource(model).inNamespace("default").get()).isNotNull();
        assertThat(api.client().rbac().clusterRoles().list().getItems())
                .noneMatch(role -> role.getMetadata().getName().startsWith("tatara"));
        assertThat(api.client()
                        .admissionRegistration()
                        .v1()
                        .validatingAdmissionPolicies()
                        .list()
                        .getItems())
                .isEmpty();

        // The definitions that were kept are taken up again by the next installation of that name.
        helm("install", "--set", "operator.replicas=0");
        assertThat(api.client().resource(model).inNamespace("default").get()).isNotNull();
        helm("uninstall");
    }

    /** An Alertmanager that was given the token keeps it. */
    @Test
    void keepsTheTokenForAlertsOverUpgrades() throws IOException {
        helm("install", "--create-namespace", "--set", "operator.replicas=0,alerts.enabled=true");
        var first = alertToken();
        assertThat(first).isNotBlank();

        assertThat(helm("upgrade", "--set", "operator.replicas=0,alerts.enabled=true,rollout.scaleDownDelay=1m"))
                .contains("get secret tatara-operator-alerts -o jsonpath='{.data.token}'");
        assertThat(alertToken()).isEqualTo(first);
        helm("uninstall");
    }

    private static String alertToken() {
        return api.client()
                .secrets()
                .inNamespace("tatara-system")
                .withName("tatara-operator-alerts")
                .get()
                .getData()
                .get("token");
    }

    private String helm(String verb, String... arguments) throws IOException {
        var kubeconfig = Files.writeString(folder.resolve("kubeconfig"), api.kubeconfig());
        var command = new ArrayList<>(List.of(verb, "tatara"));
        if (!verb.equals("uninstall")) {
            command.add(Repository.CHART.toString());
            command.addAll(List.of("--set", "artifactStore.uri=s3://models"));
        }
        command.addAll(List.of("--namespace", "tatara-system", "--kubeconfig", kubeconfig.toString()));
        command.addAll(List.of(arguments));
        return Helm.run(command).orFail();
    }
}
