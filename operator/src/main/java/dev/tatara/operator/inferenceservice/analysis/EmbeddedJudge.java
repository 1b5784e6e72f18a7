package dev.tatara.operator.inferenceservice.analysis;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.api.v1alpha1.inferenceservice.InferenceServiceSpec;
import dev.tatara.api.v1alpha1.modelversion.ModelVersion;
import dev.tatara.api.v1alpha1.rollout.Check;
import dev.tatara.operator.inferenceservice.analysis.Measurements.Answer;
import dev.tatara.operator.inferenceservice.evaluation.Experiment;
import dev.tatara.operator.inferenceservice.evaluation.LivePerformance;
import dev.tatara.operator.inferenceservice.evaluation.StageEvaluations;
import dev.tatara.operator.inferenceservice.rollout.CandidateJudge;
import dev.tatara.operator.inferenceservice.rollout.CheckResult;
import dev.tatara.operator.inferenceservice.rollout.Stage;
import dev.tatara.operator.inferenceservice.rollout.Stages;
import dev.tatara.operator.inferenceservice.traffic.ServiceWakeUps;
import dev.tatara.operator.inferenceservice.traffic.StatisticsCollector;
import dev.tatara.operator.inferenceservice.traffic.StatisticsCollector.Collected;
import dev.tatara.operator.kubernetes.Applier;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Judges candidates by what the serving pods counted and by what sources outside say. Who asks doesn't wait: the first
 * call begins to measure, the service is woken when that is done, and the next call is given the results, once.
 */
