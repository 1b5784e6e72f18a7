package dev.tatara.e2e.load;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One request and what became of it.
 *
 * @param way how it was asked
 * @param number among the requests of its way, from 0
 * @param key who asked, for services that keep people on one side
 * @param isMatched whether it asked for the candidate
 * @param revision who answered, as the answer says; empty where it doesn't, for want of another revision
 * @param factor what the answering version multiplies by; 0 where the answer is no version's
 * @param failure what came instead of a right answer; empty if one came
 */
public record Call(
        Way way,
        long number,
        Instant sent,
        Instant ended,
        String key,
        boolean isMatched,
        String revision,
        int factor,
        String failure) {
    private static final Pattern LINE =
            Pattern.compile("((?:rest|grpc)_(?:kept|new)) (\\d+) (\\d+) (\\d+) (\\S+) (true|false) (\\S+) (\\d+) (.*)");

    /** What a request is asked in. */
    public enum Protocol {
        Rest,
        Grpc
    }

    /** What a request is asked in, and on what. */
    public enum Way {
        RestKept(Protocol.Rest, true),
        RestNew(Protocol.Rest, false),
        GrpcKept(Protocol.Grpc, true),
        GrpcNew(Protocol.Grpc, false);

        private final Protocol protocol;
        private final boolean isKept;

        Way(Protocol protocol, boolean isKept) {
            this.protocol = protocol;
            this.isKept = isKept;
        }

        private static Way of(String scenario) {
            return switch (scenario) {
                case "rest_kept" -> RestKept;
                case "rest_new" -> RestNew;
                case "grpc_kept" -> GrpcKept;
                default -> GrpcNew;
            };
        }
    }

    /** Reads a line of src/test/resources/load/multiplier.js; empty if k6 said it itself. */
    static Optional<Call> read(String line) {
        var fields = LINE.matcher(line);
        if (!fields.matches()) {
            return Optional.empty();
        }
        return Optional.of(new Call(
                Way.of(fields.group(1)),
                Long.parseLong(fields.group(2)),
                Instant.ofEpochMilli(Long.parseLong(fields.group(3))),
                Instant.ofEpochMilli(Long.parseLong(fields.group(4))),
                fields.group(5),
                Boolean.parseBoolean(fields.group(6)),
                fields.group(7).equals("-") ? "" : fields.group(7),
                Integer.parseInt(fields.group(8)),
                fields.group(9)));
    }

    public Protocol protocol() {
        return way.protocol;
    }

    /** Whether its connection was there before and stays. */
    public boolean isOnKeptConnection() {
        return way.isKept;
    }

    /** Whether nobody answered it rightly. */
    public boolean hasFailed() {
        return !failure.isEmpty();
    }
}
