package dev.tatara.steps.tables;

import java.sql.SQLException;
import java.util.List;

/** What DuckDB says when a statement fails, fit for a message. */
public final class SqlWords {
    private static final int LONGEST = 500;

    /** Errors about the statement, which carry no values of rows. */
    private static final List<String> ABOUT_THE_STATEMENT =
            List.of("Parser Error", "Binder Error", "Catalog Error", "Permission Error", "Out of Memory Error");

    private SqlWords() {}

    /**
     * The words.
     *
     * @param withValues whether values of rows may be told; otherwise what may carry some is left out
     */
    public static String of(SQLException e, boolean withValues) {
        var text = String.valueOf(e.getMessage());
        var error = text.indexOf("\nError: ");
        text = error < 0 ? text : text.substring(error + "\nError: ".length());
        // The statement itself, which the user didn't write in this form, begins at the next empty line.
        var statement = text.indexOf("\n\nLINE ");
        text = (statement < 0 ? text : text.substring(0, statement))
                .replaceAll("\\s*\\n\\s*", "; ")
                .strip();
        if (!withValues && ABOUT_THE_STATEMENT.stream().noneMatch(text::startsWith)) {
            var colon = text.indexOf(':');
            text = (colon < 0 ? "an error" : text.substring(0, colon))
                    + " (its words are left out, because the view has sensitive features)";
        }
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
