package dev.tatara.operator.inferenceservice.traffic;

import dev.tatara.operator.inferenceservice.rollout.Convergence;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Brings tables to pods and knows who has which. Nothing here waits: an order is given, and the service is woken when
 * what can be said of it has changed. A pod that doesn't take its table is told again, after longer and longer pauses.
 *
 * <p>Pods of a revision that is closed are told before the others: from then on nobody gets an answer from it, whoever
 * still forwards to it.
 */
final class TrafficPush {
    static final String PATH = "/admin/traffic";

    /** Reason while pods are being told. */
    static final String PUSHING = "Pushing";

    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /** How long pods of a closed revision are told before the others at most. */
    private static final Duration HEAD_START = Duration.ofMillis(200);

    private final PodCalls calls;
    private final Consumer<ResourceID> changed;
    private final Consumer<Duration> converged;
    private final Map<ResourceID, Round> rounds = new ConcurrentHashMap<>();

    /**
     * What pods are to be told.
     *
     * @param closed the revision whose pods are told first; {@code null} for none
     */
    record Order(long generation, String document, String closed, List<ServingPod> pods) {}

    /**
     * Tells pods by these calls.
     *
     * @param changed is told which service's convergence is another
     * @param converged is told how long it took from a new table until every pod had acknowledged it
     */
    TrafficPush(PodCalls calls, Consumer<ResourceID> changed, Consumer<Duration> converged) {
        this.calls = calls;
        this.changed = changed;
        this.converged = converged;
    }

    /** From now on this is what the service's pods are to know. */
    Convergence order(ResourceID service, Order order) {
        return rounds.computeIfAbsent(service, Round::new).order(order);
    }

    /**
     * The generation that a table of a service must be above.
     *
     * @param stored generation of the table that is stored, 0 for none
     * @return 0 where it may stay as it is: no pod has heard of another table, neither from here nor from elsewhere
     */
    long taken(ResourceID service, long stored) {
        var round = rounds.get(service);
        return round == null ? 0 : round.taken(stored);
    }

    /** The service is gone. */
    void forget(ResourceID service) {
        var round = rounds.remove(service);
        if (round != null) {
            round.end();
        }
    }

    /** The calls that one service's order takes. */
    private final class Round {
        private final ResourceID service;
        private final Map<String, Acknowledgement> answers = new HashMap<>();
        private final Map<String, Integer> failures = new HashMap<>();
        private final Set<Call> underWay = new HashSet<>();
        private Order order = new Order(0, "", null, List.of());
        private boolean headStartIsOver;
        private long taken;
        private boolean ended;
        private boolean isMeasured = true;
        private long begunNanos;

        private record Call(String process, long generation) {}

        Round(ResourceID service) {
            this.service = service;
        }

        synchronized Convergence order(Order next) {
            var before = order;
            order = next;
            if (before.generation() != next.generation()) {
                failures.clear();
                isMeasured = false;
                begunNanos = System.nanoTime();
                headStartIsOver = next.closed() == null;
                if (!headStartIsOver) {
                    later(HEAD_START, this::endHeadStart);
                }
            }
            // Who has become ready is no longer expected not to listen.
            next.pods().stream()
                    .filter(pod -> pod.ready() && !before.pods().contains(pod))
                    .forEach(pod -> failures.remove(pod.process()));
            var processes = next.pods().stream().map(ServingPod::process).collect(Collectors.toSet());
            answers.keySet().retainAll(processes);
            failures.keySet().retainAll(processes);
            proceed();
            measure();
            return convergence();
        }

        /** A table's way is over once, whichever pods come later. */
        private void measure() {
            if (!isMeasured && !order.pods().isEmpty() && convergence().isComplete()) {
                isMeasured = true;
                converged.accept(Duration.ofNanos(System.nanoTime() - begunNanos));
            }
        }

        synchronized long taken(long stored) {
            return stored < order.generation() ? Math.max(taken, order.generation()) : taken;
        }

        synchronized void end() {
            ended = true;
        }

        private synchronized void endHeadStart() {
            headStartIsOver = true;
            proceed();
        }

