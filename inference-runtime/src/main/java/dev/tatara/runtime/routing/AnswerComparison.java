package dev.tatara.runtime.routing;

/** Compares two answers to the same request, of one protocol. */
public interface AnswerComparison {
    /**
     * The first difference.
     *
     * @param tolerance by which numbers may differ, as a share of the larger one or, where that is below 1, absolutely
     * @return for people; null if the answers are the same as far as that counts
     */
    String difference(Answer answer, Answer shadow, double tolerance);

    /**
     * A body.
     *
     * @param jsonLength bytes of JSON before binary tensors, −1 where all is of one kind
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Answer(byte[] bytes, int jsonLength) {}

    /** Whether numbers are the same within a tolerance; NaN is only the same as NaN. */
    static boolean isClose(double one, double other, double tolerance) {
        return one == other
                || (Double.isNaN(one) && Double.isNaN(other))
                || Math.abs(one - other) <= tolerance * Math.max(1, Math.max(Math.abs(one), Math.abs(other)));
    }
}
