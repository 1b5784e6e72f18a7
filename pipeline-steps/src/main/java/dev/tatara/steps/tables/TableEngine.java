package dev.tatara.steps.tables;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/**
 * A DuckDB of this process alone, in memory up to a bound and beyond it on the step's disk. What is larger than memory
 * spills. Times are UTC. SQL of users runs here too: it can't read files or load extensions, see {@link #seal()}.
 *
 * <p>Used by one thread.
 */
public final class TableEngine implements AutoCloseable {
    private final Connection connection;

    private TableEngine(Connection connection) {
        this.connection = connection;
    }

    /**
     * Opens an empty one.
     *
     * @param spill folder for what doesn't fit into memory, and for nothing else: SQL of users can read it
     * @param memoryBytes bound of DuckDB's buffers; a query that needs more and can't spill fails
     * @param threads at least 1
     */
    public static TableEngine open(Path spill, long memoryBytes, int threads) throws SQLException {
        var settings = new Properties();
        settings.setProperty("memory_limit", memoryBytes + "B");
        settings.setProperty("threads", String.valueOf(threads));
        settings.setProperty("temp_directory", spill.toString());
        settings.setProperty("preserve_insertion_order", "false");
        settings.setProperty("autoinstall_known_extensions", "false");
        settings.setProperty("autoload_known_extensions", "false");
        var engine = new TableEngine(DriverManager.getConnection("jdbc:duckdb:", settings));
        try {
            engine.execute("set TimeZone = 'UTC'");
        } catch (SQLException e) {
            engine.close();
            throw e;
        }
        return engine;
    }

    /** Runs statements that answer nothing. */
    public void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Prepares a statement; the caller closes it. */
    public PreparedStatement prepare(String sql) throws SQLException {
        return connection.prepareStatement(sql);
    }

    /** Takes something from each row of an answer, or from its only one. */
    public <T> T query(String sql, Reader<T> reader) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return reader.read(rows);
        }
    }

    /** The only number of the only row. */
    public long number(String sql) throws SQLException {
        return query(sql, rows -> {
            if (!rows.next()) {
                throw new SQLException("no row from: " + sql);
            }
            return rows.getLong(1);
        });
    }

    /**
     * From now on no statement can reach files, other databases or settings. To be called once the files that a step
     * itself reads are tables or views, before any SQL of users runs.
     */
    public void seal() throws SQLException {
        lock();
    }

    /**
     * The same, except for one folder, where results can be written and what the step puts there can be read.
     *
     * @param shared holds nothing that SQL of users must not read
     */
    public void sealExcept(Path shared) throws SQLException {
        execute("set allowed_directories = [" + Sql.text(shared + "/") + "]");
        lock();
    }

    private void lock() throws SQLException {
        execute("set enable_external_access = false");
        execute("set lock_configuration = true");
    }

    /** What reads an answer. */
    @FunctionalInterface
    public interface Reader<T> {
        T read(ResultSet rows) throws SQLException;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
