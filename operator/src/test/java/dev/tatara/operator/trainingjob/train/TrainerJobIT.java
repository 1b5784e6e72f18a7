package dev.tatara.operator.trainingjob.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tatara.testing.KubeApi;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is rendered, before a real API server, in a namespace that admits restricted pods only. */
class TrainerJobIT {
    private static final String NAMESPACE = "ml";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @AutoClose
    private static final KubeApi api = KubeApi.start();

    @BeforeAll
    static void start() {
        makeNamespace(NAMESPACE);
    }

    private static void makeNamespace(String name) {
        api.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build())
                .create();
    }

    static List<String> cases() throws IOException {
        return TrainerJobTest.cases().toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theServerTakesIt(String name) throws IOException {
        var namespace = "trainer-" + name;
        makeNamespace(namespace);
        var objects = TrainerJobTest.render(name);
        if (objects.service() != null) {
            objects.service().getMetadata().setNamespace(namespace);
            api.client().resource(objects.service()).create();
        }
        objects.job().getMetadata().setNamespace(namespace);
        var created = api.client().resource(objects.job()).create();

        // Only pods are held to the standard; on a Job it is a warning.
        var pod = api.client()
                .resource(pod(name, created.getSpec().getTemplate()))
                .create();
        assertThat(pod.getSpec().getInitContainers())
                .extracting("name")
                .isEqualTo(TrainerJob.recalls(created) ? List.of() : List.of("fetch", "trainer"));
        assertThat(created.getSpec().getTemplate().getSpec().getTerminationGracePeriodSeconds())
                .as("what the server fills in leaves ours alone")
                .isEqualTo(30);
    }

    @Test
    void aTemplateThatBreaksTheStandardIsRefusedByTheServer() {
        var job = TrainerJob.render(Runs.run(Runs.job("""
                                trainer:
                                  image: x
                                  podTemplate: {spec: {containers: [{name: trainer, securityContext: {capabilities: {add: [NET_ADMIN]}}}]}}
                                """)), Runs.SETTINGS, Runs.YAML)
                .job();

        assertThatThrownBy(() -> api.client()
                        .resource(pod("mighty", job.getSpec().getTemplate()))
                        .create())
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("restricted");
    }

    @Test
    void whoMayNotReadLogsDoesWithoutAtOnce() {
        var nobody = api.clientAs("nobody");
        var logs = new PodLogs(nobody, Clock.systemUTC());
        var pod = pod("gone", new PodTemplateSpec());

        await().atMost(LIMIT).untilAsserted(() -> assertThat(logs.last(pod, "f1"))
                .hasValueSatisfying(log -> assertThat(log.metrics()).isEmpty()));
        assertThat(logs.latest(pod, "f1")).isEmpty();
    }

    @Test
    void aPodThatIsGoneHasNoLog() {
        var logs = new PodLogs(api.client(), Clock.systemUTC());

        await().atMost(LIMIT)
                .until(() -> logs.last(pod("gone", new PodTemplateSpec()), null).isPresent());
    }

    private static Pod pod(String name, PodTemplateSpec template) {
        return new PodBuilder()
                .withNewMetadataLike(template.getMetadata())
                .withName("pod-" + name)
                .withNamespace(NAMESPACE)
                .withUid("uid-" + name)
                .endMetadata()
                .withSpec(template.getSpec())
                .build();
    }
}
