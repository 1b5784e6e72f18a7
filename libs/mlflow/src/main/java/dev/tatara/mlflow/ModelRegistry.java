package dev.tatara.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.mlflow.MlflowException.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Registered models of an MLflow server, their versions and aliases. */
public final class ModelRegistry {
    private static final String MODELS = "mlflow/registered-models/";
    private static final String VERSIONS = "mlflow/model-versions/";
    private static final int PAGE = 1000;

    private final Connection connection;

    ModelRegistry(Connection connection) {
        this.connection = connection;
    }

    /** Registers a model where there is none of that name. */
    public void ensureModel(String name, Map<String, String> tags) throws MlflowException {
        var body = Connection.JSON.createObjectNode().put("name", name);
        MlflowClient.addTags(body.putArray("tags"), tags);
        try {
            connection.get(MODELS + "get", Map.of("name", name));
        } catch (MlflowException e) {
            if (e.kind() != Kind.NotFound) {
                throw e;
            }
            create(body);
        }
    }

    private void create(ObjectNode body) throws MlflowException {
        try {
            connection.post(MODELS + "create", body);
        } catch (MlflowException e) {
            if (e.kind() != Kind.Exists) {
                throw e;
            }
        }
    }

    /** The oldest version of a model that a run made. */
    public Optional<RegisteredVersion> versionOfRun(String model, String runId) throws MlflowException {
        var versions = new ArrayList<RegisteredVersion>();
        var filter = "name = %s and run_id = %s".formatted(MlflowClient.quoted(model), MlflowClient.quoted(runId));
        var token = "";
        do {
            var parameters = new HashMap<>(Map.of("filter", filter, "max_results", Integer.toString(PAGE)));
            if (!token.isEmpty()) {
                parameters.put("page_token", token);
            }
            var page = connection.get(VERSIONS + "search", parameters);
            page.path("model_versions").forEach(version -> versions.add(version(version)));
            token = page.path("next_page_token").asText("");
        } while (!token.isEmpty());
        return versions.stream().min(Comparator.comparing(version -> number(version.version())));
    }

    private static long number(String version) {
        return version.matches("\\d{1,18}") ? Long.parseLong(version) : Long.MAX_VALUE;
    }

    /**
     * Registers a version. Not repeated when the answer is lost: look with {@link #versionOfRun} whether it is there,
     * before and after.
     *
     * @param source folder of an MLflow model, or a file
     */
    public RegisteredVersion createVersion(
            String model, String source, String runId, String description, Map<String, String> tags)
            throws MlflowException {
        var body = Connection.JSON
                .createObjectNode()
                .put("name", model)
                .put("source", source)
                .put("run_id", runId)
                .put("description", description);
        MlflowClient.addTags(body.putArray("tags"), tags);
        return version(connection.postOnce(VERSIONS + "create", body).path("model_version"));
    }

    /** A version by its number. */
    public RegisteredVersion version(String model, String version) throws MlflowException {
        return version(connection
                .get(VERSIONS + "get", Map.of("name", model, "version", version))
                .path("model_version"));
    }

    /** The version that an alias names at the moment. */
    public RegisteredVersion byAlias(String model, String alias) throws MlflowException {
        return version(connection
                .get(MODELS + "alias", Map.of("name", model, "alias", alias))
                .path("model_version"));
    }

    /** The version that an alias names at the moment, or nothing where there is no such alias. */
    public Optional<RegisteredVersion> findAlias(String model, String alias) throws MlflowException {
        try {
            return Optional.of(byAlias(model, alias));
        } catch (MlflowException e) {
            // MLflow answers INVALID_PARAMETER_VALUE for an alias that a model doesn't have.
            if (e.kind() == Kind.NotFound || e.kind() == Kind.Refused) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Lets an alias name a version; it names one at a time. */
    public void setAlias(String model, String alias, String version) throws MlflowException {
        connection.post(
                MODELS + "alias",
                Connection.JSON
                        .createObjectNode()
                        .put("name", model)
                        .put("alias", alias)
                        .put("version", version));
    }

    /** Where the files of a version lie, which may be elsewhere than its source says. */
    public String location(RegisteredVersion version) throws MlflowException {
        return connection
                .get(VERSIONS + "get-download-uri", Map.of("name", version.model(), "version", version.version()))
                .path("artifact_uri")
                .asText(version.source());
    }

    /** Names of a model's aliases. */
    public List<String> aliasesOf(String model) throws MlflowException {
        var aliases = new ArrayList<String>();
        connection
                .get(MODELS + "get", Map.of("name", model))
                .path("registered_model")
                .path("aliases")
                .forEach(alias -> aliases.add(alias.path("alias").asText()));
        return aliases;
    }

    private static RegisteredVersion version(JsonNode node) {
        return new RegisteredVersion(
                node.path("name").asText(),
                node.path("version").asText(),
                node.path("run_id").asText(""),
                node.path("source").asText(""),
                MlflowClient.map(node.path("tags")));
    }
}
