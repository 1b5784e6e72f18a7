package dev.tatara.steps.tracking;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.contracts.CheckVerdict.Verdict;
import dev.tatara.contracts.Evaluated;
import dev.tatara.contracts.JoinedDataset;
import dev.tatara.mlflow.DatasetInput;
import dev.tatara.mlflow.Limits;
import dev.tatara.mlflow.RunStatus;
import dev.tatara.steps.definitions.Definition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A run in MLflow's terms: its state, its tags, the data it read. */
final class RunDescription {
    /** The description that MLflow's pages show. */
    private static final String NOTE_TAG = "mlflow.note.content";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_INPUTS = 100;

    private final Definition<TrackedParts> job;
    private final TrackOptions options;
    private final RunResults results;

    RunDescription(Definition<TrackedParts> job, TrackOptions options, RunResults results) {
        this.job = job;
        this.options = options;
        this.results = results;
    }

    /** FINISHED says that the run did its work, be the model good or not; the tag {@code tatara.outcome} tells more. */
    RunStatus status() {
        return switch (options.outcome()) {
            case "Registered", "GatesFailed", "Succeeded" -> RunStatus.FINISHED;
            case "Cancelled" -> RunStatus.KILLED;
            default -> RunStatus.FAILED;
        };
    }

    /** Whose run it is; versions of the registered model have the same. */
    Map<String, String> identity() {
        var tags = new LinkedHashMap<String, String>();
        tags.put(Registration.NAMESPACE_TAG, job.namespace());
        tags.put(Registration.JOB_TAG, job.name());
        put(tags, Registration.NUMBER_TAG, options.number());
        put(tags, "tatara.modelversion", options.modelVersion());
        results.published().map(published -> published.model()).ifPresent(model -> {
            put(tags, "tatara.model.uri", model.uri());
            put(tags, "tatara.model.sha256", model.sha256());
        });
        return tags;
    }

    Map<String, String> tags(List<String> leftOut) {
        var tags = identity();
        put(tags, "tatara.model", job.spec().model());
        put(tags, "tatara.outcome", options.outcome());
        put(tags, "tatara.message", options.message());
        put(tags, "tatara.trigger", options.trigger());
        put(
                tags,
                "tatara.image",
                job.spec().trainer() == null ? null : job.spec().trainer().image());
        put(tags, "tatara.owner", job.spec().owner());
        results.validated().ifPresent(validated -> {
            put(tags, "tatara.rows", validated.rows());
            var failed = validated.checks().stream()
                    .filter(check -> check.verdict() == Verdict.Failed)
                    .count();
            put(tags, "tatara.checks.failed", failed);
        });
        results.evaluated().ifPresent(evaluated -> {
            put(tags, "tatara.task", evaluated.task());
            put(tags, "tatara.gates.failed", evaluated.gatesFailed());
            putUri(tags, "tatara.card.uri", evaluated.card());
            putUri(tags, "tatara.profile.uri", evaluated.profile());
        });
        results.published()
                .map(published -> published.artifacts())
                .filter(artifacts -> artifacts.count() > 0)
                .ifPresent(artifacts -> put(tags, "tatara.artifacts.uri", artifacts.uri()));
        if (!leftOut.isEmpty()) {
            put(tags, "tatara.leftOut", String.join("; ", leftOut));
        }
        put(tags, NOTE_TAG, note());
        options.tags().forEach((name, value) -> put(tags, Limits.name(name), value));
        return tags;
    }

    private String note() {
        var note = new StringBuilder("TrainingJob **%s/%s**".formatted(job.namespace(), job.name()));
        if (options.number() != null) {
            note.append(", run ").append(options.number());
        }
        note.append(": ").append(options.outcome());
        if (options.modelVersion() != null) {
            note.append(" as **").append(options.modelVersion()).append("**");
        }
        note.append('.');
        if (options.message() != null) {
            note.append("\n\n").append(options.message());
        }
        return note.toString();
    }

    private static void putUri(Map<String, String> tags, String name, Evaluated.Artifact artifact) {
        put(tags, name, artifact == null ? null : artifact.uri());
    }

    private static void put(Map<String, String> tags, String name, Object value) {
        if (value != null && !value.toString().isEmpty()) {
            tags.put(name, Limits.cut(value.toString(), Limits.TAG_VALUE));
        }
    }

    /** The parts of the data, and the snapshots that features came from. */
    List<DatasetInput> inputs() {
        var inputs = new ArrayList<DatasetInput>();
        results.joined().ifPresent(joined -> {
            joined.parts().forEach(part -> inputs.add(part(part)));
            joined.views().stream().limit(MOST_INPUTS - (long) inputs.size()).forEach(view -> inputs.add(view(view)));
        });
        return inputs;
    }

    private DatasetInput part(JoinedDataset.Part part) {
        var context =
                switch (part.name()) {
                    case "train" -> "training";
                    case "all" -> "all";
                    default -> part.name();
                };
        return new DatasetInput(
                job.name() + "-" + part.name(),
                digest(part.sha256()),
                sourceType(part.uri()),
                json(Map.of("uri", part.uri())),
                json(Map.of("num_rows", part.rows(), "size_bytes", part.sizeBytes(), "sha256", text(part.sha256()))),
                context);
    }

    private DatasetInput view(JoinedDataset.View view) {
        return new DatasetInput(
                view.name() + "-snapshot-" + view.snapshot(),
                digest(view.sha256()),
                "code",
                json(Map.of("tags", Map.of("featureView", text(view.namespace()) + "/" + view.name()))),
                json(Map.of("snapshot", view.snapshot(), "matched", view.matched(), "sha256", text(view.sha256()))),
                "features");
    }

    /** MLflow keeps the first half of a digest and a bit; the whole is in the profile. */
    private static String digest(String sha256) {
        var whole = text(sha256);
        return whole.length() <= Limits.DIGEST ? whole : whole.substring(0, Limits.DIGEST);
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }

    private static String sourceType(String uri) {
        return uri.startsWith("s3://") ? "s3" : uri.startsWith("http") ? "http" : "local";
    }

    private static String json(Map<String, ?> map) {
        try {
            return JSON.writeValueAsString(map);
        } catch (JacksonException e) {
            throw new IllegalStateException("a map of texts and numbers can always be written", e);
        }
    }
}
