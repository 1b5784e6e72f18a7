package dev.tatara.operator.inferenceservice.evaluation;

import dev.tatara.api.v1alpha1.common.TimeSpan;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec.LabelSource;
import dev.tatara.api.v1alpha1.driftpolicy.DriftPolicySpec.Performance;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.modelversion.Task;
import dev.tatara.api.v1alpha1.rollout.Check;
import dev.tatara.contracts.DriftEvaluated;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.operator.kubernetes.Digests;
import dev.tatara.operator.steps.StepManifest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A candidate's predictions against what turned out to be true: checks {@code performance} of a stage, all of them by one
 * Job. The step is that of DriftPolicies, asked for nothing but performance.
 *
 * @param service whose it is
 * @param candidate revision that is judged
 * @param version what it serves; {@code null} where that isn't known
 * @param checks each with a block performance
 * @param minSamples predictions with a label that a verdict takes
 * @param rolledOutAt since when predictions of the candidate count
 * @param since when the stage's traffic began to flow
 * @param every time from one evaluation to the next
 */
public record LivePerformance(
        InferenceService service,
        String candidate,
        ModelVersion version,
        List<Check> checks,
        long minSamples,
        Instant rolledOutAt,
        Instant since,
        Duration every)
        implements StageEvaluation<DriftEvaluated> {
    private static final String NAME = "performance";
    /** Longer than any rollout: what bounds it is its beginning. */
    private static final TimeSpan WINDOW = TimeSpan.of(Duration.ofDays(365));
    /** Panes aren't looked at, and the step wouldn't do without any window. */
    private static final TimeSpan PANES = TimeSpan.of(Duration.ofMinutes(1));

    private static final int KEPT = 3;

    public LivePerformance {
        checks = List.copyOf(checks);
    }

    @Override
    public String id() {
        return Digests.of(List.of(candidate, since.toString(), checks, minSamples), 10);
    }

    @Override
    public String step() {
        return "drift";
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String noun() {
        return "the evaluation of the candidate";
    }

    @Override
    public String activity() {
        return "joins predictions with labels";
    }

    @Override
    public Class<DriftEvaluated> details() {
        return DriftEvaluated.class;
    }

    @Override
    public Object definition() {
        return StepManifest.of(
                service,
                "DriftPolicy",
                new DriftPolicySpec(
                        new DriftPolicySpec.Target(service.getMetadata().getName()),
                        null,
                        new DriftPolicySpec.Window(PANES, null, null),
                        null,
                        null,
                        checks.stream().map(this::asked).toList(),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        new DriftPolicySpec.Report(false, KEPT),
                        null));
    }

    private Performance asked(Check check) {
        return new Performance(
                check.performance().metric(),
                check.performance().min(),
                check.performance().max(),
                null,
                LabelSource.Feedback,
                null,
                WINDOW,
                null,
                minSamples);
    }

    @Override
    public List<String> arguments(String definition, Instant at) {
        var arguments = new ArrayList<>(List.of(
                "--policy",
                definition,
                "--revision",
                candidate,
                "--since",
                rolledOutAt.toString(),
                "--at",
                at.toString(),
                "--keep-panes"));
        if (version != null && version.getStatus() != null) {
            if (version.getStatus().task() == Task.Classification
                    || version.getStatus().task() == Task.Regression) {
                arguments.addAll(List.of("--task", version.getStatus().task().name()));
            }
            version.getStatus().classes().forEach(name -> arguments.addAll(List.of("--classes", name)));
        }
        return arguments;
    }

    @Override
    public String folder(int number) {
        return "rollout-checks/%s/%s/%s/%d-%s"
                .formatted(
                        service.getMetadata().getNamespace(),
                        service.getMetadata().getName(),
                        id(),
                        number,
                        NAME);
    }

    @Override
    public List<CheckResult> results(DriftEvaluated found) {
        var results = new ArrayList<CheckResult>();
        for (int i = 0; i < checks.size(); i++) {
            results.add(
                    i < found.performance().size()
                            ? result(checks.get(i), found.performance().get(i))
                            : insufficient(checks.get(i), 0, "the evaluation says nothing of it"));
        }
        return results;
    }

    private static CheckResult result(Check check, DriftEvaluated.Performance found) {
        if (found.value() == null) {
            return insufficient(check, found.samples(), found.metric() + ": " + found.note());
        }
        var asked = check.performance();
        return new CheckResult(
                check.name(),
                null,
                found.value(),
                found.samples(),
                found.breached() ? Verdict.Failed : Verdict.Passed,
                "%s %s of %d predictions with a label, good is%s%s"
                                .formatted(
                                        asked.metric(),
                                        CheckResult.number(found.value()),
                                        found.samples(),
                                        asked.min() == null ? "" : " from " + CheckResult.number(asked.min()) + " on",
                                        asked.max() == null
                                                ? ""
                                                : (asked.min() == null ? "" : " and") + " up to "
                                                        + CheckResult.number(asked.max()))
                        + (found.note() == null ? "" : "; " + found.note()));
    }

    @Override
    public List<CheckResult> insufficient(String why) {
        return checks.stream().map(check -> insufficient(check, 0, why)).toList();
    }

    /** A failure was counted when it came: only the next evaluation may say it again. */
    @Override
    public List<CheckResult> meanwhile(List<CheckResult> latest) {
        return latest.stream()
                .map(result -> result.verdict() == Verdict.Failed
                        ? new CheckResult(
                                result.name(),
                                null,
                                result.candidate(),
                                result.samples(),
                                Verdict.InsufficientData,
                                "the next evaluation is under way; the last found " + result.message())
                        : result)
                .toList();
    }

    private static CheckResult insufficient(Check check, long samples, String why) {
        return new CheckResult(check.name(), null, null, samples, Verdict.InsufficientData, why);
    }
}