public final class EmbeddedJudge implements CandidateJudge, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(EmbeddedJudge.class);
    private static final int QUESTIONS_AT_ONCE = 32;
    /** A result that nobody asked for in this time is measured anew. */
    private static final Duration FRESH = Duration.ofMinutes(1);

    private final KubernetesClient client;
    private final StatisticsCollector collector;
    private final PrometheusSource prometheus;
    private final JobSource jobs;
    private final ServiceWakeUps wakeUps;
    private final StageEvaluations evaluations;
    private final Map<ResourceID, Look> looks = new ConcurrentHashMap<>();
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore turns = new Semaphore(QUESTIONS_AT_ONCE);

    /** Judges by these pods' statistics; Jobs of checks are pulled by this policy. */
    public EmbeddedJudge(
            KubernetesClient client,
            Applier applier,
            StatisticsCollector collector,
            ServiceWakeUps wakeUps,
            StageEvaluations evaluations,
            String pullPolicy) {
        this.collector = collector;
        this.prometheus = new PrometheusSource(client);
        this.jobs = new JobSource(client, applier, pullPolicy);
        this.wakeUps = wakeUps;
        this.evaluations = evaluations;
        this.client = client;
        wakeUps.whenGone(looks::remove);
    }

    /** What stable did before a stage says what clients send, where it gets nothing any more. */
    private static final Duration BEFORE = Duration.ofMinutes(5);

    private record Demand(
            InferenceService service,
            String stable,
            String candidate,
            Stage stage,
            Instant since,
            Instant now,
            Collection<Pod> pods) {
        boolean isFor(Demand other) {
            return stable.equals(other.stable)
                    && candidate.equals(other.candidate)
                    && stage.equals(other.stage)
                    && since.equals(other.since);
        }

        List<Check> checks() {
            return EmbeddedJudge.checks(stage);
        }
    }

    private record Look(Demand demand, CompletableFuture<List<CheckResult>> results) {}

    private static List<Check> checks(Stage stage) {
        return stage.analysis() == null ? List.of() : stage.analysis().checks();
    }

    private static boolean keepsLedger(InferenceServiceSpec service) {
        return service.monitoring() != null
                && Boolean.TRUE.equals(service.monitoring().ledger());
    }

    @Override
    public Optional<String> obstacle(InferenceServiceSpec service, Stage stage) {
        return keepsLedger(service)
                ? Optional.empty()
                : checks(stage).stream()
                        .filter(check -> check.performance() != null)
                        .findFirst()
                        .map(check -> "check " + check.name() + " of step " + stage.name()
                                + " joins labels with what the pods' ledgers have: set spec.monitoring.ledger to true");
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the look holds what it comes to
    public Optional<List<CheckResult>> judge(
            InferenceService service,
            String stable,
            String candidate,
            Stage stage,
            Instant since,
            Instant now,
            Collection<Pod> pods) {
        var id = ResourceID.fromResource(service);
        var demand = new Demand(service, stable, candidate, stage, since, now, List.copyOf(pods));
        var look = looks.get(id);
        if (look != null
                && look.demand().isFor(demand)
                && Duration.between(look.demand().now(), now).compareTo(FRESH) < 0) {
            if (!look.results().isDone()) {
                return Optional.empty();
            }
            looks.remove(id, look);
            return Optional.of(look.results().join());
        }
        var next = new Look(demand, measured(demand));
        looks.put(id, next);
        next.results().thenRun(() -> wakeUps.wake(id));
        return Optional.empty();
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }

    private CompletableFuture<List<CheckResult>> measured(Demand demand) {
        var answers = new TreeMap<String, CompletableFuture<Answer>>();
        demand.checks().stream()
                .filter(check -> check.prometheus() != null || check.job() != null)
                .forEach(check -> answers.put(check.name(), inTurn(() -> outside(demand, check))));
        return counted(demand)
                .thenCombine(
                        labelled(demand)
                                .thenCombine(
                                        CompletableFuture.allOf(answers.values().toArray(CompletableFuture[]::new)),
                                        (labelled, all) -> both(labelled, answers)),
                        Measurements::new)
                .thenApply(measured -> judge(demand, measured))
                .thenCombine(experiment(demand), EmbeddedJudge::both)
                .exceptionally(failure -> failed(demand, failure));
    }

    private static List<CheckResult> judge(Demand demand, Measurements measured) {
        var checks = new Checks(
                demand.stable(),
                demand.candidate(),
                measured,
                demand.since(),
                demand.now(),
                Stages.of(demand.service().getSpec().rollout()).size());
        var results = new ArrayList<CheckResult>();
        if (demand.stage().analysis() != null) {
            results.addAll(checks.judge(demand.stage().analysis()));
        }
        if (demand.stage().comparison() != null) {
            results.add(checks.judge(demand.stage().comparison()));
        }
        return List.copyOf(results);
    }

    private static Map<String, Answer> both(
            Map<String, Answer> labelled, Map<String, CompletableFuture<Answer>> answers) {
        var all = new TreeMap<>(labelled);
        answers.forEach((name, answer) -> all.put(name, answer.join()));
        return all;
    }

    /** Metrics against labels: all of a stage by one Job. */
    private CompletableFuture<Map<String, Answer>> labelled(Demand demand) {
        var checks = demand.checks().stream()
                .filter(check -> check.performance() != null)
                .toList();
        return checks.isEmpty()
                ? CompletableFuture.completedFuture(Map.of())
                : inTurn(() -> evaluations.ask(performance(demand, checks), demand.now()).stream()
                        .collect(Collectors.toMap(CheckResult::name, Answer.Found::new)));
    }

    private LivePerformance performance(Demand demand, List<Check> checks) {
        var status = demand.service().getStatus();
        var version = status == null || status.candidate() == null
                ? null
                : client.resources(ModelVersion.class)
                        .inNamespace(demand.service().getMetadata().getNamespace())
                        .withName(status.candidate().modelVersion())
                        .get();
        return new LivePerformance(
                demand.service(),
                demand.candidate(),
                version,
                checks,
                Checks.minSamples(demand.stage().analysis()),
                status == null || status.rollout() == null
                        ? demand.since()
                        : status.rollout().startedAt(),
                demand.since(),
                Checks.interval(demand.stage().analysis()));
    }

    private CompletableFuture<Optional<CheckResult>> experiment(Demand demand) {
        var test = demand.stage().experiment();
        if (test == null) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        var experiment = new Experiment(
                demand.service(),
                demand.stable(),
                demand.candidate(),
                test,
                demand.since(),
                Experiment.every(test, demand.stage().analysis()));
        return inTurn(() -> evaluations.ask(experiment, demand.now()).stream().findFirst());
    }

    private static List<CheckResult> both(List<CheckResult> checks, Optional<CheckResult> experiment) {
        return Stream.concat(checks.stream(), experiment.stream()).toList();
    }

    /** Nothing is held against a candidate that couldn't be measured. */
    private static List<CheckResult> failed(Demand demand, Throwable failure) {
        LOG.warnf(
                failure,
                "the candidate of %s/%s could not be measured",
                demand.service().getMetadata().getNamespace(),
                demand.service().getMetadata().getName());
        var names = demand.checks().stream().map(Check::name);
        return Stream.concat(
                        names, demand.stage().comparison() == null ? Stream.empty() : Stream.of(CheckResult.COMPARISON))
                .map(name -> Checks.insufficient(name, 0, "can't be measured: " + failure.getMessage()))
                .toList();
    }

    /** What pods counted, with sketches where a check needs them: of the window that it is about and no other. */
    private CompletableFuture<Timeline> counted(Demand demand) {
        var checks = demand.checks();
        if (demand.stage().comparison() == null && checks.stream().noneMatch(Stages::needsRequests)) {
            return CompletableFuture.completedFuture(Timeline.merge(List.of()));
        }
        var counts = collector
                .collect(demand.pods(), demand.since().minus(BEFORE), demand.now())
                .thenApply(Collected::statistics)
                .thenApply(Timeline::merge);
        return checks.stream().noneMatch(check -> check.predictionDrift() != null)
                ? counts
                : counts.thenCompose(timeline -> sketched(demand, timeline));
    }

    private CompletableFuture<Timeline> sketched(Demand demand, Timeline counts) {
        return Checks.answersOfBoth(
                        counts.since(demand.since()),
                        demand.stable(),
                        demand.candidate(),
                        demand.now(),
                        demand.stage().analysis())
                .map(window -> collector
                        .collect(demand.pods(), window.begin(), window.begin())
                        .thenApply(Collected::statistics)
                        .thenApply(Timeline::merge)
                        .thenApply(counts::with))
                .orElseGet(() -> CompletableFuture.completedFuture(counts));
    }

    private Answer outside(Demand demand, Check check) throws InterruptedException {
        var metadata = demand.service().getMetadata();
        return check.prometheus() == null
                ? jobs.ask(demand.service(), demand.candidate(), demand.since(), check)
                : prometheus.ask(
                        check.prometheus(),
                        metadata.getNamespace(),
                        Map.of(
                                "stable", demand.stable(),
                                "candidate", demand.candidate(),
                                "service", metadata.getName(),
                                "namespace", metadata.getNamespace()));
    }

    private interface Question<T> {
        T ask() throws InterruptedException;
    }

    private <T> CompletableFuture<T> inTurn(Question<T> question) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        turns.acquire();
                        try {
                            return question.ask();
                        } finally {
                            turns.release();
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new CompletionException("the operator is ending", e);
                    }
                },
                executor);
    }
}
