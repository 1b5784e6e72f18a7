package dev.tatara.operator.kubernetes;

import dev.tatara.api.v1alpha1.common.Condition;
import dev.tatara.api.v1alpha1.common.ConditionStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Builds the conditions of a status. A condition keeps its {@code lastTransitionTime} as long as its status (True,
 * False, Unknown) stays; so a status that says the same as before equals it, and is not written again.
 */
public final class ConditionSet {
    private final List<Condition> previous;
    private final long generation;
    private final Instant now;
    private final List<Condition> conditions = new ArrayList<>();

    /**
     * @param previous the conditions as last written
     * @param generation generation of the specification that was decided upon
     */
    public ConditionSet(List<Condition> previous, long generation, Instant now) {
        this.previous = previous;
        this.generation = generation;
        this.now = now;
    }

    /** The condition of that type, if there is one. */
    public static Optional<Condition> find(List<Condition> conditions, String type) {
        return conditions.stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst();
    }

    public ConditionSet isTrue(String type, String reason, String message) {
        return add(type, ConditionStatus.True, reason, message);
    }

    public ConditionSet isFalse(String type, String reason, String message) {
        return add(type, ConditionStatus.False, reason, message);
    }

    public ConditionSet isUnknown(String type, String reason, String message) {
        return add(type, ConditionStatus.Unknown, reason, message);
    }

    public ConditionSet is(boolean holds, String type, String reason, String message) {
        return add(type, holds ? ConditionStatus.True : ConditionStatus.False, reason, message);
    }

    /** The conditions, in the order in which they were stated. */
    public List<Condition> toList() {
        return List.copyOf(conditions);
    }

    private ConditionSet add(String type, ConditionStatus status, String reason, String message) {
        var since = find(previous, type)
                .filter(condition -> condition.status() == status)
                .map(Condition::lastTransitionTime)
                .orElse(now);
        conditions.add(new Condition(type, status, generation, since, reason, message));
        return this;
    }
}
