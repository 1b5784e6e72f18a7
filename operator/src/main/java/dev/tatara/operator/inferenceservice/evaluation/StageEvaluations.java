package dev.tatara.operator.inferenceservice.evaluation;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.operator.config.OperatorSettings;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.operator.kubernetes.Applier;
import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.operator.steps.JobLauncher;
import dev.tatara.operator.steps.StepSettings;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Has stages evaluated: a Job at a time, and what the latest one found. */
public final class StageEvaluations {
    private final KubernetesClient client;
    private final Applier applier;
    private final JobLauncher launcher;
    private final StepSettings settings;
    private final Duration deadline;

    /** Evaluations are run with what evaluations of drift are run with. */
    public StageEvaluations(KubernetesClient client, Applier applier, OperatorSettings settings) {
        this.client = client;
        this.applier = applier;
        this.launcher = new JobLauncher(client, applier, "the evaluation");
        this.settings = StepSettings.of(settings, settings.drift());
        this.deadline = settings.drift().deadline();
    }

    /** The latest results; begins the next evaluation where one is due. */
    public List<CheckResult> ask(StageEvaluation<?> evaluation, Instant now) {
        var namespace = evaluation.service().getMetadata().getNamespace();
        var look = StageEvaluationLook.at(
                evaluation,
                client.batch()
                        .v1()
                        .jobs()
                        .inNamespace(namespace)
                        .withLabel(Labels.MANAGED_BY, Labels.FIELD_MANAGER)
                        .withLabel(StageEvaluationJob.OF, evaluation.id())
                        .list()
                        .getItems(),
                client.pods()
                        .inNamespace(namespace)
                        .withLabel(Labels.MANAGED_BY, Labels.FIELD_MANAGER)
                        .withLabel(StageEvaluationJob.OF, evaluation.id())
                        .list()
                        .getItems(),
                settings,
                deadline,
                now);
        look.obsolete().forEach(applier::delete);
        if (look.start() == null) {
            return look.results();
        }
        return launcher.launch(
                        evaluation.service(),
                        List.of(StageEvaluationJob.definition(evaluation)),
                        List.of(look.start()),
                        made -> {})
                .filter(heldUp ->
                        look.results().stream().allMatch(result -> result.verdict() == Verdict.InsufficientData))
                .map(heldUp -> evaluation.insufficient(heldUp.message()))
                .orElse(look.results());
    }
}
