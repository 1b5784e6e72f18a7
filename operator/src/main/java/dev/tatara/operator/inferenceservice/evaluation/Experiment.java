package dev.tatara.operator.inferenceservice.evaluation;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceStatus.CheckStatus.Verdict;
import dev.tatara.api.v1alpha1.rollout.AbTest;
import dev.tatara.api.v1alpha1.rollout.Analysis;
import dev.tatara.contracts.ExperimentEvaluated;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.operator.kubernetes.Digests;
import dev.tatara.operator.steps.StepManifest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * An A/B test that is under way.
 *
 * @param service whose it is
 * @param stable revision that served before
 * @param candidate revision that may take over
 * @param test what is asked
 * @param since since when both serve
 * @param every time from one evaluation to the next
 */
public record Experiment(
        InferenceService service, String stable, String candidate, AbTest test, Instant since, Duration every)
        implements StageEvaluation<ExperimentEvaluated> {
    private static final String NAME = "experiment";
    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final Duration USUAL_LENGTH = Duration.ofDays(14);
    private static final int EVALUATIONS = 200;

    /**
     * How often an experiment is evaluated.
     *
     * @param analysis of its stage; {@code null} if there is none
     */
    public static Duration every(AbTest test, Analysis analysis) {
        return analysis == null || analysis.interval() == null
                ? usually(test)
                : analysis.interval().toDuration();
    }

    /** How often an experiment of a length is looked at, where nobody says: some 200 times, once an hour at least. */
    private static Duration usually(AbTest test) {
        var length =
                test.maxDuration() == null ? USUAL_LENGTH : test.maxDuration().toDuration();
        var part = length.dividedBy(EVALUATIONS);
        return part.compareTo(SHORTEST) < 0 ? SHORTEST : part.compareTo(LONGEST) > 0 ? LONGEST : part;
    }

    @Override
    public String id() {
        return Digests.of(List.of(stable, candidate, since.toString()), 10);
    }

    @Override
    public String step() {
        return NAME;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String noun() {
        return "the evaluation of the experiment";
    }

    @Override
    public String activity() {
        return "joins predictions with feedback";
    }

    @Override
    public Class<ExperimentEvaluated> details() {
        return ExperimentEvaluated.class;
    }

    @Override
    public Object definition() {
        return StepManifest.of(service, Map.of("rollout", Map.of("abTest", test)));
    }

    @Override
    public List<String> arguments(String definition, Instant at) {
        return List.of(
                "--service",
                definition,
                "--stable",
                stable,
                "--candidate",
                candidate,
                "--since",
                since.toString(),
                "--at",
                at.toString());
    }

    @Override
    public String folder(int number) {
        return "experiments/%s/%s/%s/%d"
                .formatted(
                        service.getMetadata().getNamespace(),
                        service.getMetadata().getName(),
                        id(),
                        number);
    }

    @Override
    public List<CheckResult> results(ExperimentEvaluated found) {
        var verdict =
                switch (found.verdict()) {
                    case CandidateWins -> Verdict.Passed;
                    case StableWins -> Verdict.Failed;
                    case Undecided, NoWinner, Untrusted -> Verdict.InsufficientData;
                };
        return List.of(new CheckResult(
                CheckResult.EXPERIMENT,
                found.stable().mean(),
                found.candidate().mean(),
                found.candidate().people(),
                verdict,
                found.recommendation()
                        + (verdict == Verdict.InsufficientData
                                ? ""
                                : "; %d people saw %s, %d %s"
                                        .formatted(
                                                found.stable().people(),
                                                found.stable().revision(),
                                                found.candidate().people(),
                                                found.candidate().revision()))
                        + found.notes().stream()
                                .findFirst()
                                .map(note -> "; " + note)
                                .orElse("")
                        + (found.report() == null ? "" : "; " + found.report())));
    }

    @Override
    public List<CheckResult> insufficient(String why) {
        return List.of(new CheckResult(CheckResult.EXPERIMENT, null, null, 0, Verdict.InsufficientData, why));
    }

    @Override
    public List<CheckResult> meanwhile(List<CheckResult> latest) {
        return latest;
    }
}
