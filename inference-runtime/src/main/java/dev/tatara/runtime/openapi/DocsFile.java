package dev.tatara.runtime.openapi;

import io.netty.util.AsciiString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/** The page to try a model out, and what it loads: all from here, nothing from other hosts. */
public final class DocsFile {
    private static final Map<String, DocsFile> FILES = Map.of(
            "/docs", new DocsFile("docs.html", "text/html; charset=utf-8"),
            "/docs/swagger-ui.css", new DocsFile("swagger-ui.css", "text/css; charset=utf-8"),
            "/docs/swagger-ui-bundle.js", new DocsFile("swagger-ui-bundle.js", "text/javascript; charset=utf-8"));

    private final String resource;
    private final CharSequence type;
    private byte[] packed;

    private DocsFile(String resource, String type) {
        this.resource = resource;
        this.type = AsciiString.cached(type);
    }

    /** The file at a path of the server, if there is one. */
    public static Optional<DocsFile> at(String path) {
        return Optional.ofNullable(FILES.get(path));
    }

    public CharSequence type() {
        return type;
    }

    /** The file as it is. */
    public byte[] bytes() {
        try (InputStream in = DocsFile.class.getResourceAsStream(resource)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file in gzip, which is made when somebody asks for it first. */
    public synchronized byte[] packed() {
        if (packed == null) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
                gzip.write(bytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            packed = out.toByteArray();
        }
        return packed;
    }
}
