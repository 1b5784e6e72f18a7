package dev.tatara.steps.materialize;

import dev.tatara.steps.StepRunner;
import dev.tatara.steps.materialize.Materializer.Machine;
import dev.tatara.steps.options.EngineOptions;
import dev.tatara.steps.options.ResultOptions;
import dev.tatara.steps.options.SourceSecretOptions;
import dev.tatara.steps.options.StoreOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of {@link Materializer}. */
@Command(
        name = Materializer.NAME,
        description = {
            "Computes the features of a FeatureView: reads rows since the last time, renames and transforms them,"
                    + " converts them to the declared types, checks them, takes one row per key and event time, and"
                    + " writes a snapshot below features/<namespace>/<view>/ of the store, then the online store.",
            "",
            "May be killed and run again at any time: with the same --end the result is the same.",
            ""
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:The snapshot is written, or there was nothing new.",
            "2:Rejected: rows or definition are at fault (or a check that blocks failed); nothing was written.",
            "3:Failed: something around it is at fault; a later run may succeed.",
            "64:The command line can't be understood."
        },
        footer = {
            "",
            "On a laptop:",
            "  tatara-steps materialize --view user-activity.yaml --source 'file:///tmp/raw/*.csv' \\",
            "    --store file:///tmp/store"
        })
public final class MaterializeCommand implements Callable<Integer> {
    /** Where Jobs have the online store's Secret mounted. */
    private static final Path REDIS_SECRET = Path.of("/tatara/secrets/redis");

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--view",
            required = true,
            paramLabel = "FILE",
            description = "The FeatureView, as it is given to kubectl apply.")
    private Path view;

    @Option(
            names = "--source",
            paramLabel = "URI",
            description = "Files to read in place of the view's source: s3://, https:// or file://, with * for any part"
                    + " of a name.")
    private String source;

    @Mixin
    private SourceSecretOptions sourceSecret;

    @Option(
            names = "--start",
            paramLabel = "TIME",
            description = "Take rows from this event time on, for example 2026-01-31T00:00:00Z, and add them to the"
                    + " current snapshot. Default: since the last time, and ttl before --end the first time.")
    private Instant start;

    @Option(names = "--end", paramLabel = "TIME", description = "Take rows up to this time, inclusive. Default: now.")
    private Instant end;

    @Option(names = "--full", description = "Take all rows, in place of what the snapshots have.")
    private boolean full;

    @Option(
            names = "--redis-credentials",
            paramLabel = "FOLDER",
            description = "Mounted Secret of the online store: url, or host, port, username and password, and ca.crt."
                    + " Default: /tatara/secrets/redis where it exists, else the online store isn't written to.")
    private Path redisCredentials;

    @Mixin
    private EngineOptions engine;

    @Mixin
    private StoreOptions store;

    @Mixin
    private ResultOptions result;

    private Optional<Path> redisSecret() {
        return redisCredentials != null
                ? Optional.of(redisCredentials)
                : Optional.of(REDIS_SECRET).filter(Files::isDirectory);
    }

    @Override
    public Integer call() {
        var until = (end == null ? Instant.now() : end).truncatedTo(ChronoUnit.MICROS);
        if (start != null && start.isAfter(until)) {
            throw new ParameterException(
                    spec.commandLine(), "--start must not be after --end: " + start + " is after " + until);
        }
        if (start != null && full) {
            throw new ParameterException(spec.commandLine(), "--full takes everything; leave out --start");
        }
        var step = new MaterializeStep(
                view,
                new Interval.Wanted(Optional.ofNullable(start), until, full),
                Optional.ofNullable(source),
                sourceSecret.settings(store.settings()),
                sourceSecret.folder(),
                new Machine(engine.memoryBytes(), engine.threads()),
                redisSecret());
        return new StepRunner<>(step, store, result).run();
    }
}
