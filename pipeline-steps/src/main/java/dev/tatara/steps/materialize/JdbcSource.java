package dev.tatara.steps.materialize;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tatara.api.v1alpha1.featureview.Source.Jdbc;
import dev.tatara.steps.Progress;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.options.MountedSecret;
import dev.tatara.steps.tables.Sql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Rows of a query to PostgreSQL or MySQL. They come in pieces through files of lines, so that neither memory nor disk
 * holds all of them at once besides the tables.
 */
final class JdbcSource implements RowSource {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int FETCH = 10_000;
    private static final long ROWS_OF_A_PIECE = 1_000_000;
    private static final Pattern PLACE = Pattern.compile("'\\{\\{(start|end)}}'|\\{\\{(start|end)}}");

    /** Parameters of drivers that name classes to load or files of this machine. */
    private static final Pattern DANGEROUS = Pattern.compile(
            "factory|class|plugin|deserialize|localinfile|logger|interceptor|provider|handler|^user$|^password$");

    private final Jdbc jdbc;
    private final Interval interval;
    private final Optional<Path> secret;
    private final Path folder;
    private final Progress progress;
    private final boolean isPostgres;
    private final boolean tellsValues;

    /**
     * A query.
     *
     * @param folder where rows lie for a while
     * @param tellsValues whether messages may have the database's own words, which may have values of rows in them
     */
    JdbcSource(
            Jdbc jdbc, Interval interval, Optional<Path> secret, Path folder, boolean tellsValues, Progress progress) {
        this.tellsValues = tellsValues;
        this.jdbc = jdbc;
        this.interval = interval;
        this.secret = secret;
        this.folder = folder;
        this.progress = progress;
        this.isPostgres = jdbc.url().startsWith("jdbc:postgresql:");
    }

    @Override
    public void read(SourceTables tables) throws StepFailure, SQLException, IOException {
        refuseDangerous();
        try (var connection = connect();
                var statement = prepare(connection);
                var rows = execute(statement)) {
            read(rows, tables);
        }
    }

    private ResultSet execute(PreparedStatement statement) throws StepFailure {
        try {
            return statement.executeQuery();
        } catch (SQLException e) {
            throw refused(e);
        }
    }

    private void read(ResultSet rows, SourceTables tables) throws SQLException, IOException, StepFailure {
        var columns = JdbcColumn.of(rows.getMetaData());
        long total = 0;
        var more = next(rows);
        if (!more) {
            tables.add("(select "
                    + columns.stream()
                            .map(column -> "null::" + column.type() + " as " + Sql.name(column.name()))
                            .collect(Collectors.joining(", "))
                    + " where false)");
        }
        while (more) {
            var file = folder.resolve("rows.json");
            long written = 0;
            try (var out = JSON.createGenerator(Files.newOutputStream(file))) {
                out.setRootValueSeparator(new SerializedString("\n"));
                while (more && written < ROWS_OF_A_PIECE) {
                    write(rows, columns, out);
                    written++;
                    more = next(rows);
                }
            }
            tables.add(relation(file, columns));
            Files.delete(file);
            total += written;
            progress.say("%d rows read", total);
        }
    }

    private boolean next(ResultSet rows) throws StepFailure {
        try {
            return rows.next();
        } catch (SQLException e) {
            throw unavailable("the database broke off", e);
        }
    }

    private static void write(ResultSet rows, List<JdbcColumn> columns, JsonGenerator out)
            throws SQLException, IOException {
        out.writeStartObject();
        for (var column : columns) {
            out.writeFieldName(column.name());
            column.write(rows, out);
        }
        out.writeEndObject();
    }

    private static String relation(Path file, List<JdbcColumn> columns) {
        var types = columns.stream()
                .map(column -> Sql.text(column.name()) + ": " + Sql.text(column.isBytes() ? "VARCHAR" : column.type()))
                .collect(Collectors.joining(", ", "{", "}"));
        var bytes = columns.stream()
                .filter(JdbcColumn::isBytes)
                .map(column -> "from_base64(" + Sql.name(column.name()) + ") as " + Sql.name(column.name()))
                .collect(Collectors.joining(", "));
        return "(select *" + (bytes.isEmpty() ? "" : " replace (" + bytes + ")") + " from read_json(" + Sql.file(file)
                + ", format = 'newline_delimited', columns = " + types + "))";
    }

