package dev.tatara.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tatara.mlflow.MlflowException.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Experiments and runs of an MLflow server; {@link #registry()} and {@link #artifacts()} are the rest. Thread-safe. Every
 * call blocks, tries again for a while when the server is away where that does no harm, and fails with an
 * {@link MlflowException}.
 */
public final class MlflowClient implements AutoCloseable {
    private static final String RUNS = "mlflow/runs/";
    /** The run that a nested run belongs to. */
    public static final String PARENT_TAG = "mlflow.parentRunId";
    /** The name of a run that people see. */
    public static final String NAME_TAG = "mlflow.runName";

    private final Connection connection;
    private final ModelRegistry registry;
    private final ServedArtifacts artifacts;

    private MlflowClient(Connection connection, MlflowSettings settings) {
        this.connection = connection;
        this.registry = new ModelRegistry(connection);
        this.artifacts = new ServedArtifacts(connection, settings.server());
    }

    /**
     * A client of a server. Nothing is connected to before the first call.
     *
     * @throws MlflowException of kind {@link Kind#Denied} where the Secret's {@code ca.crt} is none
     */
    public static MlflowClient open(MlflowSettings settings) throws MlflowException {
        return new MlflowClient(new Connection(settings), settings);
    }

    public ModelRegistry registry() {
        return registry;
    }

    public ServedArtifacts artifacts() {
        return artifacts;
    }

    /** The id of an experiment, which is created where there is none of that name. */
    public String experiment(String name) throws MlflowException {
        var found = findExperiment(name);
        if (found.isPresent()) {
            return found.get();
        }
        var body = Connection.JSON.createObjectNode().put("name", name);
        try {
            // A name is taken once, so asking again after a lost answer does no harm.
            return connection
                    .post("mlflow/experiments/create", body)
                    .path("experiment_id")
                    .asText();
        } catch (MlflowException e) {
            if (e.kind() != Kind.Exists) {
                throw e;
            }
            return findExperiment(name).orElseThrow(() -> e);
        }
    }

    private Optional<String> findExperiment(String name) throws MlflowException {
        try {
            var experiment = connection
                    .get("mlflow/experiments/get-by-name", Map.of("experiment_name", name))
                    .path("experiment");
            if ("deleted".equals(experiment.path("lifecycle_stage").asText())) {
                throw new MlflowException(
                        Kind.Refused,
                        "the experiment '%s' lies in MLflow's bin: restore it, delete it for good (mlflow gc), or name another"
                                .formatted(name));
            }
            return Optional.of(experiment.path("experiment_id").asText());
        } catch (MlflowException e) {
            if (e.kind() == Kind.NotFound) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Begins a run. Not repeated when the answer is lost: look by a tag whether the run is there, before beginning it and
     * before trying again.
     */
    public Run createRun(String experimentId, Instant startedAt, Map<String, String> tags) throws MlflowException {
        var body = Connection.JSON
                .createObjectNode()
                .put("experiment_id", experimentId)
                .put("start_time", startedAt.toEpochMilli());
        if (tags.containsKey(NAME_TAG)) {
            body.put("run_name", tags.get(NAME_TAG));
        }
        addTags(body.putArray("tags"), tags);
        return run(connection.postOnce(RUNS + "create", body).path("run"));
    }

    /** A run by its id, deleted ones too. */
    public Run run(String id) throws MlflowException {
        return run(connection.get(RUNS + "get", Map.of("run_id", id)).path("run"));
    }

    /** The oldest run with a tag; deleted ones aside. */
    public Optional<Run> findRun(String experimentId, String tag, String value) throws MlflowException {
        return search(experimentId, tagIs(tag, value)).stream()
                .min(Comparator.comparing(Run::startedAt).thenComparing(Run::id));
    }

    /** All nested runs of a run, deleted ones aside. */
    public List<Run> children(Run parent) throws MlflowException {
        return search(parent.experimentId(), tagIs(PARENT_TAG, parent.id()));
    }

    private static String tagIs(String tag, String value) throws MlflowException {
        return "tags.`" + tag + "` = " + quoted(value);
    }

    private List<Run> search(String experimentId, String filter) throws MlflowException {
        var runs = new ArrayList<Run>();
        var body = Connection.JSON.createObjectNode().put("filter", filter).put("max_results", Limits.PAGE);
        body.putArray("experiment_ids").add(experimentId);
        while (true) {
            var page = connection.post(RUNS + "search", body);
            page.path("runs").forEach(run -> runs.add(run(run)));
            var next = page.path("next_page_token").asText("");
            if (next.isEmpty()) {
                return runs;
            }
            body.put("page_token", next);
        }
    }

    /** Records parameters, metrics and tags of a run in as few calls as MLflow's limits allow. */
    public void log(String runId, Map<String, String> params, List<Metric> metrics, Map<String, String> tags)
            throws MlflowException {
        logBatches(runId, Limits.PARAMS, params.entrySet(), "params", MlflowClient::addEntry);
        logBatches(runId, Limits.TAGS, tags.entrySet(), "tags", MlflowClient::addEntry);
        logBatches(runId, Limits.METRICS, metrics, "metrics", (array, metric) -> array.addObject()
                .put("key", metric.name())
                .put("value", metric.value())
                .put("timestamp", metric.time().toEpochMilli())
                .put("step", metric.step()));
    }

    private <T> void logBatches(
            String runId, int limit, Collection<T> all, String field, BiConsumer<ArrayNode, T> adding)
            throws MlflowException {
        var list = List.copyOf(all);
        for (var from = 0; from < list.size(); from += limit) {
            var body = Connection.JSON.createObjectNode().put("run_id", runId);
            var array = body.putArray(field);
            list.subList(from, Math.min(list.size(), from + limit)).forEach(item -> adding.accept(array, item));
            connection.post(RUNS + "log-batch", body);
        }
    }

    /** Records what a run read. The same data twice are recorded once. */
    public void logInputs(String runId, List<DatasetInput> inputs) throws MlflowException {
        if (inputs.isEmpty()) {
            return;
        }
        var body = Connection.JSON.createObjectNode().put("run_id", runId);
        var datasets = body.putArray("datasets");
        for (var input : inputs) {
            var entry = datasets.addObject();
            entry.putArray("tags").addObject().put("key", "mlflow.data.context").put("value", input.context());
            var dataset = entry.putObject("dataset")
                    .put("name", Limits.cut(input.name(), Limits.NAME))
                    .put("digest", input.digest())
                    .put("source_type", input.sourceType())
                    .put("source", input.source());
            if (input.profile() != null) {
                dataset.put("profile", input.profile());
            }
        }
        connection.post(RUNS + "log-inputs", body);
    }

    /**
     * Sets a run's state.
     *
     * @param endedAt when it ended; {@code null}: it hasn't, or MLflow keeps what it has
     */
    public void update(String runId, RunStatus status, Instant endedAt) throws MlflowException {
        var body = Connection.JSON.createObjectNode().put("run_id", runId).put("status", status.name());
        if (endedAt != null) {
            body.put("end_time", endedAt.toEpochMilli());
        }
        connection.post(RUNS + "update", body);
    }

    @Override
    public void close() {
        connection.close();
    }

    private static Run run(JsonNode node) {
        var info = node.path("info");
        var data = node.path("data");
        var metrics = new HashSet<String>();
        data.path("metrics").forEach(metric -> metrics.add(metric.path("key").asText()));
        return new Run(
                info.path("run_id").asText(),
                info.path("experiment_id").asText(),
                RunStatus.of(info.path("status").asText()),
                Instant.ofEpochMilli(info.path("start_time").asLong()),
                info.path("artifact_uri").asText(),
                "deleted".equals(info.path("lifecycle_stage").asText()),
                map(data.path("params")),
                metrics,
                map(data.path("tags")));
    }

    static Map<String, String> map(JsonNode entries) {
        var map = new HashMap<String, String>();
        entries.forEach(
                entry -> map.put(entry.path("key").asText(), entry.path("value").asText()));
        return map;
    }

    static void addTags(ArrayNode array, Map<String, String> tags) {
        tags.entrySet().forEach(entry -> addEntry(array, entry));
    }

    private static void addEntry(ArrayNode array, Map.Entry<String, String> entry) {
        ObjectNode object = array.addObject();
        object.put("key", entry.getKey()).put("value", entry.getValue());
    }

    /** A text as MLflow's filters take it. They know no escapes. */
    static String quoted(String text) throws MlflowException {
        if (!text.contains("'")) {
            return "'" + text + "'";
        }
        if (!text.contains("\"")) {
            return "\"" + text + "\"";
        }
        throw new MlflowException(Kind.Refused, "MLflow can't look for a text with both kinds of quotes: " + text);
    }
}
