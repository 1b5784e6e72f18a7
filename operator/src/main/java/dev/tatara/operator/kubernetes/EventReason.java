package dev.tatara.operator.kubernetes;

/** The reason of an event; each kind's enum implements it, so that every reason stands in one place per kind. */
public interface EventReason {
    String name();

    /** {@code Normal}, or {@code Warning} where a person should look. */
    String type();

    /** What the operator did or was about to do, in UpperCamelCase. */
    String action();
}
