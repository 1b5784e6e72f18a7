package dev.tatara.features.writer;

/**
 * Tells whether keys are likely to be new, by those before. Which way a row is written is a matter of time alone: both
 * lead to the same.
 */
final class NewKeys {
    /** Of the keys tried lately, the share from which on it is worth trying: a try in vain costs a fifth of what one saves. */
    private static final double WORTH = 0.2;
    /** How many calls are made otherwise until one tries whether keys have become new. */
    private static final int UNTIL_NEXT_TRY = 256;

    private static final double WEIGHT = 1.0 / 8;

    private double share = 1;
    private int calls;
    private boolean areTried;

    /**
     * What nothing is known of yet.
     *
     * @param areTried whether keys may be tried at all
     */
    NewKeys(boolean areTried) {
        this.areTried = areTried;
    }

    /** Whether the next call should try. */
    boolean isWorthTrying() {
        return areTried && (share >= WORTH || ++calls % UNTIL_NEXT_TRY == 0);
    }

    /** Of a call's keys some were new. */
    void were(double newShare) {
        share += WEIGHT * (newShare - share);
    }

    /** From now on it is never worth trying. */
    void refuse() {
        areTried = false;
    }
}
