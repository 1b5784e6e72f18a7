package dev.tatara.steps.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** What a server has of a run called {@code name}, in lines that are the same for a run of another name. */
final class MlflowContents implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client = HttpClient.newHttpClient();
    private final String server;

    MlflowContents(String server) {
        this.server = server;
    }

    List<String> of(String name) throws IOException, InterruptedException {
        var experiment = get("experiments/get-by-name?experiment_name=exp-" + name)
                .path("experiment")
                .path("experiment_id")
                .asText();
        var lines = new ArrayList<String>();
        var search = JSON.createObjectNode();
        search.putArray("experiment_ids").add(experiment);
        for (var run : post("runs/search", search.toString()).path("runs")) {
            lines.addAll(run(run));
        }
        for (var version : get("model-versions/search?filter=" + escaped("name = '" + name + "'"))
                .path("model_versions")) {
            lines.add("version %s, tags %s".formatted(version.path("version").asText(), keys(version.path("tags"))));
        }
        lines.add("aliases "
                + get("registered-models/get?name=" + name)
                        .path("registered_model")
                        .path("aliases"));
        return lines.stream().map(line -> line.replace(name, "NAME")).sorted().toList();
    }

    private List<String> run(JsonNode run) throws IOException, InterruptedException {
        var info = run.path("info");
        var id = info.path("run_id").asText();
        var data = run.path("data");
        var lines = new ArrayList<String>();
        lines.add("%s from %s to %s".formatted(info.path("status"), info.path("start_time"), info.path("end_time")));
        data.path("params").forEach(param -> lines.add("param " + param));
        lines.add("tags " + keys(data.path("tags")));
        for (var key : keys(data.path("metrics"))) {
            var points = get("metrics/get-history?run_id=" + id + "&metric_key=" + escaped(key))
                    .path("metrics");
            lines.add("metric %s: %d points".formatted(key, points.size()));
        }
        lines.add("inputs " + run.path("inputs").path("dataset_inputs").size());
        files(id, "", lines);
        var title = info.path("run_name").asText();
        return lines.stream().map(line -> title + ": " + line).toList();
    }

    private void files(String run, String folder, List<String> lines) throws IOException, InterruptedException {
        var below = folder.isEmpty() ? "" : "&path=" + escaped(folder);
        for (var file : get("artifacts/list?run_id=" + run + below).path("files")) {
            var path = file.path("path").asText();
            if (file.path("is_dir").asBoolean()) {
                files(run, path, lines);
            } else {
                lines.add("file " + path);
            }
        }
    }

    private static SortedSet<String> keys(JsonNode pairs) {
        var keys = new TreeSet<String>();
        pairs.forEach(pair -> keys.add(pair.path("key").asText()));
        return keys;
    }

    private static String escaped(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        return send(request(path));
    }

    private JsonNode post(String path, String body) throws IOException, InterruptedException {
        return send(request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server + "/api/2.0/mlflow/" + path));
    }

    private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
        var answer = client.send(request.build(), BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new AssertionError("expected 200, found " + answer.statusCode() + ": " + answer.body());
        }
        return JSON.readTree(answer.body());
    }

    @Override
    public void close() {
        client.close();
    }
}
