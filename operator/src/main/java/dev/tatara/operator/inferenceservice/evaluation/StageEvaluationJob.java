package dev.tatara.operator.inferenceservice.evaluation;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The Job of one evaluation, and the ConfigMap with what is asked, named by its content. */
final class StageEvaluationJob {
    /** Which evaluation of a stage a Job belongs to. */
    static final String OF = Labels.GROUP + "/stage-evaluation";

    static final String FILE = "definition.yaml";

    private static final String NUMBER = Labels.GROUP + "/evaluation";
    private static final String AT = Labels.GROUP + "/at";
    private static final String FOLDER = "/tatara/definition";
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private StageEvaluationJob() {}

    /** Which of the evaluations a Job is, from 1; 0 if it doesn't say. */
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

    static Job render(StageEvaluation<?> evaluation, int number, Instant at, StepSettings settings, Duration deadline) {
        var service = evaluation.service();
        var store = settings.store().or(service.getSpec().artifactStore());
        var labels = labels(evaluation);
        labels.put(OF, evaluation.id());
        labels.put(NUMBER, Integer.toString(number));
        var arguments = new ArrayList<String>();
        arguments.add(evaluation.step());
        arguments.addAll(evaluation.arguments(FOLDER + "/" + FILE, at));
        arguments.addAll(List.of(
                "--store",
                ClaimUri.mounted(store.uri()),
                "--result-key",
                evaluation.folder(number) + "/result.json",
                "--output",
                evaluation.folder(number),
                "--store-credentials",
                StepPod.STORE_CREDENTIALS,
                "--store-secret-name",
                store.secret()));
        return settings.pod(evaluation.name())
                .labels(labels)
                .arguments(arguments)
                .variable("TATARA_STORE_ENDPOINT", store.endpoint())
                .configMap("definition", FOLDER, nameOf(evaluation))
                .secret("store-credentials", StepPod.STORE_CREDENTIALS, store.secret())
                .claim(store.uri(), false)
                .job(
                        service,
                        StepNames.of(
                                service.getMetadata().getName(),
                                "-" + evaluation.name() + "-" + evaluation.id() + "-" + number),
                        Map.of(AT, at.toString()),
                        deadline);
    }

    static ConfigMap definition(StageEvaluation<?> evaluation) {
        var service = evaluation.service();
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(nameOf(evaluation))
                .withNamespace(service.getMetadata().getNamespace())
                .withLabels(labels(evaluation))
                .withOwnerReferences(Owners.controller(service))
                .endMetadata()
                .withImmutable(true)
                .addToData(FILE, YAML.asYaml(evaluation.definition()))
                .build();
    }

    /** Not found by the label of what serves. */
    private static Map<String, String> labels(StageEvaluation<?> evaluation) {
        var labels = Labels.of(evaluation.service(), "tatara-steps", evaluation.name());
        labels.remove(Labels.ownerKey(InferenceService.class));
        return labels;
    }

    private static String nameOf(StageEvaluation<?> evaluation) {
        return StepNames.of(
                evaluation.service().getMetadata().getName(),
                "-" + evaluation.name() + "-" + Digests.of(YAML.asYaml(evaluation.definition()), 10));
    }
}
