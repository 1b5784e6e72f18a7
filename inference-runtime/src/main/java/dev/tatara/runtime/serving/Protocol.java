package dev.tatara.runtime.serving;

/** By which door an inference request came. */
public enum Protocol {
    V2_REST("v2-rest"),
    V2_GRPC("v2-grpc"),
    V1("v1"),
    PREDICT("predict");

    private final String label;

    Protocol(String label) {
        this.label = label;
    }

    /** As the label {@code protocol} of metrics and in logs. */
    public String label() {
        return label;
    }
}
