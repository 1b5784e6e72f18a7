package dev.tatara.operator.inferenceservice;

import dev.tatara.api.v1alpha1.inferenceservice.InferenceService;
import dev.tatara.operator.inferenceservice.rollout.Convergence;
import dev.tatara.operator.inferenceservice.rollout.Routing;
import dev.tatara.operator.inferenceservice.rollout.TrafficProvider;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Plays routers that acknowledge at once whatever they are told, and keeps what that was. */
final class FakeTraffic implements TrafficProvider {
    private final List<Routing> routings = new CopyOnWriteArrayList<>();

    @Override
    public Convergence route(InferenceService service, Routing routing, Seen seen) {
        if (routings.isEmpty() || !routings.getLast().equals(routing)) {
            routings.add(routing);
        }
        return Convergence.complete(routings.size());
    }

    /** Begins with routers that were told nothing. */
    void forget() {
        routings.clear();
    }

    /** What routers were told, in order. */
    List<Routing> routings() {
        return List.copyOf(routings);
    }

    /** Percentages that a revision had, in order. */
    List<Integer> weightsOf(String revision) {
        return routings.stream().map(routing -> routing.weightOf(revision)).toList();
    }
}
