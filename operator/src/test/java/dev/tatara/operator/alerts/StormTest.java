package dev.tatara.operator.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Memory is bounded by the process that reads: it has less than a tenth of the storm. */
class StormTest {
    private static final int ALERTS = 10_000;
    private static final int CHARACTERS = 20_000;

    @Test
    void tenThousandAlertsOfTwoHundredMegabytesAreReadInTwentyFour() throws Exception {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx24m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        StormTest.class.getName())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(output).contains("Receipt[firing=10000, resolved=0, matched=10000] firing=10000 kept=50");
        assertThat(process.exitValue()).isZero();
    }

    public static void main(String[] arguments) throws Exception {
        var kept = new OnePolicy();
        var receipt = new AlertInbox(kept, Set.of(), 50_000).take(Posts.storm(ALERTS, "ml", CHARACTERS));
        System.out.printf(
                "%s firing=%d kept=%d%n",
                receipt, kept.book.firing(), kept.book.entries().size());
    }

    private static final class OnePolicy implements AlertInbox.Policies {
        private AlertBook book = AlertBook.of(null);

        @Override
        public List<Watch> watches(String namespace) {
            return List.of(new Watch(namespace, "churn", "1", Map.of("service", "churn"), book));
        }

        @Override
        public void keep(Watch watch, Collection<AlertNews> news) {
            book = book.with(news, Instant.now());
        }
    }
}