    private Connection connect() throws StepFailure {
        var properties = new Properties();
        if (secret.isPresent()) {
            var keys = new MountedSecret(secret.get());
            keys.get("username").ifPresent(user -> properties.setProperty("user", user));
            keys.get("password").ifPresent(password -> properties.setProperty("password", password));
        }
        properties.setProperty("connectTimeout", isPostgres ? "10" : "10000");
        properties.setProperty("socketTimeout", isPostgres ? "600" : "600000");
        if (!isPostgres) {
            // The driver of MariaDB speaks to MySQL as well, when told that this is meant.
            properties.setProperty("permitMysqlScheme", "true");
        }
        progress.say("asking %s", shown());
        try {
            var connection = DriverManager.getConnection(jdbc.url(), properties);
            try (var statement = connection.createStatement()) {
                statement.execute(isPostgres ? "set time zone 'UTC'" : "set time_zone = '+00:00'");
                connection.setReadOnly(true);
                // Only within a transaction do rows come in pieces.
                connection.setAutoCommit(false);
                return connection;
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            var state = String.valueOf(e.getSQLState());
            throw state.startsWith("28") || state.equals("08004")
                    ? StepFailure.failed(
                            secret.isEmpty() ? "SecretMissing" : "SourceUnreadable",
                            shown() + " refuses to let us in: " + words(e)
                                    + "; name a Secret with username and password",
                            e)
                    : unavailable(shown() + " can't be reached", e);
        }
    }

    private PreparedStatement prepare(Connection connection) throws StepFailure {
        var values = new ArrayList<Instant>();
        var places = PLACE.matcher(jdbc.query());
        var query = places.replaceAll(place -> {
            var quoted = place.group(1) != null;
            var instant =
                    "start".equals(quoted ? place.group(1) : place.group(2)) ? interval.startOrEpoch() : interval.end();
            if (quoted) {
                return "'" + text(instant) + "'";
            }
            values.add(instant);
            return "?";
        });
        try {
            // Closed by the reader.
            var statement = connection.prepareStatement(query);
            statement.setFetchSize(FETCH);
            for (var i = 0; i < values.size(); i++) {
                if (isPostgres) {
                    statement.setObject(i + 1, values.get(i).atOffset(ZoneOffset.UTC));
                } else {
                    statement.setObject(i + 1, LocalDateTime.ofInstant(values.get(i), ZoneOffset.UTC));
                }
            }
            return statement;
        } catch (SQLException e) {
            throw refused(e);
        }
    }

    private String text(Instant instant) {
        return isPostgres
                ? instant.toString()
                : DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT)
                        .format(LocalDateTime.ofInstant(instant, ZoneOffset.UTC));
    }

    private void refuseDangerous() throws StepFailure {
        var question = jdbc.url().indexOf('?');
        for (var part : question < 0
                ? new String[0]
                : jdbc.url().substring(question + 1).split("[&;]")) {
            var name = part.replaceFirst("=.*", "").toLowerCase(Locale.ROOT);
            if (DANGEROUS.matcher(name).find()) {
                throw StepFailure.rejected(
                        Reasons.INVALID_DEFINITION,
                        "source.jdbc.url: the parameter " + name
                                + " isn't allowed; user and password belong into the Secret");
            }
        }
    }

    private StepFailure refused(SQLException e) {
        return StepFailure.rejected(
                Reasons.SOURCE_UNREADABLE_AS_ROWS, "the database refuses source.jdbc.query: " + words(e));
    }

    private StepFailure unavailable(String what, SQLException e) {
        return StepFailure.failed(Reasons.SOURCE_UNAVAILABLE, what + ": " + words(e), e);
    }

    private String words(SQLException e) {
        if (!tellsValues) {
            return "SQL state " + e.getSQLState()
                    + " (the database's words are left out, because the view has sensitive features)";
        }
        return String.valueOf(e.getMessage()).replaceAll("\\s*\\n\\s*", " ");
    }

    private String shown() {
        return jdbc.url().replaceFirst("//[^/@]*@", "//").replaceFirst("\\?.*", "");
    }
}
