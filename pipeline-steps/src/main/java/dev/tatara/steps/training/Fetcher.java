package dev.tatara.steps.training;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactException.Kind;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.contracts.JoinedDataset;
import dev.tatara.contracts.JoinedDataset.Part;
import dev.tatara.contracts.Outcome;
import dev.tatara.contracts.StepResult;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.contracts.StepResultCodec.MalformedResultException;
import dev.tatara.steps.Step;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.options.ByteSize;
import dev.tatara.steps.tables.QueryFailure;
import dev.tatara.steps.tables.TableEngine;
import dev.tatara.steps.training.Fetcher.Fetched;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Lays out what a trainer reads: parts of the dataset, whose bytes are those that the join wrote, and hyperparameters. */
final class Fetcher implements Step<Fetched> {
    static final String NAME = "fetch";

    private static final int MOST_RESULT_BYTES = 16 << 20;

    private final FetchOptions options;

    Fetcher(FetchOptions options) {
        this.options = options;
    }

    /** Formats of the data that a trainer gets. */
    enum Format {
        Parquet("parquet"),
        Csv("csv");

        private final String ending;

        Format(String ending) {
            this.ending = ending;
        }
    }

    /**
     * What the command line says.
     *
     * @param dataset folder of the parts, below the store or as a URI
     * @param joinResult result of the join, below the store or as a URI
     * @param parts names of the parts
     * @param to folder of this machine for the data
     * @param hyperparameters a JSON object; null: none
     * @param hyperparametersFile a file with such an object; null: none
     * @param hyperparametersTo folder of this machine for the hyperparameters
     */
    record FetchOptions(
            String dataset,
            String joinResult,
            List<String> parts,
            Format format,
            Path to,
            String hyperparameters,
            Path hyperparametersFile,
            Path hyperparametersTo,
            long memoryBytes,
            int threads) {
        FetchOptions {
            parts = List.copyOf(parts);
        }
    }

    /**
     * What was laid out.
     *
     * @param files the data
     */
    record Fetched(List<FetchedFile> files) {
        Fetched {
            files = List.copyOf(files);
        }
    }

    /**
     * A part.
     *
     * @param part its name
     * @param rows its rows
     * @param sha256 digest of the Parquet file that was fetched
     */
    record FetchedFile(String part, long rows, String sha256) {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Class<Fetched> detailsType() {
        return Fetched.class;
    }

    @Override
    public StepResult<Fetched> run(StepContext context) throws StepFailure, IOException {
        hyperparameters().write(options.hyperparametersTo());
        context.progress()
                .say("hyperparameters.json and hyperparameters.yaml written to %s", options.hyperparametersTo());
        var joined = joined(context);
        var folder = context.address("--dataset", options.dataset());
        Files.createDirectories(options.to());
        var files = new ArrayList<FetchedFile>();
        for (var name : options.parts()) {
            var part = joined.parts().stream()
                    .filter(candidate -> candidate.name().equals(name))
                    .findFirst();
            if (part.isPresent()) {
                fetch(part.get(), folder, context);
                files.add(new FetchedFile(name, part.get().rows(), part.get().sha256()));
            } else if (name.equals("train")) {
                throw missing("it made no part %s but %s"
                        .formatted(name, joined.parts().stream().map(Part::name).collect(Collectors.joining(", "))));
            } else {
                context.progress().say("there are no rows for %s", name);
            }
        }
        return StepResult.succeeded(
                NAME,
                files.stream()
                        .map(file -> "%d rows for %s".formatted(file.rows(), file.part()))
                        .collect(Collectors.joining(", ")),
                new Fetched(files));
    }

    private Hyperparameters hyperparameters() throws StepFailure {
        if (options.hyperparameters() != null) {
            return Hyperparameters.parse(options.hyperparameters());
        }
        return options.hyperparametersFile() != null
                ? Hyperparameters.read(options.hyperparametersFile())
                : Hyperparameters.NONE;
    }

    private JoinedDataset joined(StepContext context) throws StepFailure {
        var uri = context.address("--join-result", options.joinResult());
        try {
            var json = new String(context.store().read(uri, MOST_RESULT_BYTES), StandardCharsets.UTF_8);
            var result = StepResultCodec.fromJson(json, JoinedDataset.class);
            if (result.outcome() != Outcome.Succeeded || result.details() == null) {
                throw missing("its result at %s is %s: %s".formatted(uri, result.outcome(), result.message()));
            }
            return result.details();
        } catch (ArtifactException e) {
            throw e.kind() == Kind.NotFound ? missing("it has left no result at " + uri) : StepFailure.ofStore(e);
        } catch (MalformedResultException e) {
            throw missing("what lies at %s is none of its results: %s".formatted(uri, e.getMessage()));
        }
    }

    private static StepFailure missing(String why) {
        return StepFailure.failed(Reasons.DATASET_MISSING, "the data wasn't joined: " + why + "; join it first", null);
    }

    private void fetch(Part part, ArtifactUri folder, StepContext context) throws StepFailure, IOException {
        var uri = folder.resolve(part.name() + ".parquet");
        var file = context.workspace().resolve(part.name() + ".parquet");
        context.progress().say("fetching %s, %s", uri, ByteSize.show(part.sizeBytes()));
        try {
            var digested = context.store().download(uri, file, Long.MAX_VALUE);
            if (!digested.sha256().equals(part.sha256())) {
                throw StepFailure.failed(
                        Reasons.DATASET_DAMAGED,
                        "expected sha256 %s at %s, as the join wrote it, found %s: restore the file, or join anew with --force"
                                .formatted(part.sha256(), uri, digested.sha256()),
                        null);
            }
        } catch (ArtifactException e) {
            throw e.kind() == Kind.NotFound
                    ? StepFailure.failed(Reasons.DATASET_MISSING, e.getMessage() + "; join the data anew", e)
                    : StepFailure.ofStore(e);
        }
        var target = options.to().resolve(part.name() + "." + options.format().ending);
        layOut(file, target, context.workspace());
        context.progress().say("%d rows, %s, in %s", part.rows(), ByteSize.show(Files.size(target)), target);
    }

    /** The file appears whole. */
    private void layOut(Path parquet, Path target, Path workspace) throws StepFailure, IOException {
        var part = target.resolveSibling("." + target.getFileName() + ".part");
        try {
            if (options.format() == Format.Parquet) {
                Files.move(parquet, part, StandardCopyOption.REPLACE_EXISTING);
            } else {
                convert(parquet, part, workspace);
                Files.delete(parquet);
            }
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private void convert(Path parquet, Path csv, Path workspace) throws StepFailure, IOException {
        var spill = Files.createDirectories(workspace.resolve("spill"));
        try (var engine = TableEngine.open(spill, options.memoryBytes(), options.threads())) {
            CsvFile.write(engine, parquet, csv);
        } catch (SQLException e) {
            throw QueryFailure.of(e);
        }
    }

    /** Files of this machine may be gone with their pod: they are laid out each time. */
    @Override
    public boolean stillHolds(StepResult<Fetched> earlier, StepContext context) {
        return false;
    }

    @Override
    public Optional<Fetched> shorter(Fetched details) {
        return Optional.empty();
    }
}
