package dev.tatara.operator.inferenceservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tatara.operator.inferenceservice.plan.Plan;
import dev.tatara.operator.inferenceservice.plan.PodRenderer;
import dev.tatara.operator.inferenceservice.plan.Refusal;
import dev.tatara.operator.inferenceservice.plan.Rollbacks;
import dev.tatara.operator.inferenceservice.plan.RolloutPlanner;
import dev.tatara.operator.inferenceservice.plan.SimulatedCluster;
import dev.tatara.operator.inferenceservice.plan.Support;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What people read while a service goes through its life, step by step as golden files: status, events, and what is
 * done.
 */
abstract class InferenceServiceStory {
    static final Path STORIES = Path.of("src/test/resources/inferenceservice");
    private static final String FOLLOWING =
            "{model: {follow: {model: churn, stage: Production}}, replicas: 2, rollout: {scaleDownDelay: 1m}}";

    final Map<String, Object> pages = new TreeMap<>();
    final SimulatedCluster cluster = new SimulatedCluster(FOLLOWING);

    String candidate() {
        return cluster.observe().service().getStatus().candidate().revision();
    }

    void pass(long seconds) {
        cluster.now = cluster.now.plusSeconds(seconds);
    }

    void serveFirst() {
        cluster.choose(1);
        for (int i = 0; i < 3; i++) {
            step();
            cluster.podsGetReady();
        }
    }

    void tell(String page) {
        var actions = new LinkedHashMap<String, Object>();
        var told = new ArrayList<String>();
        Plan plan;
        var looks = 0;
        do {
            var earlier = cluster.observe().service().getStatus();
            plan = step();
            if (plan.note() != null) {
                plan.note().refused().forEach((order, why) -> told.add("Warning OrderRefused: " + order + ": " + why));
            }
            InferenceServiceEvents.between(earlier, cluster.observe().service().getStatus())
                    .forEach(news -> told.add(news.event().type() + " " + news.event() + ": " + news.note()));
        } while (plan.note() != null && ++looks < 8);
        var status = cluster.observe().service().getStatus();
        actions.put("events", told);
        actions.put("routing", String.valueOf(plan.routing()));
        actions.put("scale", plan.scale().stream().map(Object::toString).toList());
        actions.put(
                "delete",
                plan.delete().stream()
                        .map(object ->
                                object.getKind() + " " + object.getMetadata().getName())
                        .toList());
        actions.put("recheckAfter", String.valueOf(plan.recheckAfter()));
        actions.put("status", status);
        pages.put("out-%02d-%s.yaml".formatted(pages.size() + 1, page), actions);
    }

    Plan step() {
        var observed = cluster.observe();
        var refusal = Support.refusal(observed.service().getSpec());
        var rollback = Rollbacks.decide(observed);
        var plan = rollback.isPresent() ? plan(refusal) : cluster.look(planner(cluster), refusal);
        if (rollback.isPresent()) {
            cluster.report(new InferenceServiceStatusFactory(observed, plan, refusal, rollback, null).create());
        }
        var status = observed.service().getStatus();
        cluster.report(cluster.serialization.clone(status));
        assertThat(cluster.serialization.convertValue(status, JsonNode.class))
                .as("a status survives being stored")
                .isEqualTo(cluster.serialization.convertValue(
                        cluster.observe().service().getStatus(), JsonNode.class));
        return plan;
    }

    Plan plan(Optional<Refusal> refusal) {
        return plan(cluster, refusal);
    }

    static Plan plan(SimulatedCluster cluster, Optional<Refusal> refusal) {
        return planner(cluster).plan(cluster.observe(), refusal, RolloutPlanner.Signals.NONE);
    }

    private static RolloutPlanner planner(SimulatedCluster cluster) {
        return new RolloutPlanner(
                new PodRenderer(cluster.serialization), cluster.serialization, SimulatedCluster.SETTINGS);
    }
}
