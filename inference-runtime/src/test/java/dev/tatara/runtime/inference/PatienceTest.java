package dev.tatara.runtime.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PatienceTest {
    private static final int MAX_ROWS = 32;
    private static final double SAVED = 1_000;
    private static final long MAX_DELAY = 10_000;
    private final Patience patience = new Patience();

    private long pause(long now, long rows) {
        return patience.pause(now, rows, MAX_ROWS, SAVED, MAX_DELAY);
    }

    @Test
    void anIdleServerNeverWaits() {
        assertThat(pause(5, 1)).isZero();
        patience.ended(100, 8);
        assertThat(pause(100 + 1_000, 1)).isZero();
        assertThat(pause(1_000_000, 1)).isZero();
    }

    @Test
    void oneCallerNeverWaits() {
        patience.ended(100, 1);
        assertThat(pause(101, 1)).isZero();
    }

    @Test
    void callersThatWereAnsweredTogetherAreWaitedForAMoment() {
        patience.ended(100, 8);
        assertThat(pause(300, 1)).isEqualTo(800);
        assertThat(pause(300, 7)).isEqualTo(800);
        assertThat(pause(300, 8)).isZero();
        assertThat(pause(300, 20)).isZero();
    }

    @Test
    void neverLongerThanTheSettingSays() {
        patience.ended(100, 8);
        assertThat(patience.pause(100, 1, MAX_ROWS, 1e12, MAX_DELAY)).isEqualTo(MAX_DELAY);
        assertThat(patience.pause(100, 1, MAX_ROWS, 1e12, 0)).isZero();
    }

    @Test
    void aFullRunIsNotWaitedBeyond() {
        patience.ended(100, 500);
        assertThat(pause(100, MAX_ROWS)).isZero();
    }
}
