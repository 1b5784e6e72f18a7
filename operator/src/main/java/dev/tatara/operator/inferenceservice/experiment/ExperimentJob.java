package dev.tatara.operator.inferenceservice.experiment;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.operator.kubernetes.ClaimUri;
import dev.tatara.operator.kubernetes.Digests;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.kubernetes.Owners;
import dev.tatara.operator.steps.StepNames;
import dev.tatara.operator.steps.StepPod;
import dev.tatara.operator.steps.StepSettings;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The Job of one evaluation of an experiment, and the ConfigMap with what is asked, named by its content. */
final class ExperimentJob {
    static final String CONTAINER = "experiment";
    /** Which experiment a Job belongs to. */
    static final String EXPERIMENT = Labels.GROUP + "/experiment";

    private static final String NUMBER = Labels.GROUP + "/evaluation";
    private static final String AT = Labels.GROUP + "/at";
    private static final String FOLDER = "/tatara/definition";
    private static final String FILE = "service.yaml";
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private ExperimentJob() {}

    /** Which evaluation a Job is, from 1; 0 if it doesn't say. */
    static int numberOf(Job job) {
        return Labels.number(job, NUMBER);
    }

    /** End of what a Job looks at. */
    static Optional<Instant> timeOf(Job job) {
        var annotations = job.getMetadata().getAnnotations();
        try {
            return Optional.ofNullable(annotations == null ? null : annotations.get(AT))
                    .map(Instant::parse);
        } catch (DateTimeException e) {
            // Somebody changed it.
            return Optional.empty();
        }
    }

    static Job render(Experiment experiment, int number, Instant at, StepSettings settings, Duration deadline) {
        var service = experiment.service();
        var store = settings.store().or(service.getSpec().artifactStore());
        var labels = labels(service);
        labels.put(EXPERIMENT, experiment.id());
        labels.put(NUMBER, Integer.toString(number));
        var folder = "experiments/%s/%s/%s/%d"
                .formatted(
                        service.getMetadata().getNamespace(),
                        service.getMetadata().getName(),
                        experiment.id(),
                        number);
        return settings.pod(CONTAINER)
                .labels(labels)
                .arguments(List.of(
                        "experiment",
                        "--service",
                        FOLDER + "/" + FILE,
                        "--stable",
                        experiment.stable(),
                        "--candidate",
                        experiment.candidate(),
                        "--since",
                        experiment.since().toString(),
                        "--at",
                        at.toString(),
                        "--store",
                        ClaimUri.mounted(store.uri()),
                        "--result-key",
                        folder + "/result.json",
                        "--output",
                        folder,
                        "--store-credentials",
                        StepPod.STORE_CREDENTIALS,
                        "--store-secret-name",
                        store.secret()))
                .variable("TATARA_STORE_ENDPOINT", store.endpoint())
                .configMap("definition", FOLDER, nameOf(experiment))
                .secret("store-credentials", StepPod.STORE_CREDENTIALS, store.secret())
                .claim(store.uri(), false)
                .job(
                        service,
                        StepNames.of(service.getMetadata().getName(), "-experiment-" + experiment.id() + "-" + number),
                        Map.of(AT, at.toString()),
                        deadline);
    }

    static ConfigMap definition(Experiment experiment) {
        var service = experiment.service();
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(nameOf(experiment))
                .withNamespace(service.getMetadata().getNamespace())
                .withLabels(labels(service))
                .withOwnerReferences(Owners.controller(service))
                .endMetadata()
                .withImmutable(true)
                .addToData(FILE, YAML.asYaml(content(experiment)))
                .build();
    }

    /** Not found by the label of what serves. */
    private static Map<String, String> labels(InferenceService service) {
        var labels = Labels.of(service, "tatara-steps", CONTAINER);
        labels.remove(Labels.ownerKey(InferenceService.class));
        return labels;
    }

    private static String nameOf(Experiment experiment) {
        return StepNames.of(
                experiment.service().getMetadata().getName(),
                "-experiment-" + Digests.of(YAML.asYaml(content(experiment)), 10));
    }

    private static Map<String, Object> content(Experiment experiment) {
        var service = experiment.service();
        var content = new LinkedHashMap<String, Object>();
        content.put("apiVersion", service.getApiVersion());
        content.put("kind", service.getKind());
        var metadata = new LinkedHashMap<String, String>();
        metadata.put("name", service.getMetadata().getName());
        metadata.put("namespace", service.getMetadata().getNamespace());
        content.put("metadata", metadata);
        content.put("spec", Map.of("rollout", Map.of("abTest", experiment.test())));
        return content;
    }
}
