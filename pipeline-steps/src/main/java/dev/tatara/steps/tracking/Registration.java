package dev.tatara.steps.tracking;

import dev.tatara.mlflow.Limits;
import dev.tatara.mlflow.MlflowClient;
import dev.tatara.mlflow.MlflowException;
import dev.tatara.mlflow.MlflowException.Kind;
import dev.tatara.mlflow.RegisteredVersion;
import dev.tatara.mlflow.Run;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Adds a version to MLflow's registered model and lets an alias name it, unless a newer run's version has it. */
final class Registration {
    static final String NAMESPACE_TAG = "tatara.namespace";
    static final String JOB_TAG = "tatara.trainingjob";
    static final String NUMBER_TAG = "tatara.number";

    private static final int TRIES = 3;

    private final MlflowClient client;
    private final Run run;
    private final String model;
    private final Map<String, String> tags;
    private final LeftOut leftOut;

    /**
     * The registration of one run's model.
     *
     * @param tags of the version: whose it is, by the names above
     */
    Registration(MlflowClient client, Run run, String model, Map<String, String> tags, LeftOut leftOut) {
        this.client = client;
        this.run = run;
        this.model = model;
        this.tags = new LinkedHashMap<>(tags);
        this.leftOut = leftOut;
    }

    /** The version, or nothing where the server takes none from this source. */
    Optional<RegisteredVersion> version(String source, String description) throws MlflowException {
        var registry = client.registry();
        registry.ensureModel(model, Map.of());
        for (var attempt = 1; ; attempt++) {
            var found = registry.versionOfRun(model, run.id());
            if (found.isPresent()) {
                return found;
            }
            try {
                return Optional.of(registry.createVersion(
                        model, source, run.id(), Limits.cut(description, Limits.TAG_VALUE), tags));
            } catch (MlflowException e) {
                if (e.kind() == Kind.Refused) {
                    leftOut.add("a version of the registered model %s: %s".formatted(model, e.getMessage()));
                    return Optional.empty();
                }
                // It may have come into being all the same.
                if (e.kind() != Kind.Unavailable || attempt == TRIES) {
                    throw e;
                }
            }
        }
    }

    /** Whether the alias names the version now. */
    boolean name(String alias, RegisteredVersion version) throws MlflowException {
        var holder = client.registry().findAlias(model, alias);
        if (holder.isPresent()) {
            if (holder.get().version().equals(version.version())) {
                return true;
            }
            if (isNewer(holder.get())) {
                leftOut.add("the alias %s stays with version %s, which a newer run registered"
                        .formatted(alias, holder.get().version()));
                return false;
            }
        }
        client.registry().setAlias(model, alias, version.version());
        return true;
    }

    /** A run recorded late must not take the alias back from a later one of the same TrainingJob. */
    private boolean isNewer(RegisteredVersion other) {
        return sameTag(other, NAMESPACE_TAG)
                && sameTag(other, JOB_TAG)
                && number(other.tags().get(NUMBER_TAG)) > number(tags.get(NUMBER_TAG));
    }

    private boolean sameTag(RegisteredVersion other, String tag) {
        return Objects.equals(other.tags().get(tag), tags.get(tag));
    }

    private static long number(String text) {
        return text != null && text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
    }
}