        /** Calls whoever is to be called now; those that failed are called after their pause. */
        private void proceed() {
            if (ended) {
                return;
            }
            var untold = order.pods().stream()
                    .filter(pod -> !isTold(pod) && !failures.containsKey(pod.process()))
                    .toList();
            var closed = untold.stream()
                    .filter(pod -> pod.revision().equals(order.closed()))
                    .toList();
            (headStartIsOver || closed.isEmpty() ? untold : closed).forEach(this::call);
        }

        @SuppressWarnings("FutureReturnValueIgnored") // the answer is taken, either way
        private void call(ServingPod pod) {
            var told = order;
            var call = new Call(pod.process(), told.generation());
            if (underWay.add(call)) {
                calls.put(pod, PATH, told.document(), told.closed() != null)
                        .whenComplete((response, failure) ->
                                answered(call, Acknowledgement.of(told.generation(), response, failure)));
            }
        }

        private void answered(Call call, Acknowledgement answer) {
            if (take(call, answer)) {
                changed.accept(service);
            }
        }

        /** Whether that is news for the service. */
        private synchronized boolean take(Call call, Acknowledgement answer) {
            underWay.remove(call);
            if (ended
                    || order.pods().stream().noneMatch(other -> other.process().equals(call.process()))) {
                return false;
            }
            var before = convergence();
            var takenBefore = taken;
            if (answer instanceof Acknowledgement.Ahead(long generation)) {
                // What it has may also be what it was told in a later call.
                if (generation > order.generation() || call.generation() == order.generation()) {
                    taken = Math.max(taken, generation);
                }
            } else if (call.generation() == order.generation()) {
                answers.put(call.process(), answer);
                if (answer instanceof Acknowledgement.InForce) {
                    failures.remove(call.process());
                } else {
                    again(call);
                }
            }
            proceed();
            measure();
            return taken > takenBefore || isNews(before, convergence());
        }

        private void again(Call call) {
            var count = failures.merge(call.process(), 1, Integer::sum);
            var pause = SHORTEST_PAUSE.multipliedBy(1L << Math.min(count - 1, 10));
            later(pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE, () -> repeat(call));
        }

        private synchronized void repeat(Call call) {
            if (ended || order.generation() != call.generation()) {
                return;
            }
            order.pods().stream()
                    .filter(pod -> pod.process().equals(call.process()) && !isTold(pod))
                    .findFirst()
                    .ifPresent(this::call);
        }

        private void later(Duration pause, Runnable action) {
            CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(action);
        }

        private boolean isTold(ServingPod pod) {
            return answers.get(pod.process()) instanceof Acknowledgement.InForce(long generation)
                    && generation >= order.generation();
        }

        private Convergence convergence() {
            var missing = order.pods().stream().filter(this::isAwaited).toList();
            if (missing.isEmpty()) {
                return Convergence.complete(order.generation());
            }
            return missing.stream()
                    .map(this::trouble)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElseGet(() -> Convergence.pending(
                            order.generation(),
                            PUSHING,
                            "waiting for " + missing.size() + " of "
                                    + order.pods().size() + " pods to take the traffic table"));
        }

        /** Where nobody listens and nobody is sent to, nobody divides traffic. */
        private boolean isAwaited(ServingPod pod) {
            return !isTold(pod)
                    && (pod.ready()
                            || !(answers.get(pod.process()) instanceof Acknowledgement.Failed failed
                                    && failed.absent()));
        }

        private Convergence trouble(ServingPod pod) {
            return failures.containsKey(pod.process())
                            && answers.get(pod.process()) instanceof Acknowledgement.Failed failed
                    ? Convergence.pending(
                            order.generation(),
                            failed.reason(),
                            "pod " + pod.name() + " at " + calls.where(pod) + " " + failed.message())
                    : null;
        }

        /** How many are still awaited isn't worth waking anybody. */
        private static boolean isNews(Convergence before, Convergence after) {
            return before.isComplete() != after.isComplete()
                    || !before.reason().equals(after.reason())
                    || !(after.reason().equals(PUSHING) || before.message().equals(after.message()));
        }
    }
}
