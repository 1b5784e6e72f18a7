package dev.tatara.operator.trainingjob.plan;

import java.util.Map;
import java.util.TreeMap;

/**
 * What asks for a run, and everything else that the run answers because it was asked for at the same time.
 *
 * @param trigger {@link #CREATION}, {@link #REQUEST}, {@link #SCHEDULE} or {@code DriftPolicy/<name>}
 * @param request value of {@link Annotations#RUN}, {@code null} without one
 * @param triggers the DriftPolicies' triggers: id by policy/action
 */
record Demand(String trigger, String request, Map<String, String> triggers) {
    static final String CREATION = "Creation";
    static final String REQUEST = "Request";
    static final String SCHEDULE = "Schedule";
    static final String POLICY = "DriftPolicy/";

    Demand {
        triggers = Map.copyOf(new TreeMap<>(triggers));
    }

    /** The trigger in words, as the end of a sentence. */
    static String inWords(String trigger) {
        return switch (trigger) {
            case CREATION -> "since the TrainingJob was created";
            case REQUEST -> "since an annotation asks for it";
            case SCHEDULE -> "since the schedule asks for it";
            case String policy
            when policy.startsWith(POLICY) -> "since DriftPolicy " + policy.substring(POLICY.length()) + " asks for it";
            default -> "for " + trigger;
        };
    }
}
