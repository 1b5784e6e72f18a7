package dev.tatara.steps.materialize;

import dev.tatara.api.v1alpha1.featureview.FeatureViewSpec;
import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.contracts.Materialized;
import dev.tatara.contracts.StepResult;
import dev.tatara.steps.ArtifactFolder;
import dev.tatara.steps.Step;
import dev.tatara.steps.StepContext;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.definitions.Definition;
import dev.tatara.steps.definitions.ViewParts;
import dev.tatara.steps.materialize.Materializer.Machine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** {@link Materializer} as a step. */
final class MaterializeStep implements Step<Materialized> {
    private final Path viewFile;
    private final Interval.Wanted wanted;
    private final Optional<String> files;
    private final StoreSettings sourceSettings;
    private final Optional<Path> sourceSecret;
    private final Machine machine;
    private final Optional<Path> redisSecret;

    /**
     * The step.
     *
     * @param viewFile the FeatureView's YAML
     * @param files address of the rows' files, in place of the view's source
     * @param sourceSettings how to reach files
     * @param sourceSecret the source's mounted Secret, for services and databases
     * @param redisSecret the online store's mounted Secret; nothing: it isn't written to
     */
    MaterializeStep(
            Path viewFile,
            Interval.Wanted wanted,
            Optional<String> files,
            StoreSettings sourceSettings,
            Optional<Path> sourceSecret,
            Machine machine,
            Optional<Path> redisSecret) {
        this.viewFile = viewFile;
        this.wanted = wanted;
        this.files = files;
        this.sourceSettings = sourceSettings;
        this.sourceSecret = sourceSecret;
        this.machine = machine;
        this.redisSecret = redisSecret;
    }

    @Override
    public String name() {
        return Materializer.NAME;
    }

    @Override
    public Class<Materialized> detailsType() {
        return Materialized.class;
    }

    @Override
    public StepResult<Materialized> run(StepContext context) throws StepFailure, IOException {
        var view = ViewPlan.of(Definition.read(viewFile, "FeatureView", FeatureViewSpec.class));
        var progress = context.progress();
        if (view.online().isPresent() && redisSecret.isEmpty()) {
            progress.say("the online store is left alone: no --redis-credentials were given");
        }
        var store = new ArtifactFolder(context.store(), context.storeUri());
        var materializer = new Materializer(view, wanted, store, machine, context.workspace(), progress);
        return materializer.run(
                (folder, interval) -> source(view, folder, interval, context),
                view.online()
                        .flatMap(any -> redisSecret)
                        .map(secret -> plan -> RedisSink.open(plan, secret, progress)));
    }

    private RowSource source(ViewPlan view, Path folder, Interval interval, StepContext context) throws StepFailure {
        var source = view.source();
        var address = files.or(() -> Optional.ofNullable(source.uri()));
        if (address.isPresent()) {
            return new FileSource(
                    address.get(),
                    source.format(),
                    sourceSettings,
                    folder,
                    FileSource.Piece.DEFAULT,
                    context.progress());
        }
        if (source.http() != null) {
            return new HttpSource(source.http(), interval, sourceSecret, folder, context.progress());
        }
        if (source.jdbc() != null) {
            return new JdbcSource(
                    source.jdbc(),
                    interval,
                    sourceSecret,
                    folder,
                    view.sensitive().isEmpty(),
                    context.progress());
        }
        throw ViewParts.invalid(view.name(), "the source needs one of uri, jdbc and http");
    }

    @Override
    public boolean stillHolds(StepResult<Materialized> earlier, StepContext context) throws StepFailure {
        var uri = earlier.details().uri();
        try {
            return uri != null && context.store().exists(ArtifactUri.parse(uri));
        } catch (ArtifactException e) {
            throw StepFailure.ofStore(e);
        }
    }

    @Override
    public Optional<Materialized> shorter(Materialized details) {
        return ShorterMaterialized.of(details);
    }
}
