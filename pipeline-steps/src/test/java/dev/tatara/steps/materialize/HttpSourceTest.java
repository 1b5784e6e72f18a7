package dev.tatara.steps.materialize;

import static dev.tatara.steps.materialize.Workbench.DAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tatara.contracts.Materialized;
import dev.tatara.contracts.StepResult;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpSourceTest {
    @TempDir
    private Path folder;

    private Workbench bench;
    private HttpServer server;
    private final List<String> asked = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() throws IOException {
        bench = new Workbench(folder);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void pagesAreFollowedByTheirTokens() throws Exception {
        answer("/rows", exchange -> {
            var query = exchange.getRequestURI().getQuery();
            return query.contains("after=c2&") || query.endsWith("after=c2")
                    ? "{\"data\": {\"items\": [{\"user_id\": 3, \"amount\": 30, \"at\": \"2026-01-03\"}]}, \"next\": null}"
                    : query.contains("after=c1")
                            ? "{\"data\": {\"items\": []}, \"next\": \"c2\"}"
                            : "{\"data\": {\"items\": [{\"user_id\": 1, \"amount\": 10, \"at\": \"2026-01-01\"},"
                                    + " {\"user_id\": 2, \"amount\": 20, \"at\": \"2026-01-02\"}]}, \"next\": \"c1\"}";
        });
        view("url: 'URL/rows?from={{start}}&to={{end}}', headers: {X-Tenant: shop},"
                + " paging: {rowsPath: data.items, nextPath: next, parameter: after}");
        var secret = Files.createDirectory(folder.resolve("secret"));
        Files.writeString(secret.resolve("token"), "geheim\n");
        var details = run(Optional.of(secret)).details();

        assertThat(details.rows()).isEqualTo(3);
        assertThat(asked)
                .containsExactly(
                        "/rows?from=1970-01-01T00%3A00%3A00Z&to=2026-03-01T00%3A00%3A00Z Bearer geheim shop",
                        "/rows?from=1970-01-01T00%3A00%3A00Z&to=2026-03-01T00%3A00%3A00Z&after=c1 Bearer geheim shop",
                        "/rows?from=1970-01-01T00%3A00%3A00Z&to=2026-03-01T00%3A00%3A00Z&after=c2 Bearer geheim shop");
    }

    @Test
    void pagesAreFollowedByTheirAddressesWithinTheSameOrigin() throws Exception {
        answer(
                "/a",
                exchange -> "{\"rows\": [{\"user_id\": 1, \"amount\": 1, \"at\": \"2026-01-01\"}], \"next\": \"/b\"}");
        answer("/b", exchange -> "{\"rows\": [{\"user_id\": 2, \"amount\": 1, \"at\": \"2026-01-01\"}]}");
        view("url: 'URL/a', paging: {rowsPath: rows, nextPath: next}");
        assertThat(run(Optional.empty()).details().rows()).isEqualTo(2);

        answer("/c", exchange -> "{\"rows\": [], \"next\": \"http://localhost:1/elsewhere\"}");
        view("url: 'URL/c', paging: {rowsPath: rows, nextPath: next}");
        assertThat(refused()).contains("where credentials must not go");

        answer("/d", exchange -> "{\"rows\": [], \"next\": \"" + exchange.getRequestURI() + "x\"}");
        view("url: 'URL/d', paging: {rowsPath: rows, nextPath: next, maxPages: 3}");
        assertThat(refused()).contains("has more than 3 pages").startsWith("InvalidDefinition");
    }

    @Test
    void aPlainAnswerIsAListOfRowsOrLinesOrATable() throws Exception {
        answer("/list", exchange -> "[{\"user_id\": 1, \"amount\": 1, \"at\": \"2026-01-01\"}]");
        answer("/lines", exchange -> "{\"user_id\": 1, \"amount\": 1, \"at\": \"2026-01-01\"}\n");
        answer("/table", exchange -> "user_id,amount,at\n1,1,2026-01-01\n");
        answer("/none", exchange -> "[]");
        var contents = new ArrayList<Object>();
        for (var source : List.of("url: 'URL/list'", "url: 'URL/lines'", "url: 'URL/table', format: Csv")) {
            view(source);
            run(Optional.empty());
            contents.add(bench.contents().keySet().stream()
                    .filter(name -> name.contains("/data/"))
                    .toList());
        }
        assertThat(contents).containsOnly(contents.getFirst());

        view("url: 'URL/none'");
        assertThat(run(Optional.empty()).details().rows()).isZero();
    }

    @Test
    void aServiceThatIsAwayForAMomentIsAskedAgain() throws Exception {
        var answers = new ArrayList<>(List.of(503, 429));
        server.createContext("/busy", exchange -> {
            var status = answers.isEmpty() ? 200 : answers.removeFirst();
            var body = "[{\"user_id\": 1, \"amount\": 1, \"at\": \"2026-01-01\"}]".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        view("url: 'URL/busy'");

        assertThat(run(Optional.empty()).details().rows()).isEqualTo(1);
    }

    @Test
    void refusalsSayWhatToDo() throws Exception {
        view("url: 'URL/nowhere?key=geheim'");
        assertThat(refused()).startsWith("SourceNotFound").doesNotContain("geheim");

        server.createContext("/secret", exchange -> {
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
        });
        view("url: 'URL/secret'");
        assertThat(refused()).startsWith("SecretMissing").contains("token, or username and password");

        answer("/html", exchange -> "<html>");
        view("url: 'URL/html'");
        assertThat(refused()).startsWith("SourceMalformed").contains("is no JSON");

        answer("/object", exchange -> "{\"rows\": [1, 2]}");
        view("url: 'URL/object', paging: {rowsPath: rows}");
        assertThat(refused()).contains("expected rows as JSON objects, found number");

        view("url: 'http://169.254.169.254/latest'");
        assertThat(refused()).startsWith("InvalidDefinition").contains("expected the address of a service");
    }

    private interface Answer {
        String to(HttpExchange exchange);
    }

    private void answer(String path, Answer answer) {
        server.createContext(path, exchange -> {
            var headers = exchange.getRequestHeaders();
            asked.add(exchange.getRequestURI() + " " + headers.getFirst("Authorization") + " "
                    + headers.getFirst("X-Tenant"));
            var body = answer.to(exchange).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
    }

    private void view(String http) {
        var url = "http://127.0.0.1:" + server.getAddress().getPort();
        bench.view("""
                entities: [{name: user_id, type: INT64}]
                features: [{name: amount, type: INT32}]
                source: {timestampColumn: at, http: {%s}}
                """.formatted(http.replace("URL", url)));
    }

    private StepResult<Materialized> run(Optional<Path> secret) throws Exception {
        var http = bench.plan().source().http();
        var progress = new Progress(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
        return bench.run(
                new Interval.Wanted(Optional.empty(), DAY, false),
                store -> store,
                bench.online,
                Optional.of((fetched, interval) -> new HttpSource(http, interval, secret, fetched, progress)));
    }

    private String refused() {
        var failure = catchThrowableOfType(StepFailure.class, () -> run(Optional.empty()));
        assertThat(failure).as("the run must be refused").isNotNull();
        return failure.reason() + ": " + failure.getMessage();
    }
}
