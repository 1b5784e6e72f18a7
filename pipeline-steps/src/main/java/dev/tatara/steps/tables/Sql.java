package dev.tatara.steps.tables;

import java.nio.file.Path;
import java.util.Collection;
import java.util.stream.Collectors;

/** Names and texts as they stand in SQL. Nothing from outside gets into a statement in another way. */
public final class Sql {
    private Sql() {}

    /** A name of a column or table. */
    public static String name(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** Names with commas between. */
    public static String names(Collection<String> names) {
        return names.stream().map(Sql::name).collect(Collectors.joining(", "));
    }

    /** A text. */
    public static String text(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** A file's path. */
    public static String file(Path path) {
        return text(path.toString());
    }

    /** A list of files. */
    public static String files(Collection<Path> paths) {
        return paths.stream().map(Sql::file).collect(Collectors.joining(", ", "[", "]"));
    }
}
