package dev.tatara.steps.materialize;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.api.v1alpha1.featureview.Source.Format;
import dev.tatara.api.v1alpha1.featureview.Source.Http;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.tables.RowFiles;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Rows that a web service answers with, page by page. The next page is asked of the same origin only, since credentials
 * go with the request.
 */
final class HttpSource implements RowSource {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DEFAULT_PAGES = 1000;
    private static final int PAGES_OF_A_PIECE = 100;
    private static final long PIECE_BYTES = 256L << 20;

    /** A page that is taken apart is held in memory. */
    private static final long PARSED_BYTES = 32L << 20;

    private static final long LARGEST_ANSWER = 8L << 30;

    private final Http http;
    private final URI first;
    private final HttpPages pages;
    private final Path folder;
    private final Progress progress;

    HttpSource(Http http, Interval interval, Optional<Path> secret, Path folder, Progress progress) throws StepFailure {
        this.http = http;
        this.first = address(http, interval);
        this.pages = new HttpPages(http.headers(), secret, progress);
        this.folder = folder;
        this.progress = progress;
    }

    private static URI address(Http http, Interval interval) throws StepFailure {
        var url = Template.filled(
                http.url(),
                URLEncoder.encode(interval.startOrEpoch().toString(), StandardCharsets.UTF_8),
                URLEncoder.encode(interval.end().toString(), StandardCharsets.UTF_8));
        try {
            return URI.create(url);
        } catch (IllegalArgumentException e) {
            throw StepFailure.rejected(Reasons.INVALID_DEFINITION, "source.http.url is no address: " + e.getMessage());
        }
    }

    @Override
    public void read(SourceTables tables) throws StepFailure, SQLException, IOException {
        var format = Objects.requireNonNullElse(http.format(), Format.Json);
        if (format != Format.Json) {
            if (http.paging() != null) {
                throw StepFailure.rejected(
                        Reasons.INVALID_DEFINITION, "source.http.paging needs format Json, found " + format);
            }
            readWhole(tables, format);
            return;
        }
        readPages(tables);
    }

    private void readWhole(SourceTables tables, Format format) throws StepFailure, SQLException, IOException {
        var file = folder.resolve("answer");
        pages.fetch(first, file, LARGEST_ANSWER);
        if (Files.size(file) > 0) {
            tables.add(RowFiles.relation(tables.engine(), List.of(file), format, tables::isText));
        }
        Files.delete(file);
    }

    private void readPages(SourceTables tables) throws StepFailure, SQLException, IOException {
        var most = http.paging() == null || http.paging().maxPages() == null
                ? DEFAULT_PAGES
                : http.paging().maxPages();
        var piece = new ArrayList<Path>();
        long bytes = 0;
        long rows = 0;
        var next = Optional.of(first);
        for (var number = 1; next.isPresent(); number++) {
            if (number > most) {
                throw StepFailure.rejected(
                        Reasons.INVALID_DEFINITION,
                        "%s has more than %d pages: raise source.http.paging.maxPages, or ask for less with {{start}} and {{end}}"
                                .formatted(HttpPages.shown(first), most));
            }
            var address = next.get();
            var answer = folder.resolve("page-" + number + ".json");
            pages.fetch(address, answer, http.paging() == null ? LARGEST_ANSWER : PARSED_BYTES);
            var size = Files.size(answer);
            if (http.paging() == null && size > PARSED_BYTES) {
                tables.add(RowFiles.relation(tables.engine(), List.of(answer), Format.Json, tables::isText));
                Files.delete(answer);
                return;
            }
            var lines = folder.resolve("rows-" + number + ".json");
            var page = takeApart(answer, lines, address);
            Files.delete(answer);
            rows += page.rows();
            if (page.rows() > 0) {
                piece.add(lines);
                bytes += Files.size(lines);
            } else {
                Files.delete(lines);
            }
            if (page.next().equals(Optional.of(address))) {
                throw malformed(address, "its next page is itself");
            }
            next = page.next();
            if (piece.size() >= PAGES_OF_A_PIECE || bytes > PIECE_BYTES || next.isEmpty()) {
                flush(piece, tables);
                bytes = 0;
                progress.say("%d pages, %d rows read", number, rows);
            }
        }
    }

    private static void flush(List<Path> piece, SourceTables tables) throws SQLException, IOException {
        if (!piece.isEmpty()) {
            tables.add(RowFiles.relation(tables.engine(), piece, Format.Json, tables::isText));
            for (var file : piece) {
                Files.delete(file);
            }
            piece.clear();
        }
    }

    private record Page(long rows, Optional<URI> next) {}

    /** Writes the rows of an answer one to a line, and finds out where the next page is. */
    private Page takeApart(Path answer, Path lines, URI address) throws StepFailure, IOException {
        long rows = 0;
        Optional<URI> next = Optional.empty();
        try (var values = JSON.readerFor(JsonNode.class).<JsonNode>readValues(answer.toFile());
                var out = Files.newBufferedWriter(lines)) {
            while (values.hasNextValue()) {
                var value = values.nextValue();
                var found =
                        at(value, http.paging() == null ? null : http.paging().rowsPath());
                for (var row : found.isArray() ? found : List.of(found)) {
                    if (!row.isObject()) {
                        throw malformed(
                                address,
                                "expected rows as JSON objects, found "
                                        + row.getNodeType().name().toLowerCase(Locale.ROOT)
                                        + "; name the place of the rows with source.http.paging.rowsPath");
                    }
                    out.write(JSON.writeValueAsString(row));
                    out.write('\n');
                    rows++;
                }
                if (http.paging() != null && http.paging().nextPath() != null) {
                    next = next(at(value, http.paging().nextPath()), address);
                }
            }
        } catch (JacksonException e) {
            throw malformed(address, "the answer is no JSON (" + e.getClass().getSimpleName() + ")");
        }
        return new Page(rows, next);
    }

    private static JsonNode at(JsonNode value, String path) {
        var node = value;
        for (var name : path == null ? new String[0] : path.split("\\.")) {
            node = node.path(name);
        }
        return node;
    }

    private Optional<URI> next(JsonNode found, URI address) throws StepFailure {
        var text = found.isValueNode() && !found.isBoolean() && !found.isNull() ? found.asText() : "";
        if (text.isEmpty()) {
            return Optional.empty();
        }
        var parameter = http.paging().parameter();
        try {
            var next = parameter == null ? address.resolve(text) : withParameter(first, parameter, text);
            if (!HttpPages.origin(next).equals(HttpPages.origin(first))) {
                throw malformed(
                        address, "its next page is at " + HttpPages.origin(next) + ", where credentials must not go");
            }
            return Optional.of(next);
        } catch (IllegalArgumentException e) {
            throw malformed(address, "its next page is no address: " + e.getMessage());
        }
    }

    private static URI withParameter(URI address, String parameter, String token) {
        var kept = new StringBuilder();
        var query = Objects.requireNonNullElse(address.getRawQuery(), "");
        for (var part : query.split("&", -1)) {
            if (!part.isEmpty() && !part.startsWith(parameter + "=")) {
                kept.append(part).append('&');
            }
        }
        var text = address.toString().replaceFirst("[?#].*", "");
        return URI.create(text + "?" + kept + URLEncoder.encode(parameter, StandardCharsets.UTF_8) + "="
                + URLEncoder.encode(token, StandardCharsets.UTF_8));
    }

    private static StepFailure malformed(URI address, String why) {
        return StepFailure.rejected(
                Reasons.SOURCE_UNREADABLE_AS_ROWS, "the answer of " + HttpPages.shown(address) + ": " + why);
    }
}
