package dev.tatara.steps.materialize;

import dev.tatara.api.v1alpha1.featureview.Source.Format;
import dev.tatara.artifacts.ArtifactEntry;
import dev.tatara.artifacts.ArtifactException;
import dev.tatara.artifacts.ArtifactStore;
import dev.tatara.artifacts.ArtifactUri;
import dev.tatara.artifacts.ArtifactUri.LocalFile;
import dev.tatara.artifacts.ArtifactUri.S3;
import dev.tatara.artifacts.ArtifactUri.Web;
import dev.tatara.artifacts.StoreSettings;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.options.ByteSize;
import dev.tatara.steps.tables.RowFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Rows in files. A {@code *} stands for any part of a name between slashes. Files are fetched a piece at a time and
 * removed once their rows are in tables, so that the disk holds a piece and the rows, not all the files.
 */
final class FileSource implements RowSource {
    private static final int MAX_FILES = 100_000;
    private static final int PAGE = 1000;
    private static final String CLAIMS = "/tatara/pvc/";

    private final String address;
    private final Format format;
    private final StoreSettings settings;
    private final Path folder;
    private final Piece limit;
    private final Progress progress;

    /** How much is fetched before it is read. */
    record Piece(long bytes, int files) {
        static final Piece DEFAULT = new Piece(512L << 20, 500);
    }

    /**
     * Files at an address.
     *
     * @param format {@code null}: by the names' endings
     * @param folder where fetched files lie for a while
     */
    FileSource(String address, Format format, StoreSettings settings, Path folder, Piece limit, Progress progress) {
        this.address =
                address.startsWith("pvc://") ? "file://" + CLAIMS + address.substring("pvc://".length()) : address;
        this.format = format;
        this.settings = settings;
        this.folder = folder;
        this.limit = limit;
        this.progress = progress;
    }

    @Override
    public void read(SourceTables tables) throws StepFailure, SQLException, IOException {
        try (var store = ArtifactStore.open(settings)) {
            var found = find(store);
            var total = found.stream()
                    .mapToLong(ArtifactEntry::sizeBytes)
                    .filter(bytes -> bytes > 0)
                    .sum();
            progress.say("found %d files, %s", found.size(), ByteSize.show(total));
            var piece = new ArrayList<ArtifactEntry>();
            long bytes = 0;
            var done = 0;
            for (var entry : found) {
                var full = piece.size() >= limit.files() || bytes + entry.sizeBytes() > limit.bytes();
                var other = !piece.isEmpty() && formatOf(entry) != formatOf(piece.getFirst());
                if (!piece.isEmpty() && (full || other)) {
                    done += read(piece, store, tables);
                    progress.say("%d of %d files read", done, found.size());
                    piece.clear();
                    bytes = 0;
                }
                piece.add(entry);
                bytes += Math.max(0, entry.sizeBytes());
            }
            read(piece, store, tables);
        } catch (ArtifactException e) {
            throw StepFailure.ofSource(e);
        }
    }

    private int read(List<ArtifactEntry> piece, ArtifactStore store, SourceTables tables)
            throws StepFailure, SQLException, IOException {
        var files = new ArrayList<Path>();
        var fetched = new ArrayList<Path>();
        try {
            for (var entry : piece) {
                if (entry.uri() instanceof LocalFile local) {
                    files.add(local.path());
                    continue;
                }
                // The ending tells how the file is compressed.
                var file = folder.resolve(fetched.size() + "-" + nameOf(entry.uri()));
                fetched.add(file);
                store.download(entry.uri(), file, Long.MAX_VALUE);
                files.add(file);
            }
            var kept =
                    tables.add(RowFiles.relation(tables.engine(), files, formatOf(piece.getFirst()), tables::isText));
            progress.say("%d files hold %d rows to look at", piece.size(), kept);
            return piece.size();
        } finally {
            for (var file : fetched) {
                Files.deleteIfExists(file);
            }
        }
    }

    private List<ArtifactEntry> find(ArtifactStore store) throws ArtifactException, StepFailure {
        var star = address.indexOf('*');
        if (star < 0) {
            return List.of(store.stat(ArtifactUri.parse(address)));
        }
        if (address.startsWith("http")) {
            throw StepFailure.rejected(
                    Reasons.INVALID_DEFINITION, "a web server can't be listed: give a name without * for https://");
        }
        var slash = address.lastIndexOf('/', star);
        var parent = ArtifactUri.parse(address.substring(0, slash + 1));
        var names = pattern(address.substring(slash + 1));
        var found = new ArrayList<ArtifactEntry>();
        String after = null;
        do {
            var page = store.list(parent, after, PAGE);
            for (var entry : page.entries()) {
                if (names.matcher(entry.uri().below(parent)).matches()) {
                    found.add(entry);
                }
            }
            after = page.next().orElse(null);
        } while (after != null && found.size() <= MAX_FILES);
        if (found.isEmpty()) {
            throw StepFailure.failed(
                    Reasons.SOURCE_NOT_FOUND,
                    "expected files such as " + shown() + ", found none below " + parent,
                    null);
        }
        if (found.size() > MAX_FILES) {
            throw StepFailure.rejected(
                    Reasons.INVALID_DEFINITION,
                    "more than " + MAX_FILES + " files match " + shown() + ": write larger ones, or narrow the name");
        }
        return found;
    }

    private Format formatOf(ArtifactEntry entry) throws StepFailure {
        if (format != null) {
            return format;
        }
        return RowFiles.formatOf(nameOf(entry.uri()))
                .orElseThrow(() -> StepFailure.rejected(
                        Reasons.INVALID_DEFINITION,
                        "the name of " + entry.uri() + " doesn't tell its format: set source.format to Parquet, Csv or"
                                + " Json"));
    }

    private static String nameOf(ArtifactUri uri) {
        var path =
                switch (uri) {
                    case S3 object -> object.key();
                    case LocalFile file -> file.path().toString();
                    case Web page ->
                        page.address().getPath() == null ? "" : page.address().getPath();
                };
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static Pattern pattern(String names) {
        var regex = new StringBuilder();
        for (var part : names.split("\\*", -1)) {
            regex.append(regex.isEmpty() ? "" : "[^/]*").append(Pattern.quote(part));
        }
        return Pattern.compile(regex.toString());
    }

    private String shown() {
        return address.startsWith("file://" + CLAIMS)
                ? "pvc://" + address.substring(("file://" + CLAIMS).length())
                : address.replaceFirst("[?#].*", "");
    }
}
