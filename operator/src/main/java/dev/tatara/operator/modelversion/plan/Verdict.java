package dev.tatara.operator.modelversion.plan;

/** What is known of a version's file. */
public sealed interface Verdict {
    /** One CamelCase word for the condition. */
    String reason();

    /** Cause and what to do next. */
    String message();

    /** Nothing is known yet. */
    record UnderWay(String reason, String message) implements Verdict {}

    /** The bytes are in the artifact store under their digest, and the runtime can serve them. */
    record Verified(String message) implements Verdict {
        @Override
        public String reason() {
            return "Verified";
        }
    }

    /** The file is at fault. */
    record Rejected(String reason, String message) implements Verdict {}

    /** Something around the file is at fault, and the inspection is tried again. */
    record Failed(String reason, String message) implements Verdict {}
}
