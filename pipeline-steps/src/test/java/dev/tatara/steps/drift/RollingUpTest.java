package dev.tatara.steps.drift;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.contracts.DriftEvaluated.RolledUp;
import dev.tatara.statistics.CategorySketch;
import dev.tatara.statistics.NumberSketch;
import dev.tatara.statistics.Pane;
import dev.tatara.statistics.Pane.Role;
import dev.tatara.steps.MortalFolder;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.drift.Pods.Rows;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RollingUpTest {
    private static final Instant MIDNIGHT = Instant.parse("2026-11-21T00:00:00Z");
    private static final Duration MINUTES = Duration.ofMinutes(15);

    private final MemoryFiles files = new MemoryFiles();
    private final Pods pods = new Pods(files);

    private static Instant at(int hours) {
        return MIDNIGHT.plus(Duration.ofHours(hours));
    }

    private static RolledUp rollUp(StoreFolder files, Instant at) throws StepFailure {
        var progress = new Progress(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
        return new RollingUp(files, Listing.of(files, Pods.FOLDER), at, progress).run();
    }

    private static LiveData day(StoreFolder files) throws StepFailure {
        return LiveData.read(files, Pods.FOLDER, List.of(Pods.REVISION), MIDNIGHT, at(24));
    }

    /** What must not depend on how panes lie in the store; quantiles are exact as long as there are few values. */
    private static String figures(LiveData live) {
        var pane = live.pane().orElseThrow();
        var spend = (NumberSketch) column(pane, "spend_30d");
        var tier = (CategorySketch) column(pane, "tier");
        return "%d panes, %d rows, %d requests, %d pods, %d lost; spend %d %.9f %.9f %.6f %.6f; tier %s; from %s to %s"
                .formatted(
                        pane.sources(),
                        pane.rowsSeen(),
                        pane.traffic().requests(),
                        live.pods(),
                        live.lost(),
                        spend.count(),
                        spend.mean(),
                        spend.standardDeviation(),
                        spend.min(),
                        spend.max(),
                        tier.top(10),
                        pane.start(),
                        pane.end());
    }

    private static Object column(Pane pane, String name) {
        return pane.column(Role.Feature, name).orElseThrow().sketch();
    }

    @Test
    void hoursAreMadeOfPanesAndDaysOfHours() throws Exception {
        pods.write("churn-a", "0123456789ab", at(0), at(6), MINUTES, Rows.of(5));
        pods.write("churn-b", "ba9876543210", at(1), at(6), MINUTES, Rows.of(5));
        var before = figures(day(files));
        assertThat(before).startsWith("44 panes, 220 rows, 220 requests, 2 pods, 0 lost");

        var first = rollUp(files, at(7));
        assertThat(first).isEqualTo(new RolledUp(5, 0, 36, 0, 36, null));
        assertThat(files.keys(Pods.FOLDER))
                .hasSize(13)
                .contains(Pods.FOLDER + Pods.REVISION + "/hours/20261121T040000Z-0.zip");
        assertThat(figures(day(files))).isEqualTo(before);
        assertThat(rollUp(files, at(7))).isEqualTo(new RolledUp(0, 0, 0, 0, 0, null));

        assertThat(rollUp(files, at(9 * 24))).isEqualTo(new RolledUp(1, 0, 8, 0, 8, null));
        assertThat(rollUp(files, at(9 * 24))).isEqualTo(new RolledUp(0, 1, 0, 0, 6, null));
        assertThat(files.keys(Pods.FOLDER))
                .containsExactly(Pods.FOLDER + Pods.REVISION + "/days/20261121T000000Z-0.zip");
        assertThat(figures(day(files))).isEqualTo(before);

        assertThat(rollUp(files, at(24 * 401)).deleted()).isEqualTo(1);
        assertThat(files.all()).isEmpty();
    }

    @Test
    void revisionsThatServeNoMoreAreRolledUpToo() throws Exception {
        pods.write("churn-a", "0123456789ab", at(0), at(1), MINUTES, Rows.of(1));
        var old = Pods.key("gone", "churn-z", "0123456789ab", 7, at(0));
        files.all().put(old, files.all().get(files.all().firstKey()));

        assertThat(rollUp(files, at(3)).hours()).isEqualTo(2);
        assertThat(files.keys(Pods.FOLDER + "gone/"))
                .containsExactly(Pods.FOLDER + "gone/hours/20261121T000000Z-0.zip");
        assertThat(day(files).pods()).as("rows of other revisions don't count").isEqualTo(1);
    }

    @Test
    void whatComesLateIsCountedAndOnce() throws Exception {
        pods.write("churn-a", "0123456789ab", at(0), at(4), MINUTES, Rows.of(5));
        var late = Pods.key(Pods.REVISION, "churn-a", "0123456789ab", 5, at(1).plus(MINUTES));
        var bytes = files.all().remove(late);
        assertThat(day(files).lost()).isEqualTo(1);
        rollUp(files, at(6));
        assertThat(day(files).pane().orElseThrow().rowsSeen()).isEqualTo(75);

        files.all().put(late, bytes);
        assertThat(day(files).pane().orElseThrow().rowsSeen()).isEqualTo(80);
        assertThat(rollUp(files, at(6))).isEqualTo(new RolledUp(1, 0, 1, 1, 1, null));
        assertThat(files.keys(Pods.FOLDER)).anyMatch(key -> key.endsWith("/hours/20261121T010000Z-1.zip"));
        assertThat(day(files).lost()).isZero();

        // A pod that wasn't sure whether its pane had arrived writes it once more.
        files.all().put(late, bytes);
        assertThat(day(files).pane().orElseThrow().rowsSeen()).isEqualTo(80);
        assertThat(rollUp(files, at(6))).isEqualTo(new RolledUp(0, 0, 0, 0, 1, null));
        assertThat(day(files).pane().orElseThrow().rowsSeen()).isEqualTo(80);
    }

    @Test
    void whatComesAfterItsDayWasRolledUpIsCountedToo() throws Exception {
        pods.write("churn-a", "0123456789ab", at(0), at(4), MINUTES, Rows.of(5));
        var late = Pods.key(Pods.REVISION, "churn-a", "0123456789ab", 5, at(1).plus(MINUTES));
        var bytes = files.all().remove(late);
        var nextWeek = at(24 * 9);
        rollUp(files, nextWeek);
        rollUp(files, nextWeek);
        files.all().put(late, bytes);

        assertThat(rollUp(files, nextWeek).hours()).isEqualTo(1);
        assertThat(files.keys(Pods.FOLDER)).anyMatch(key -> key.endsWith("/hours/20261121T010000Z-1.zip"));
        assertThat(day(files).pane().orElseThrow().rowsSeen()).isEqualTo(80);
        assertThat(rollUp(files, nextWeek).days()).isEqualTo(1);
        assertThat(files.keys(Pods.FOLDER)).hasSize(2);
        assertThat(day(files).pane().orElseThrow().rowsSeen()).isEqualTo(80);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void killedAtAnyWriteItEndsAsAnUndisturbedOne(boolean after) throws Exception {
        pods.write("churn-a", "0123456789ab", at(0), at(3), MINUTES, Rows.of(3));
        pods.write("churn-b", "ba9876543210", at(0), at(2), MINUTES, Rows.of(3));
        var atEnd = at(24 * 9);
        var before = figures(day(files));
        var undisturbed = new MemoryFiles(files);
        rollUp(undisturbed, atEnd);
        rollUp(undisturbed, atEnd);
        assertThat(figures(day(undisturbed))).isEqualTo(before);

        int kills = 0;
        for (int writes = 0; ; writes++) {
            var store = new MemoryFiles(files);
            var mortal = new MortalFolder(store, writes, after);
            var died = MortalFolder.kills(() -> {
                rollUp(mortal, atEnd);
                return rollUp(mortal, atEnd);
            });
            assertThat(figures(day(store))).as("killed at write %d", writes).isEqualTo(before);
            rollUp(store, atEnd);
            rollUp(store, atEnd);
            rollUp(store, atEnd);
            assertThat(figures(day(store)))
                    .as("killed at write %d, and mended", writes)
                    .isEqualTo(before);
            assertThat(store.all().keySet())
                    .as("killed at write %d", writes)
                    .isEqualTo(undisturbed.all().keySet());
            if (!died) {
                break;
            }
            kills++;
        }
        assertThat(kills).isGreaterThan(20);
    }

    @Test
    void ofTwoThatRollUpAtOnceOneWins() throws Exception {
        pods.write("churn-a", "0123456789ab", at(0), at(3), MINUTES, Rows.of(3));
        var before = figures(day(files));
        var slow = Listing.of(files, Pods.FOLDER);
        // The other one is through with the first hour.
        rollUp(files, at(3));
        var progress = new Progress(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
        var done = new RollingUp(files, slow, at(6), progress).run();

        assertThat(done.trouble()).isNull();
        assertThat(figures(day(files))).isEqualTo(before);
        rollUp(files, at(6));
        assertThat(figures(day(files))).isEqualTo(before);
        assertThat(files.keys(Pods.FOLDER)).hasSize(3);
    }

    @Test
    void whatCannotBeReadIsNamedAndStaysForAWeek() throws Exception {
        pods.write("churn-a", "0123456789ab", at(0), at(1), MINUTES, Rows.of(5));
        var broken = Pods.key(Pods.REVISION, "churn-a", "0123456789ab", 1, at(0).plus(MINUTES));
        files.all().put(broken, "no pane".getBytes(StandardCharsets.UTF_8));

        var live = day(files);
        assertThat(live.damaged()).singleElement().asString().contains(broken, "expected a pane");
        assertThat(live.lost()).as("it is there, though it can't be read").isZero();
        assertThat(live.pane().orElseThrow().rowsSeen()).isEqualTo(15);

        assertThat(rollUp(files, at(3))).isEqualTo(new RolledUp(1, 0, 3, 0, 3, null));
        assertThat(files.all()).hasSize(2).containsKey(broken);
        assertThat(day(files).damaged()).hasSize(1);
        assertThat(day(files).pane().orElseThrow().rowsSeen()).isEqualTo(15);

        rollUp(files, at(24 * 8));
        assertThat(files.all()).hasSize(1).doesNotContainKey(broken);
    }

    @Test
    void aRollUpThatCannotBeReadIsNamed() throws Exception {
        pods.write("churn-a", "0123456789ab", at(0), at(2), MINUTES, Rows.of(5));
        rollUp(files, at(6));
        var broken = Pods.FOLDER + Pods.REVISION + "/hours/20261121T000000Z-0.zip";
        files.all().put(broken, new byte[] {'P', 'K', 3, 4, 0});

        var live = day(files);
        assertThat(live.damaged()).singleElement().asString().contains(broken, "roll-up is damaged");
        assertThat(live.pane().orElseThrow().rowsSeen()).isEqualTo(20);
    }

    @Test
    void panesWithoutTrafficProveThatPodsWrite() throws Exception {
        pods.write("churn-a", "0123456789ab", at(0), at(2), MINUTES, Rows.of(0));
        rollUp(files, at(6));

        var live = day(files);
        assertThat(live.pane().orElseThrow().isEmpty()).isTrue();
        assertThat(live.pane().orElseThrow().sources()).isEqualTo(8);
        assertThat(live.pods()).isEqualTo(1);
    }

    @Test
    void whereDeletingIsForbiddenNothingIsCountedTwice() throws Exception {
        pods.write("churn-a", "0123456789ab", at(0), at(2), MINUTES, Rows.of(5));
        var before = figures(day(files));
        var readOnly = new MemoryFiles(files) {
            @Override
            public void delete(String key) throws StepFailure {
                throw StepFailure.failed("StoreAccessDenied", "artifact store: s3:DeleteObject is missing", null);
            }
        };

        var done = rollUp(readOnly, at(6));
        assertThat(done.trouble()).contains("s3:DeleteObject");
        assertThat(figures(day(readOnly))).isEqualTo(before);
        rollUp(readOnly, at(6));
        assertThat(figures(day(readOnly))).isEqualTo(before);
    }
}
