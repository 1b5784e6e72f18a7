package dev.tatara.steps.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tatara.artifacts.Sha256;
import dev.tatara.contracts.JoinedDataset;
import dev.tatara.contracts.JoinedDataset.Part;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.steps.training.Fetcher.FetchOptions;
import dev.tatara.steps.training.Fetcher.Fetched;
import dev.tatara.steps.training.Fetcher.FetchedFile;
import dev.tatara.steps.training.Fetcher.Format;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FetcherTest {
    private static final String RUN = "runs/ml/churn/1";

    @TempDir
    Path folder;

    private Bench bench;
    private Path to;

    @BeforeEach
    void open() {
        bench = new Bench(folder);
        to = folder.resolve("tatara/input");
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private void join(String... parts) throws Exception {
        var joined = new ArrayList<Part>();
        var dataset = Files.createDirectories(bench.root.resolve(RUN + "/dataset"));
        for (var part : parts) {
            var file =
                    bench.rows(part + ".parquet", "select i, i / 4 as x, '" + part + "' as part from range(1000) r(i)");
            var target = Files.move(file, dataset.resolve(part + ".parquet"));
            var digested = Sha256.of(target);
            joined.add(new Part(part, target.toUri().toString(), digested.sha256(), digested.sizeBytes(), 1000));
        }
        result(StepResult.succeeded(
                "join", "", new JoinedDataset(joined, List.of(), 3000, List.of(), false, false, null, null)));
    }

    private void result(StepResult<JoinedDataset> result) throws Exception {
        var file = bench.root.resolve(RUN + "/join/result.json");
        Files.createDirectories(file.getParent());
        Files.writeString(file, StepResultCodec.toJson(result));
    }

    private StepResult<Fetched> fetch(Format format) throws Exception {
        return bench.run(new Fetcher(new FetchOptions(
                RUN + "/dataset",
                RUN + "/join/result.json",
                List.of("train", "validation"),
                format,
                to,
                "{\"depth\": 4}",
                null,
                to.getParent(),
                64L << 20,
                1)));
    }

    @Test
    void whatTheJoinWroteIsLaidOut() throws Exception {
        join("train", "validation", "test");
        var result = fetch(Format.Parquet);

        assertThat(result.outcome()).as(result.message()).isEqualTo(Outcome.Succeeded);
        assertThat(to.resolve("train.parquet"))
                .hasSameBinaryContentAs(bench.root.resolve(RUN + "/dataset/train.parquet"));
        assertThat(to).isDirectoryContaining("glob:**validation.parquet");
        assertThat(to.toFile().list()).as("and not the test").hasSize(2);
        assertThat(to.getParent().resolve("hyperparameters.json"))
                .content()
                .isEqualToIgnoringWhitespace("{\"depth\": 4}");
        assertThat(result.details().files().stream().map(FetchedFile::part)).containsExactly("train", "validation");
        assertThat(bench.said()).contains("1000 rows");

        var again = fetch(Format.Parquet);
        assertThat(again).as("a container that starts anew").isEqualTo(result);
    }

    @Test
    void rowsMayBeCsv() throws Exception {
        join("train");
        var result = fetch(Format.Csv);

        assertThat(result.message()).isEqualTo("1000 rows for train");
        assertThat(bench.said()).contains("there are no rows for validation");
        var lines = Files.readAllLines(to.resolve("train.csv"));
        assertThat(lines)
                .hasSize(1001)
                .startsWith("i,x,part", "0,0.0,train", "1,0.25,train")
                .endsWith("999,249.75,train");
        assertThat(to.toFile().list()).containsExactly("train.csv");
    }

    @Test
    void otherBytesAreRefused() throws Exception {
        join("train", "validation");
        Files.writeString(bench.root.resolve(RUN + "/dataset/validation.parquet"), "damaged");
        var result = fetch(Format.Parquet);

        assertThat(result.reason()).isEqualTo("DatasetDamaged");
        assertThat(result.outcome()).isEqualTo(Outcome.Failed);
        assertThat(result.message()).contains("validation.parquet", "join anew");
        assertThat(to.resolve("validation.parquet")).doesNotExist();

        Files.delete(bench.root.resolve(RUN + "/dataset/validation.parquet"));
        assertThat(fetch(Format.Parquet).reason()).isEqualTo("DatasetMissing");
    }

    @Test
    void withoutAGoodJoinThereIsNothingToFetch() throws Exception {
        assertThat(fetch(Format.Parquet).message()).contains("it has left no result at", "join it first");
        join("all");
        assertThat(fetch(Format.Parquet).message()).contains("it made no part train but all");
        result(StepResult.rejected("join", "NoRows", "the entities have no rows", null));
        var result = fetch(Format.Parquet);
        assertThat(result.reason()).isEqualTo("DatasetMissing");
        assertThat(result.message()).contains("Rejected: the entities have no rows");
        Files.writeString(bench.root.resolve(RUN + "/join/result.json"), "{}");
        assertThat(fetch(Format.Parquet).message()).contains("none of its results");
    }
}
