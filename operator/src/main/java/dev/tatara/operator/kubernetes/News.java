package dev.tatara.operator.kubernetes;

import dev.tatara.api.v1alpha1.common.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is new between two statuses, gathered as events. Nothing is told twice of a state that stays.
 *
 * @param <E> the reasons of the kind's events
 */
public final class News<E extends EventReason> {
    /**
     * One event.
     *
     * @param occasion tells two occurrences of the same event apart
     */
    public record Notice<E extends EventReason>(E event, String note, String occasion) {}

    private final List<Condition> before;
    private final List<Condition> after;
    private final List<Notice<E>> notices = new ArrayList<>();

    /** No news yet between statuses of these conditions. */
    public News(List<Condition> before, List<Condition> after) {
        this.before = before;
        this.after = after;
    }

    public void add(E event, String note, String occasion) {
        notices.add(new Notice<>(event, note, occasion));
    }

    /** The condition as it is now, if its status or reason is another than before. */
    public Optional<Condition> changed(String type) {
        var was = ConditionSet.find(before, type);
        return ConditionSet.find(after, type)
                .filter(is -> was.isEmpty()
                        || was.get().status() != is.status()
                        || !was.get().reason().equals(is.reason()));
    }

    /** The events, in the order in which they were added. */
    public List<Notice<E>> toList() {
        return List.copyOf(notices);
    }
}
