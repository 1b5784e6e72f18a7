package dev.tatara.operator.inferenceservice.experiment;

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

/** Has experiments evaluated: a Job at a time, and what the latest one found. */
public final class Experiments {
    private final KubernetesClient client;
    private final Applier applier;
    private final JobLauncher launcher;
    private final StepSettings settings;
    private final Duration deadline;

    /** Evaluations are run with what evaluations of drift are run with. */
    public Experiments(KubernetesClient client, Applier applier, OperatorSettings settings) {
        this.client = client;
        this.applier = applier;
        this.launcher = new JobLauncher(client, applier, "the evaluation of the experiment");
        this.settings = StepSettings.of(settings, settings.drift());
        this.deadline = settings.drift().deadline();
    }

    /** The latest result of an experiment; begins the next evaluation where one is due. */
    public CheckResult ask(Experiment experiment, Instant now) {
        var namespace = experiment.service().getMetadata().getNamespace();
        var look = ExperimentLook.at(
                experiment,
                client.batch()
                        .v1()
                        .jobs()
                        .inNamespace(namespace)
                        .withLabel(Labels.MANAGED_BY, Labels.FIELD_MANAGER)
                        .withLabel(ExperimentJob.EXPERIMENT, experiment.id())
                        .list()
                        .getItems(),
                client.pods()
                        .inNamespace(namespace)
                        .withLabel(Labels.MANAGED_BY, Labels.FIELD_MANAGER)
                        .withLabel(ExperimentJob.EXPERIMENT, experiment.id())
                        .list()
                        .getItems(),
                settings,
                deadline,
                now);
        look.obsolete().forEach(applier::delete);
        if (look.start() == null) {
            return look.result();
        }
        var heldUp = launcher.launch(
                experiment.service(), List.of(ExperimentJob.definition(experiment)), List.of(look.start()), made -> {});
        return heldUp.map(why -> look.result().verdict() == Verdict.InsufficientData
                        ? ExperimentLook.insufficient(why.message())
                        : look.result())
                .orElse(look.result());
    }
}
