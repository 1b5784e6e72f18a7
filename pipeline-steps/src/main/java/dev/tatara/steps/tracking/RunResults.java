package dev.tatara.steps.tracking;

import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactException.Kind;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.contracts.Evaluated;
import dev.tatara.contracts.JoinedDataset;
import dev.tatara.contracts.Published;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.contracts.StepResultCodec.MalformedResultException;
import dev.tatara.contracts.Validated;
import dev.tatara.steps.StepFailure;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What the steps of a run left in its folder. A run may end at any of them; what isn't there isn't.
 *
 * @param validated what validate found out
 * @param joined the data
 * @param published the model; of a sweep, the best trial's
 * @param evaluated the judgement
 */
record RunResults(
        Optional<Validated> validated,
        Optional<JoinedDataset> joined,
        Optional<Published> published,
        Optional<Evaluated> evaluated) {
    private static final int MAX_BYTES = 16 << 20;

    static RunResults read(ArtifactStore store, ArtifactUri run, LeftOut leftOut) throws StepFailure {
        return new RunResults(
                read(store, run.resolve("validate/result.json"), Validated.class, leftOut),
                read(store, run.resolve("join/result.json"), JoinedDataset.class, leftOut),
                read(store, run.resolve("train/result.json"), Published.class, leftOut),
                read(store, run.resolve("evaluate/result.json"), Evaluated.class, leftOut));
    }

    /** The same with the model of a trial. */
    RunResults withPublished(Optional<Published> other) {
        return new RunResults(validated, joined, other, evaluated);
    }

    /** What a step found out, whether its verdict was good or not. */
    static <D> Optional<D> read(ArtifactStore store, ArtifactUri uri, Class<D> type, LeftOut leftOut)
            throws StepFailure {
        try {
            var json = new String(store.read(uri, MAX_BYTES), StandardCharsets.UTF_8);
            return Optional.ofNullable(StepResultCodec.fromJson(json, type).details());
        } catch (ArtifactException e) {
            if (e.kind() == Kind.NotFound) {
                return Optional.empty();
            }
            throw StepFailure.ofStore(e);
        } catch (MalformedResultException e) {
            leftOut.add("what lies at %s: %s".formatted(uri, e.getMessage()));
            return Optional.empty();
        }
    }
}
