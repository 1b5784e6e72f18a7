package dev.tatara.steps.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ModelProbeTest {
    @Test
    void theNinetyNinthPercentileIsTheNearestRank() {
        assertThat(ModelProbe.percentile99(new long[] {7})).isEqualTo(7);
        assertThat(ModelProbe.percentile99(
                        LongStream.rangeClosed(1, 200).map(i -> 201 - i).toArray()))
                .isEqualTo(198);
        assertThat(ModelProbe.percentile99(LongStream.rangeClosed(1, 10).toArray()))
                .isEqualTo(10);
    }
}
