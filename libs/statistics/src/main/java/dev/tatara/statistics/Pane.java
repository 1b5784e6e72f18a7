package dev.tatara.statistics;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What one pod saw in a span of time, or many pods in a longer one: a sketch per feature and per prediction.
 *
 * @param origin whose traffic it is
 * @param start first instant, inclusive
 * @param end last instant, exclusive
 * @param sources panes that were merged into this one; 1 as a pod writes it
 * @param rowsSeen rows that were answered, counted exactly
 * @param rowsSampled rows that went into the sketches
 * @param traffic the requests that brought the rows, and those that brought none; null where the pane doesn't tell, as
 *     those of older servers
 * @param columns the sketches, each (role, name, kind of sketch) once
 */
public record Pane(
        Origin origin,
        Instant start,
        Instant end,
        long sources,
        long rowsSeen,
        long rowsSampled,
        Traffic traffic,
        List<Column> columns) {
    public Pane {
        Objects.requireNonNull(origin, "origin");
        Objects.requireNonNull(start, "start");
        Objects.requireNonNull(end, "end");
        columns = List.copyOf(columns);
        if (rowsSeen < 0 || rowsSampled < 0 || sources < 1) {
            throw new IllegalArgumentException("expected counts of 0 or more and 1 source or more, found: rowsSeen "
                    + rowsSeen + ", rowsSampled " + rowsSampled + ", sources " + sources);
        }
    }

    /** A pane that tells nothing of requests. */
    public Pane(
            Origin origin,
            Instant start,
            Instant end,
            long sources,
            long rowsSeen,
            long rowsSampled,
            List<Column> columns) {
        this(origin, start, end, sources, rowsSeen, rowsSampled, null, columns);
    }

    /**
     * Where a pane comes from. Empty where it isn't known or, after a merge, not the same for all.
     *
     * @param namespace of the service
     * @param service name of the InferenceService
     * @param revision of the service
     * @param model name of the model
     * @param modelVersion version of the model
     * @param pod that wrote it
     * @param bootId made up anew at each start of the process
     * @param sequence number of the pane since the start, from 0 and without a gap
     * @param last whether the process ended in order with this pane: where the highest sequence of a boot id hasn't this
     *     mark, the process goes on or was killed with a pane open
     */
    public record Origin(
            String namespace,
            String service,
            String revision,
            String model,
            String modelVersion,
            String pod,
            String bootId,
            long sequence,
            boolean last) {
        public Origin {
            Objects.requireNonNull(namespace, "namespace");
            Objects.requireNonNull(service, "service");
            Objects.requireNonNull(revision, "revision");
            Objects.requireNonNull(model, "model");
            Objects.requireNonNull(modelVersion, "modelVersion");
            Objects.requireNonNull(pod, "pod");
            Objects.requireNonNull(bootId, "bootId");
        }

        /** Where a pane comes from after which there are more. */
        public Origin(
                String namespace,
                String service,
                String revision,
                String model,
                String modelVersion,
                String pod,
                String bootId,
                long sequence) {
            this(namespace, service, revision, model, modelVersion, pod, bootId, sequence, false);
        }

        private Origin common(Origin other) {
            return new Origin(
                    common(namespace, other.namespace),
                    common(service, other.service),
                    common(revision, other.revision),
                    common(model, other.model),
                    common(modelVersion, other.modelVersion),
                    common(pod, other.pod),
                    common(bootId, other.bootId),
                    Math.min(sequence, other.sequence),
                    last && other.last);
        }

        private static String common(String one, String other) {
            return one.equals(other) ? one : "";
        }
    }

    /** Which side of the model a column is on. */
    public enum Role {
        Feature,
        Prediction
    }

    /**
     * One feature or one figure of the prediction.
     *
     * @param role which side of the model it is on
     * @param name as users know it
     * @param sketch its values
     */
    public record Column(Role role, String name, Sketch sketch) {
        public Column {
            Objects.requireNonNull(role, "role");
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(sketch, "sketch");
        }
    }

    private record Key(Role role, String name, Class<? extends Sketch> kind) {
        static Key of(Column column) {
            return new Key(column.role, column.name, column.sketch.getClass());
        }
    }

    /** A pane without rows. */
    public boolean isEmpty() {
        return rowsSeen == 0;
    }

    /** The column of that role and name, the first where there are several kinds. */
    public Optional<Column> column(Role role, String name) {
        return columns.stream()
                .filter(column -> column.role == role && column.name.equals(name))
                .findFirst();
    }

    /**
     * Makes one pane of several: from the earliest start to the latest end, with each column that one of them has. A
     * column that is numbers in one and categories in another stays two columns.
     *
     * @param panes at least one; unchanged
     */
    public static Pane merge(Collection<Pane> panes) {
        Merger merger = new Merger();
        panes.forEach(merger::add);
        return merger.merged()
                .orElseThrow(() -> new IllegalArgumentException("expected at least one pane to merge, found none"));
    }

    /** Merges panes one after the other, so that only the result is kept in memory. */
    public static final class Merger {
        private final Map<Key, Column> columns = new LinkedHashMap<>();
        private Origin origin;
        private Instant start;
        private Instant end;
        private long sources;
        private long rowsSeen;
        private long rowsSampled;
        private Traffic traffic;

        /** Adds what a pane has seen; the pane stays as it is. */
        public void add(Pane pane) {
            if (origin == null) {
                origin = pane.origin;
                start = pane.start;
                end = pane.end;
            } else {
                origin = origin.common(pane.origin);
                start = pane.start.isBefore(start) ? pane.start : start;
                end = pane.end.isAfter(end) ? pane.end : end;
            }
            sources += pane.sources;
            rowsSeen += pane.rowsSeen;
            rowsSampled += pane.rowsSampled;
            if (pane.traffic != null) {
                traffic = traffic == null ? pane.traffic : traffic.plus(pane.traffic);
            }
            for (Column column : pane.columns) {
                Column known = columns.get(Key.of(column));
                if (known == null) {
                    columns.put(Key.of(column), new Column(column.role, column.name, column.sketch.copy()));
                } else {
                    merge(known.sketch, column.sketch);
                }
            }
        }

        private static void merge(Sketch into, Sketch from) {
            switch (into) {
                case NumberSketch numbers -> numbers.merge((NumberSketch) from);
                case CategorySketch categories -> categories.merge((CategorySketch) from);
            }
        }

        /** What was added so far, nothing if that is nothing. */
        public Optional<Pane> merged() {
            return origin == null
                    ? Optional.empty()
                    : Optional.of(new Pane(
                            origin,
                            start,
                            end,
                            sources,
                            rowsSeen,
                            rowsSampled,
                            traffic,
                            new ArrayList<>(columns.values())));
        }
    }
}
